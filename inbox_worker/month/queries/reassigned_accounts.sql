-- Accounts that payments in suspense were assigned to or taken from. One row an account.
select distinct account from reassigned
