-- Rows of the register and of the last close by account, to cut a town into ranges. One row an account.
select account, count(*) as rows
from (
  select account from every_directory
  union all select account from every_new_houses
  union all select account from last_lines
)
group by account
