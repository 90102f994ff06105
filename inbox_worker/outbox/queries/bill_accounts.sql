-- Accounts whose bills are asked: some, those of a Customer, or all. One row an account.
create or replace temp table bill_accounts as
select distinct account from lines
where case when len($accounts::varchar[]) > 0 then account in (select unnest($accounts::varchar[]))
  when $customer <> '' then account in (select account from lines where customer = $customer)
  else true end
