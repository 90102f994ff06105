-- The month's figures of each line, before payments are moved between lines. A line new to the ledger opens with
-- `Сальдо` of its first directory row. `due` is what the line closes with if nothing is moved.
select
  s.account, s.customer, s.service, s.tariff, s.quantity, s.opening, s.charged, s.undelivered, s.recalculated,
  s.penalty, s.paid, s.opening + s.charged + s.undelivered + s.recalculated + s.penalty - s.paid as due,
  s.opening_penalty, s.paid_penalty
from (
  select
    k.account, k.customer, k.service,
    cast(coalesce(c.tariff, 0) as decimal(18, 4)) as tariff,
    cast(coalesce(c.quantity, 0) as decimal(18, 3)) as quantity,
    cast(coalesce(v.closing, f.balance, 0) as decimal(18, 2)) as opening,
    cast(coalesce(c.charged, 0) as decimal(18, 2)) as charged,
    cast(-round(round(coalesce(u.amount, 0), 9), 2) as decimal(18, 2)) as undelivered,
    cast(coalesce(r.amount, 0) as decimal(18, 2)) as recalculated,
    cast(coalesce(e.amount, 0) as decimal(18, 2)) as penalty,
    cast(coalesce(a.paid, 0) as decimal(18, 2)) as paid,
    cast(coalesce(v.closing_penalty, 0) as decimal(18, 2)) as opening_penalty,
    cast(coalesce(a.paid_penalty, 0) as decimal(18, 2)) as paid_penalty
  from (
    select l.customer, l.account, l.service from lines_in_force l
    union all
    select distinct o.customer, o.account, o.service
    from (
      select v.customer, v.account, v.service from previous v where v.closing <> 0 or v.closing_penalty <> 0
      union all
      select b.customer, b.account, b.service from opening_balances b where b.balance <> 0
      union all
      select w.customer, w.account, w.service from recalculation_rows w
      union all
      select u.customer, u.account, u.service from undelivered_rows u
      union all
      select z.customer, z.account, z.service from penalties z where z.amount <> 0
      union all
      select y.customer, y.account, y.service from paid y
    ) o
    left join lines_in_force i on i.customer = o.customer and i.account = o.account and i.service = o.service
    where i.account is null
  ) k
  left join charges c on c.customer = k.customer and c.account = k.account and c.service = k.service
  left join previous v on v.customer = k.customer and v.account = k.account and v.service = k.service
  left join opening_balances f on f.customer = k.customer and f.account = k.account and f.service = k.service
  left join (
    select customer, account, service, sum(amount) as amount
    from recalculation_rows
    group by customer, account, service
  ) r on r.customer = k.customer and r.account = k.account and r.service = k.service
  left join (
    select customer, account, service, sum(amount) as amount
    from undelivered_rows
    group by customer, account, service
  ) u on u.customer = k.customer and u.account = k.account and u.service = k.service
  left join penalties e on e.customer = k.customer and e.account = k.account and e.service = k.service
  left join paid a on a.customer = k.customer and a.account = k.account and a.service = k.service
) s
