-- The month's figures of each line, before payments are moved between lines; a row a line in force, or with a balance or
-- an entry of the month, or that gives back what was moved to it (money.md). A line new to the ledger opens with `Сальдо` of its first directory row. `due` is what
-- the line closes with if nothing is moved.
with in_force as (
  select
    line.customer, line.account, line.service, charge.tariff, charge.quantity, charge.charged, 1 as stands
  from lines_in_force line
  left join charges charge on charge.customer = line.customer and charge.account = line.account
    and charge.service = line.service
),
before as (
  select line.customer, line.account, line.service, line.closing, line.closing_penalty
  from previous line
),
opening as (
  select told.customer, told.account, told.service, told.balance
  from opening_balances told
),
recalculations as (
  select entry.customer, entry.account, entry.service, cast(sum(entry.amount) as decimal(18, 2)) as recalculated
  from recalculation_rows entry
  group by entry.customer, entry.account, entry.service
),
reductions as (
  select
    entry.customer, entry.account, entry.service,
    cast(-round(round(sum(entry.amount), 9), 2) as decimal(18, 2)) as undelivered
  from undelivered_rows entry
  group by entry.customer, entry.account, entry.service
),
fines as (
  select fine.customer, fine.account, fine.service, fine.amount as penalty
  from penalties fine
  where fine.amount <> 0
),
payments as (
  select
    paid.customer, paid.account, paid.service, cast(paid.paid as decimal(18, 2)) as paid,
    cast(paid.paid_penalty as decimal(18, 2)) as paid_penalty
  from paid
  union all
  select
    moved.customer, moved.account, moved.service, cast(0 as decimal(18, 2)) as paid,
    cast(0 as decimal(18, 2)) as paid_penalty
  from moved_before moved
  left join paid on paid.customer = moved.customer and paid.account = moved.account and paid.service = moved.service
  where paid.account is null
),
known as (
  select *
  from in_force
  full join before using (customer, account, service)
  full join opening using (customer, account, service)
  full join recalculations using (customer, account, service)
  full join reductions using (customer, account, service)
  full join fines using (customer, account, service)
  full join payments using (customer, account, service)
),
figures as (
  select
    line.account, line.customer, line.service,
    cast(coalesce(line.tariff, 0) as decimal(18, 4)) as tariff,
    cast(coalesce(line.quantity, 0) as decimal(18, 3)) as quantity,
    cast(coalesce(line.closing, line.balance, 0) as decimal(18, 2)) as opening,
    cast(coalesce(line.charged, 0) as decimal(18, 2)) as charged,
    cast(coalesce(line.undelivered, 0) as decimal(18, 2)) as undelivered,
    cast(coalesce(line.recalculated, 0) as decimal(18, 2)) as recalculated,
    cast(coalesce(line.penalty, 0) as decimal(18, 2)) as penalty,
    cast(coalesce(line.paid, 0) as decimal(18, 2)) as paid,
    cast(coalesce(line.closing_penalty, 0) as decimal(18, 2)) as opening_penalty,
    cast(coalesce(line.paid_penalty, 0) as decimal(18, 2)) as paid_penalty
  from known line
  where line.stands = 1 or line.closing <> 0 or line.closing_penalty <> 0 or line.balance <> 0
    or line.recalculated is not null or line.undelivered is not null or line.penalty is not null
    or line.paid is not null
)
select
  line.account, line.customer, line.service, line.tariff, line.quantity, line.opening, line.charged, line.undelivered,
  line.recalculated, line.penalty, line.paid,
  line.opening + line.charged + line.undelivered + line.recalculated + line.penalty - line.paid as due,
  line.opening_penalty, line.paid_penalty
from figures line
