-- Lines whose figures differ between a close's file ($before) and `lines_now`, the largest change of the balance first.
-- One row a line; null = that side has no such line.
select account, customer, service,
  before.tariff as tariff_before, now.tariff as tariff_now,
  before.quantity as quantity_before, now.quantity as quantity_now,
  before.opening as opening_before, now.opening as opening_now,
  before.charged as charged_before, now.charged as charged_now,
  before.undelivered as undelivered_before, now.undelivered as undelivered_now,
  before.recalculated as recalculated_before, now.recalculated as recalculated_now,
  before.penalty as penalty_before, now.penalty as penalty_now,
  before.paid as paid_before, now.paid as paid_now,
  before.moved as moved_before, now.moved as moved_now,
  before.closing as closing_before, now.closing as closing_now,
  before.opening_penalty as opening_penalty_before, now.opening_penalty as opening_penalty_now,
  before.paid_penalty as paid_penalty_before, now.paid_penalty as paid_penalty_now,
  before.closing_penalty as closing_penalty_before, now.closing_penalty as closing_penalty_now
from read_parquet($before) before
full outer join lines_now now using (account, customer, service)
where before.tariff is distinct from now.tariff
  or before.quantity is distinct from now.quantity
  or before.opening is distinct from now.opening
  or before.charged is distinct from now.charged
  or before.undelivered is distinct from now.undelivered
  or before.recalculated is distinct from now.recalculated
  or before.penalty is distinct from now.penalty
  or before.paid is distinct from now.paid
  or before.moved is distinct from now.moved
  or before.closing is distinct from now.closing
  or before.opening_penalty is distinct from now.opening_penalty
  or before.paid_penalty is distinct from now.paid_penalty
  or before.closing_penalty is distinct from now.closing_penalty
order by abs(coalesce(now.closing, 0) - coalesce(before.closing, 0)) desc, account, customer, service
