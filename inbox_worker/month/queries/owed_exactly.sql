-- Accounts that owe exactly the sum of a payment in suspense. One row a payment and account.
select a.payment, a.account from agreeing a join owed o using (account)
where (a.payee = '' or o.customer = a.payee) and (a.service = '' or o.service = a.service)
group by a.payment, a.account, a.amount having sum(o.closing) = a.amount
