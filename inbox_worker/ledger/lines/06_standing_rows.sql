-- Rows of each line's latest version not after the month (4.1.16), corrected (4.3.2.4): name, area and residents are the
-- account's, whoever corrected them. A row told again for the
-- same date wins. `ended` = 1: the line was taken away or its house left, after that version began, or the Customer's contract ended. `place` = 1:
-- the row that speaks for a line with several meters.
-- Without rows of retold_lines, corrected, corrected_rows, house_exits, ended_contracts: unchanged_rows.sql.
select
  v.customer, v.account, v.service, v.house, v.address, v.flat,
  case when n.account is null then v.name else n.name end as name,
  case when a.account is null then v.area else a.area end as area,
  case when r.account is null then v.residents else r.residents end as residents,
  v.base, v.category, v.meter, v.email, v.from_month, v.sequence, v.submission, v.sheet, v.row,
  case when t.account is null and h.house is null and e.customer is null then 0 else 1 end as ended,
  v.place
from (
  select
    o.customer, o.account, o.service, o.house, o.address, o.flat, o.name, o.area, o.residents, o.base, o.category, o.meter,
    o.email, o.from_month, o.sequence, o.submission, o.sheet, o.row, 1 as place
  from line_versions o
  cross join period p
  left join retold_lines m on m.customer = o.customer and m.account = o.account and m.service = o.service
  where o.from_month <= p.month and m.account is null
  union all
  select
    w.customer, w.account, w.service, w.house, w.address, w.flat, w.name, w.area, w.residents, w.base, w.category, w.meter,
    w.email, w.from_month, w.sequence, w.submission, w.sheet, w.row,
    row_number() over (partition by w.customer, w.account, w.service order by w.sequence, w.row) as place
  from (
    select
      d.*,
      row_number() over (
        partition by d.customer, d.account, d.service, d.meter, d.from_month order by d.sequence desc, d.row desc
      ) as newest,
      max(d.from_month) over (partition by d.customer, d.account, d.service) as line_from
    from line_versions d
    join retold_lines m on m.customer = d.customer and m.account = d.account and m.service = d.service
    cross join period p
    where d.from_month <= p.month
  ) w
  where w.newest = 1 and w.from_month = w.line_from
) v
left join corrected_rows n on n.customer = v.customer and n.account = v.account and n.service = v.service
  and n.from_month = v.from_month and n.sequence = v.sequence and n.row = v.row and n.indicator = 'ФИО'
left join corrected_rows a on a.customer = v.customer and a.account = v.account and a.service = v.service
  and a.from_month = v.from_month and a.sequence = v.sequence and a.row = v.row and a.indicator = 'Площадь'
left join corrected_rows r on r.customer = v.customer and r.account = v.account and r.service = v.service
  and r.from_month = v.from_month and r.sequence = v.sequence and r.row = v.row and r.indicator = 'Проживает'
left join corrected t on t.customer = v.customer and t.account = v.account and t.service = v.service
  and t.indicator = 'Убрать услугу'
  and (t.from_month > v.from_month or (t.from_month = v.from_month and t.sequence > v.sequence))
left join house_exits h on h.customer = v.customer and h.house = v.house
  and (h.left_month > v.from_month or (h.left_month = v.from_month and h.sequence > v.sequence))
left join ended_contracts e on e.customer = v.customer
