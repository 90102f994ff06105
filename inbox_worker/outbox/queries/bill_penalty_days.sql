-- Days of one debt together, in the order of their first day (4.1.6).
create or replace temp table bill_penalty_days as
select customer, account, service,
  list({'debt': debt, 'rate': rate, 'coefficient': coefficient, 'days': days} order by first) as penalty_days
from (
  select customer, account, service, debt, rate, coefficient, min(first_day) as first,
    cast(sum(days) as integer) as days
  from penalty_spans group by customer, account, service, debt, rate, coefficient
)
group by customer, account, service
