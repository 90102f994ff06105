-- What the debt of a line is made of, a row a closed month, newest first: what grew in it, and how much of that is owed
-- still (see paper_ages); `age` is months before this one. Nothing of a line that owes nothing.
with debt as (
  select closing from paper_lines
  where customer = $customer and account = $account and service = $service and closing > 0
), grown as (
  select age, greatest(charged + undelivered + recalculated, 0) + penalty as grown
  from paper_history where customer = $customer and account = $account and service = $service
), upto as (
  select age, grown, sum(grown) over (order by age) as upto from grown
)
select u.age, cast(u.grown as decimal(18, 2)),
  cast(least(d.closing, u.upto) - least(d.closing, u.upto - u.grown) as decimal(18, 2)) as part
from debt d cross join upto u
order by u.age
