-- The types of the keys, each by a column of its name. No rows.
create temp table no_keys (account_key account_key, customer_key customer_key, service_key service_key)
