-- Steps of past months that were recalculated in this month (4.1.4, 7.2), a row a line, past month and step: what days
-- without service of those months are measured on later.
-- Empty without rows of step_parts.
select
  part.account, part.customer, part.service, part.month as past_month, part.step, part.begins as threshold, part.tariff,
  part.quantity, part.amount, part.submission, part.sheet, part.row
from step_parts part
join recounted on recounted.customer = part.customer and recounted.account = part.account
  and recounted.service = part.service and recounted.past_month = part.month
where recounted.charged <> recounted.charged_before
