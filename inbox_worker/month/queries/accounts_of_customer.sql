-- Accounts with lines of a Customer in a close. One row an account.
select distinct account from read_parquet($file) where customer = $customer order by account
