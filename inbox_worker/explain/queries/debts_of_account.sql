-- Balances of an account's lines. One row a line.
select customer, service, closing from lines where account = $account
