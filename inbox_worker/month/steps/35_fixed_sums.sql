-- Sums that are told, not counted: the Customer's own charge of the month (4.3.2.5), and the month's payment by a
-- schedule, which is the charge with the operator's and the bank's commission (4.3.9). The latest telling wins.
-- A schedule's months before its form's month of account are not charged: that would be a recalculation.
-- Empty without rows of every_service_charges, every_repair_schedule.
select f.customer, f.account, f.service, f.tariff, f.quantity, f.charged, f.kind, f.submission, f.sheet, f.row
from (
  select
    t.*, row_number() over (
      partition by t.customer, t.account, t.service order by t.month desc, t.sequence desc, t.row desc
    ) as place
  from (
    select
      c.customer, c.account, c.service, c.tariff, cast(null as decimal(18, 3)) as quantity, c.charged,
      'customer' as kind, c.month, c.sequence, c.submission, c.sheet, c.row
    from known_service_charges c
    cross join period p
    where c.month = p.month
    union all
    select
      s.customer, s.account, s.service, cast(s.total as decimal(18, 4)) as tariff,
      cast(1 as decimal(18, 3)) as quantity, s.total as charged,
      'schedule' as kind, s.month, s.sequence, s.submission, s.sheet, s.row
    from known_repair_schedule s
    cross join period p
    where s.pay_month = p.month
  ) t
) f
where f.place = 1
