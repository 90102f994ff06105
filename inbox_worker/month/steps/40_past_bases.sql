-- The base that a line had in a past month, where its base has changed since: a tariff of another base does not fit that
-- month (4.3.2.1).
select b.customer, b.account, b.service, b.month, b.base
from (
  select
    v.customer, v.account, v.service, h.month, v.base,
    row_number() over (
      partition by v.customer, v.account, v.service, h.month order by v.from_month desc, v.sequence desc, v.row desc
    ) as place
  from line_versions v
  join (
    select w.customer, w.account, w.service
    from line_versions w
    join retold_lines m on m.customer = w.customer and m.account = w.account and m.service = w.service
    group by w.customer, w.account, w.service
    having count(distinct w.base) > 1
  ) c on c.customer = v.customer and c.account = v.account and c.service = v.service
  join history_lines h on h.customer = v.customer and h.account = v.account and h.service = v.service
    and h.month >= v.from_month
) b
where b.place = 1
