-- Parts of payments: `account` is the one that the bank named, `stands` the one where staff said that they belong.
create or replace temp view placed as
select a.* exclude (account), a.account as stands, coalesce(r.account, a.account) as account
from allocations a
left join (
  select distinct payment, account from reassigned where reason = 'payment.assigned' and amount < 0
) r on r.payment = coalesce(a.reverses, a.payment)
