-- Meters put in (`present` = 1) and taken off (0) by notices of replacement (7.2), the latest word on each. A register
-- told after the notice, from its month or a later one, tells its version's meters itself.
-- Empty without rows of every_meter_change.
select e.customer, e.account, e.service, e.meter, e.present, e.month
from (
  select
    n.customer, n.account, n.service, n.meter, n.present, n.month,
    row_number() over (
      partition by n.customer, n.account, n.service, n.meter order by n.month desc, n.sequence desc, n.row desc
    ) as place
  from (
    select c.customer, c.account, c.service, c.meter, 0 as present, c.month, c.sequence, c.row
    from known_meter_change c
    union all
    select c.customer, c.account, c.service, c.new_meter as meter, 1 as present, c.month, c.sequence, c.row
    from known_meter_change c
  ) n
  join standing_rows s on s.customer = n.customer and s.account = n.account and s.service = n.service and s.place = 1
    and (n.month > s.from_month or n.sequence > s.sequence)
) e
where e.place = 1
