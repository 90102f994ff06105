-- The type of accounts, and every account that a register or a form tells of, as its text and as the number it is in the
-- steps. One row an account.
create temp type account_key as enum (select account from told_accounts order by account);
create temp table account_keys as
select account as known_text, cast(account as account_key) as known_key
from told_accounts
