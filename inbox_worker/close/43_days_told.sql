-- Days without service by line and month of the days (4.1.5): told before this month and told in it.
select
  l.customer, l.account, l.service, u.days_month, p.month,
  sum(case when u.month < p.month then u.days else 0 end) as days_before,
  sum(case when u.month = p.month then u.days else 0 end) as days_now,
  max(case when u.month = p.month then u.submission end) as submission,
  max(case when u.month = p.month then u.sheet end) as sheet,
  max(case when u.month = p.month then u.row end) as row
from known_lines l
join (
  select v.*, cast(date_trunc('month', v.from_date) as date) as days_month from undelivered v
) u on u.customer = l.customer and u.service = l.service and (u.account = l.account or u.house = l.house)
cross join period p
where u.month <= p.month
group by l.customer, l.account, l.service, u.days_month, p.month
