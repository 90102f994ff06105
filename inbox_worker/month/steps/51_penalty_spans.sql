-- Debt overdue in the month before, a row a line and span of days that it stayed the same (4.1.6): the balance that month
-- opened with, less charges that were not overdue yet, less what was paid before; a month that comes to a minus lessens
-- it from its 1st. What a line opened its first month with is a charge of the month before; a line that comes back after
-- it had gone opens with nothing. Months whose bills were overdue are not asked for. The day of a payment still counts.
-- Empty without rows of penalty_terms.
with not_overdue as (
  select charge.customer, charge.account, charge.service, term.after_day, sum(charge.amount) as amount
  from debt_charges charge
  join penalty_terms term on term.customer = charge.customer and term.service = charge.service
    and term.overdue_month < charge.month
  group by charge.customer, charge.account, charge.service, term.after_day
),
paid_days as (
  select part.customer, part.account, part.service, part.paid_on, sum(part.amount) as amount
  from debt_payments part
  group by part.customer, part.account, part.service, part.paid_on
),
paid_until as (
  select
    customer, account, service, cast(null as date) as after_day, min(paid_on) as last_day,
    cast(0 as decimal(18, 2)) as amount
  from paid_days
  group by customer, account, service
  union all
  select
    customer, account, service, paid_on as after_day,
    lead(paid_on) over (partition by customer, account, service order by paid_on) as last_day,
    sum(amount) over (
      partition by customer, account, service order by paid_on rows between unbounded preceding and current row
    ) as amount
  from paid_days
),
spans as (
  select
    line.customer, line.account, line.service, term.rate, term.coefficient, term.cap,
    greatest(term.after_day, coalesce(paid.after_day, term.after_day)) as after_day,
    least(term.last_day, coalesce(paid.last_day, term.last_day)) as last_day,
    line.opening - line.opening_penalty
      + least(line.charged + line.undelivered + line.recalculated, cast(0 as decimal(18, 2)))
      - coalesce(due.amount, 0) - coalesce(paid.amount, 0) as debt,
    term.submission, term.sheet, term.row
  from previous line
  join penalty_terms term on term.customer = line.customer and term.service = line.service
  left join not_overdue due on due.customer = line.customer and due.account = line.account
    and due.service = line.service and due.after_day = term.after_day
  left join paid_until paid on paid.customer = line.customer and paid.account = line.account
    and paid.service = line.service
    and greatest(term.after_day, coalesce(paid.after_day, term.after_day))
      < least(term.last_day, coalesce(paid.last_day, term.last_day))
)
select
  span.customer, span.account, span.service, cast(span.after_day + interval '1' day as date) as first_day,
  date_diff('day', span.after_day, span.last_day) as days, span.debt,
  span.rate, span.coefficient, span.cap, span.submission, span.sheet, span.row
from spans span
where span.debt > 0
