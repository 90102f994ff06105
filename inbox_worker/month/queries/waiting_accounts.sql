-- Accounts and months of payments in suspense. One row a payment.
select any_value(account) as account, min(month) as month from suspense group by payment having sum(amount) > 0
