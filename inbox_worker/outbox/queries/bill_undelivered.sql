-- Days without a service that the month takes off, with their dates and reason. One row a form's row.
select u.account, u.customer, u.service, cast(u.days_now as integer), f.from_date, f.to_date, coalesce(f.reason, '')
from undelivered_rows u
join every_undelivered f on f.submission = u.submission and f.sheet = u.sheet and f.row = u.row
order by all
