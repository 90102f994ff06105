-- The last day up to the month's end of a payment that stands, and what came that day, less what the bank has taken back of
-- it since. Payments without a reversal of their name are not looked at one by one. One row an account and Customer.
create temp table paper_last_payments as
with back as (
  select account, customer, bank, number, paid_on, sum(amount) as amount
  from paper_paid where amount < 0 group by all
),
named as (
  select p.account, p.customer, p.bank, p.number, p.paid_on, sum(p.amount) as amount
  from paper_paid p semi join back using (account, customer, bank, number)
  where p.amount > 0 group by all
),
standing as (
  select p.account, p.customer, p.paid_on, p.amount
  from paper_paid p anti join back using (account, customer, bank, number)
  where p.amount > 0
  union all
  select n.account, n.customer, n.paid_on, any_value(n.amount) + coalesce(sum(b.amount), 0) as amount
  from named n
  left join back b on b.account = n.account and b.customer = n.customer and b.bank = n.bank and b.number = n.number
    and b.paid_on >= n.paid_on
  group by n.account, n.customer, n.bank, n.number, n.paid_on
  having any_value(n.amount) + coalesce(sum(b.amount), 0) > 0
)
select account, customer, paid_on as last_paid_on, cast(sum(amount) as decimal(18, 2)) as last_paid
from standing
group by account, customer, paid_on
qualify paid_on = max(paid_on) over (partition by account, customer)
