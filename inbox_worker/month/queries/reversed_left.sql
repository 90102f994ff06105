-- What is left of the payments of a bank, number and account that a register takes back. One row each.
select bank, number, account, sum(amount) as amount from (
  select bank, number, account, sum(amount) as amount from placed group by bank, number, account, payment
  union all
  select bank, number, account, greatest(sum(amount), 0) from suspense
  group by bank, number, account, payment having max(amount) > 0
  union all
  select bank, number, account, -amount from reassigned where reason = 'payment.returned'
) semi join taken_back using (bank, number, account) group by bank, number, account
