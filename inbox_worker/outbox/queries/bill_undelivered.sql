-- Days without a service that the month takes off, from the first to the last that its forms name, with their reasons;
-- and how many of the days named there an earlier month took off already. One row a line and month of the days.
select u.account, u.customer, u.service, cast(u.days_now as integer), min(f.from_date), max(f.to_date),
  coalesce(string_agg(distinct nullif(f.reason, ''), '; ' order by nullif(f.reason, '')), ''),
  case
    when u.days_before = 0 then 0
    else cast(
      len(list_distinct(flatten(list(generate_series(f.from_date, f.to_date, interval 1 day))))) - u.days_now as integer
    )
  end
from undelivered_rows u
join known_lines l on l.customer = u.customer and l.account = u.account and l.service = u.service
join undelivered f on f.customer = l.customer and f.service = l.service
  and (f.account = l.account or f.house = l.house) and cast(date_trunc('month', f.from_date) as date) = u.days_month
join period p on p.month = f.month
group by u.account, u.customer, u.service, u.days_month, u.days_now, u.days_before
order by all
