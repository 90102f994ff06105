-- The rows of a kind that are stored of the accounts asked. One row a fact.
create temp table every_{kind} as select * from stored_rows semi join listed_accounts using (account)
