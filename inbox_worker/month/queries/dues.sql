-- What the lines of the accounts asked still await. A line of a Customer whose contract has ended and that brought
-- nothing into the month awaits only payments that name its Customer, also when one has come already: the close moves
-- them on (10.10).
select d.account, d.customer, d.service, d.named_only,
  cast(greatest(d.opening - d.opening_took, 0) as decimal(18, 2)) as opening,
  cast(greatest(d.month - d.month_took, 0) as decimal(18, 2)) as month,
  cast(greatest(d.opening_penalty - d.opening_penalty_took, 0) as decimal(18, 2)) as opening_penalty,
  cast(greatest(d.penalty - d.penalty_took, 0) as decimal(18, 2)) as penalty,
  cast(greatest(d.charged, 0) as decimal(18, 2)) as charged
from (
  select l.account, l.customer, l.service, s.place, l.charged,
    l.customer in (select customer from ended_contracts) and l.opening = 0 and l.charged = 0 and l.undelivered = 0
      and l.recalculated = 0 and l.penalty = 0 as named_only,
    greatest(l.opening - l.opening_penalty, 0) as opening,
    greatest(l.charged + l.undelivered + l.recalculated, 0) as month,
    greatest(l.opening_penalty, 0) as opening_penalty, greatest(l.penalty, 0) as penalty,
    coalesce(a.opening_part, 0) as opening_took, coalesce(a.month_part, 0) as month_took,
    coalesce(a.opening_penalty_part, 0) as opening_penalty_took, coalesce(a.penalty_part, 0) as penalty_took
  from lines l
  semi join asked using (account)
  join services s using (service)
  left join (
    select account, customer, service, sum(opening_part) as opening_part, sum(month_part) as month_part,
      sum(opening_penalty_part) as opening_penalty_part, sum(penalty_part) as penalty_part
    from allocations cross join period p where allocations.month = p.month group by account, customer, service
  ) a using (account, customer, service)
  union all
  select k.account, k.customer, k.service, s.place, 0, true, 0, 0, 0, 0, 0, 0, 0, 0
  from known_lines k
  semi join ended_contracts e using (customer)
  semi join asked using (account)
  anti join lines l on l.account = k.account and l.customer = k.customer and l.service = k.service
  join services s using (service)
) d
order by d.account, d.place, d.customer
