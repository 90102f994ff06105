-- Accounts for which the same bank brought exactly this sum lately, by another payment. One row a payment and account.
select distinct a.payment, a.account from agreeing a
join bank_register r on r.account = a.account and r.amount = a.amount and coalesce(r.bank, '') = a.bank
  and r.payment <> a.payment
