-- Tariffs of forms as the month knows them: those that count in it or earlier. A form of a later month of account
-- neither shows here nor takes away the row it corrects: a late tariff leaves earlier months alone (4.3.2).
select
  f.customer, f.service, f.house, f.base, f.tariff, f.from_month, f.applies_from, f.month, f.sequence,
  f.submission, f.sheet, f.row
from every_tariffs f
cross join period p
left join (
  select r.replaces_submission, r.replaces_sheet, r.replaces_row
  from every_tariffs r
  cross join period q
  where r.replaces_row is not null and r.month <= q.month
) x on x.replaces_submission = f.submission and x.replaces_sheet = f.sheet and x.replaces_row = f.row
where f.month <= p.month and x.replaces_row is null
