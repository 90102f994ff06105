-- Charges of a line that were not overdue yet on the first day of a span of its debt (4.1.6). One row a span and month.
select s.first_day, c.month, c.amount
from penalty_spans s
join penalty_terms t on t.customer = s.customer and t.service = s.service
  and s.first_day > t.after_day and s.first_day <= t.last_day
join debt_charges c on c.customer = s.customer and c.account = s.account and c.service = s.service
  and c.month > t.overdue_month
where s.customer = $customer and s.account = $account and s.service = $service order by 1, 2
