-- How many rows of lines there are, and the sum of each figure. One row.
select count(*),
  coalesce(sum(opening), 0.00) as opening,
  coalesce(sum(charged), 0.00) as charged,
  coalesce(sum(undelivered), 0.00) as undelivered,
  coalesce(sum(recalculated), 0.00) as recalculated,
  coalesce(sum(penalty), 0.00) as penalty,
  coalesce(sum(paid), 0.00) as paid,
  coalesce(sum(moved), 0.00) as moved,
  coalesce(sum(closing), 0.00) as closing,
  coalesce(sum(opening_penalty), 0.00) as opening_penalty,
  coalesce(sum(paid_penalty), 0.00) as paid_penalty,
  coalesce(sum(closing_penalty), 0.00) as closing_penalty
from {rows}
