-- The month's charges by steps (4.3.2.1), a row a line and step, as the close keeps them: `threshold` is where the step
-- begins, times the months and residents that it stands for.
-- Empty without rows of step_parts.
select
  part.account, part.customer, part.service, part.step, part.begins as threshold, part.tariff, part.quantity,
  part.amount, part.submission, part.sheet, part.row
from step_parts part
join period on period.month = part.month
