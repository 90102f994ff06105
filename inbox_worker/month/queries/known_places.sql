-- Places of the accounts asked, of one Customer's or ('') of all. One row an account.
select account, any_value(address) as address, any_value(flat) as flat, any_value(name) as name
from (
  select account, customer, address, flat, name from directory
  union all select account, customer, address, flat, name from new_houses
) semi join asked using (account)
where $payee = '' or account in (
  select account from directory where customer = $payee union all select account from new_houses where customer = $payee
)
group by account order by account
