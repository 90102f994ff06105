-- Charges (with all that the turnover's first page has in them), payments, debts and advances of the month by Customer or
-- house, as the page for staff shows them. One row each.
select coalesce({by}, $nowhere) as name,
  cast(sum(charged + undelivered + recalculated + penalty + moved) as decimal(18, 2)) as charged,
  cast(sum(paid) as decimal(18, 2)) as paid, cast(sum(greatest(closing, 0)) as decimal(18, 2)) as debt,
  cast(sum(greatest(-closing, 0)) as decimal(18, 2)) as advance
from paper_lines group by all order by name
