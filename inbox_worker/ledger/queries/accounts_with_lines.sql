-- Which of the accounts asked have a line, begun by a month or ($month null) ever.
select distinct account
from (
  select account, from_month as begins from directory union all select account, from_date from new_houses
)
semi join asked using (account)
where $month is null or begins <= $month
