-- The tariff of each line: the latest `Действует с` not after the month wins; at a tie a form beats the directory
-- (4.3.2.1, money.md). `house`, `category`: those the winning form's row is for; with them its further steps are found.
select
  d.customer, d.account, d.service, 0 as by_form, cast(null as varchar) as house, cast(null as varchar) as category, d.tariff,
  d.from_month, d.submission, d.sheet, d.row
from directory_tariffs d
left join form_tariffs f on f.customer = d.customer and f.account = d.account and f.service = d.service
where f.account is null or f.from_month < d.from_month
union all
select
  f.customer, f.account, f.service, 1 as by_form, f.house, f.category, f.tariff, f.from_month, f.submission, f.sheet, f.row
from form_tariffs f
left join directory_tariffs d on d.customer = f.customer and d.account = f.account and d.service = f.service
where d.account is null or d.from_month <= f.from_month
