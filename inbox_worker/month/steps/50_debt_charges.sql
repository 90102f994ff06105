-- What lines of Customers with terms of penalty were charged in the months whose bills were perhaps not overdue yet, a row a
-- line and month (4.1.6). What a line opened its first month with is a charge of the month before; a line that comes back
-- after it had gone opens with nothing.
-- Empty without rows of penalty_terms.
with recent as (
  select line.customer, line.account, line.service, line.month, line.opening, line.opening_penalty from recent_lines line
  union all
  select last.customer, last.account, last.service, last.month, last.opening, last.opening_penalty from previous last
)
select charge.customer, charge.account, charge.service, charge.month, charge.amount
from (
  select
    line.customer, line.account, line.service, line.month, line.charged + line.undelivered + line.recalculated as amount
  from recent_lines line
  union all
  select
    line.customer, line.account, line.service, cast(line.month - interval '1' month as date) as month,
    line.opening - line.opening_penalty as amount
  from recent line
  left join recent earlier on earlier.customer = line.customer and earlier.account = line.account
    and earlier.service = line.service and earlier.month = cast(line.month - interval '1' month as date)
  where earlier.account is null
) charge
join (select distinct term.customer, term.service from penalty_terms term) told
  on told.customer = charge.customer and told.service = charge.service
where charge.amount > 0
