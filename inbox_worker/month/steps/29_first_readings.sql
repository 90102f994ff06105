-- `Показание` of each meter's first row: the value counted before the ledger's first reading (7.2). Rows are only
-- ranked where a meter has several.
-- Empty without rows of every_directory where reading is not null.
with several as (
  select d.customer, d.account, d.service, d.meter
  from directory d
  where d.reading is not null and d.meter is not null
  group by d.customer, d.account, d.service, d.meter
  having count(*) > 1
)
select o.customer, o.account, o.service, o.meter, o.reading, o.from_month, o.submission, o.sheet, o.row
from directory o
left join several s on s.customer = o.customer and s.account = o.account and s.service = o.service
  and s.meter = o.meter
where o.reading is not null and o.meter is not null and s.account is null
union all
select f.customer, f.account, f.service, f.meter, f.reading, f.from_month, f.submission, f.sheet, f.row
from (
  select
    d.customer, d.account, d.service, d.meter, d.reading, d.from_month, d.submission, d.sheet, d.row,
    row_number() over (
      partition by d.customer, d.account, d.service, d.meter order by d.from_month, d.sequence, d.row
    ) as place
  from directory d
  join several s on s.customer = d.customer and s.account = d.account and s.service = d.service
    and s.meter = d.meter
  where d.reading is not null
) f
where f.place = 1
