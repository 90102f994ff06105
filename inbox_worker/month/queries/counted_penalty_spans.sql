-- Spans of overdue days that a month's penalty was counted of, a row a span, with the penalty posted and the penalty
-- that was unpaid before it (4.1.6).
select
  s.customer, s.account, s.service, s.first_day, s.days, s.debt, s.rate, s.coefficient, s.cap, p.amount,
  coalesce(b.closing_penalty, cast(0 as decimal(18, 2))) as unpaid
from penalty_spans s
join penalties p on p.customer = s.customer and p.account = s.account and p.service = s.service
left join previous b on b.customer = s.customer and b.account = s.account and b.service = s.service
order by s.customer, s.account, s.service, s.first_day
