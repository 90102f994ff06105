-- Proof: the fee is the sum at its rate, half up; of a schedule within half a tiyn; nothing of a payment taken back (4.2.5, 5.1).
-- A row is a broken fee.
select bank, number, account, customer, service, amount, percent, fee,
  cast(round(cast(amount as decimal(38, 2)) * percent * cast(0.01 as decimal(3, 2)), 2) as decimal(18, 2)) as due
from month_payments where amount > 0 and commission is null and fee <> due
union all
select bank, number, account, customer, service, amount, percent, fee, cast(null as decimal(18, 2))
from month_payments where amount > 0 and abs(
  2 * (cast(fee as decimal(18, 2)) * cast(commission_of as decimal(18, 2)) - amount * commission)
) > commission_of * cast(0.01 as decimal(3, 2))
union all
select bank, number, account, customer, service, sum(amount), max(percent), sum(fee), cast(0 as decimal(18, 2))
from allocations a semi join (
  select bank, number, account from month_payments where amount < 0
) using (bank, number, account)
group by bank, number, account, customer, service having sum(amount) = 0 and sum(fee) <> 0
order by all
