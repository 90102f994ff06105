-- The row of a schedule that each part of a payment goes by: that of the payment's month, else the nearest earlier one,
-- else the first. Of two rows for a month the later form's counts.
with told as (
  select s.customer, s.account, s.service, s.pay_month, s.total,
    cast(s.operator_fee + s.bank_fee as decimal(18, 2)) as commission,
    row_number() over (
      partition by s.customer, s.account, s.service, s.pay_month order by s.month desc, s.sequence desc, s.row desc
    ) as newest
  from known_repair_schedule s where s.total > 0
)
select c.place, c.commission, c.total from (
  select p.place, t.commission, t.total, row_number() over (
    partition by p.place
    order by t.pay_month > p.paid_on, case when t.pay_month <= p.paid_on then t.pay_month end desc, t.pay_month
  ) as nearest
  from fee_parts p
  join told t on t.newest = 1 and t.customer = p.customer and t.account = p.account and t.service = p.service
) c
where c.nearest = 1 order by c.place
