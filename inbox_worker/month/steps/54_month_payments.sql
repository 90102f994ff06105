-- Parts of payments that were posted in the month, as they were allocated on loading (4.1.7).
-- Empty without rows of allocations.
select a.*
from allocations a
cross join period p
where a.month = p.month
