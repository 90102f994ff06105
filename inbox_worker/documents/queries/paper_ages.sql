-- The debt of every line that owes, by the months it is made of, newest first; `age` is months before this one. What a
-- month gives back lessens the oldest debt, not the month's penalty; so does what is moved to a line, as a payment (10.10).
-- $known: how many closed months there are. One row a line.
create temp table paper_ages as
with debts as (
  select account, customer, service, closing from paper_lines where closing > 0
), grown as (
  select account, customer, service, age, greatest(charged + undelivered + recalculated, 0) + penalty as grown
  from paper_history semi join debts using (account, customer, service)
), upto as (
  select *, sum(grown) over (partition by account, customer, service order by age) as upto from grown
), parts as (
  select d.account, d.customer, d.service, d.closing, g.age,
    coalesce(least(d.closing, g.upto) - least(d.closing, g.upto - g.grown), 0) as part
  from debts d
  left join upto g on g.account = d.account and g.customer = d.customer and g.service = d.service
)
select account, customer, service,
  cast(sum(case when age = 0 then part else 0 end) as decimal(18, 2)) as age_1,
  cast(sum(case when age between 1 and 2 then part else 0 end) as decimal(18, 2)) as age_2_3,
  cast(sum(case when age between 3 and 5 then part else 0 end) as decimal(18, 2)) as age_4_6,
  cast(sum(case when age between 6 and 11 then part else 0 end) as decimal(18, 2)) as age_7_12,
  cast(sum(case when age >= 12 then part else 0 end) as decimal(18, 2)) as age_over_12,
  cast(max(closing) - sum(part) as decimal(18, 2)) as age_before,
  cast(case when max(closing) > sum(part) then $known::integer + 1
    else coalesce(max(case when part > 0 then age end), 0) + 1 end as integer) as months
from parts group by account, customer, service
