-- Recalculations of the month by line, kind and proof (4.1.8). One row each.
select r.account, r.customer, r.service, r.kind, min(r.past_month), max(r.past_month),
  cast(sum(r.amount) as decimal(18, 2)), coalesce(max(f.basis), '') as basis
from recalculation_rows r
left join every_recalculations f on f.submission = r.submission and f.sheet = r.sheet and f.row = r.row
  and r.kind = 'form'
group by r.account, r.customer, r.service, r.kind, f.basis order by all
