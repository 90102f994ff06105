-- The month's balance, a row a line: opening + charged + undelivered + recalculated + penalty - paid + moved
-- = closing (money.md).
select
  b.account, b.customer, b.service, b.tariff, b.quantity, b.opening, b.charged, b.undelivered, b.recalculated,
  b.penalty, b.paid, cast(coalesce(m.amount, 0) as decimal(18, 2)) as moved,
  cast(b.due + coalesce(m.amount, 0) as decimal(18, 2)) as closing,
  b.opening_penalty, b.paid_penalty,
  cast(b.opening_penalty + b.penalty - b.paid_penalty as decimal(18, 2)) as closing_penalty
from balances b
left join moved m on m.customer = b.customer and m.account = b.account and m.service = b.service
