-- Every account that a register or a form tells of, as its text and as the number it is in the steps. One row an account.
select account as known_text, cast(account as account_key) as known_key
from told_accounts
