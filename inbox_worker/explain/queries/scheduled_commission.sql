-- The row of a line's schedule that states these commissions in this total, by which a fee was withheld (4.3.9): of the
-- payment's month, else the nearest earlier one, else the first; of two for a month the later form's.
select s.submission, s.sheet, s.row
from known_repair_schedule s
where s.customer = $customer and s.account = $account and s.service = $service
  and s.total = $of and s.operator_fee + s.bank_fee = $commission
order by s.pay_month > $day, case when s.pay_month <= $day then s.pay_month end desc, s.pay_month,
  s.month desc, s.sequence desc, s.row desc
limit 1
