-- Sheets of the submissions that a Customer's month goes back to: of days without a service that several forms told,
-- each of them. One row a sheet.
select distinct submission, sheet from (
  select customer, submission, sheet from line_rows
  union all select customer, submission, sheet from tariffs_in_force
  union all select customer, submission, sheet from meter_use where submission is not null
  union all select customer, submission, sheet from recalculation_rows
  union all
  select u.customer, f.submission, f.sheet
  from undelivered_rows u
  join known_lines l on l.customer = u.customer and l.account = u.account and l.service = u.service
  join undelivered f on f.customer = l.customer and f.service = l.service
    and (f.account = l.account or f.house = l.house) and cast(date_trunc('month', f.from_date) as date) = u.days_month
  join period p on p.month = f.month
  union all select a.customer, a.submission, a.sheet from allocations a cross join period p where a.month = p.month
) where customer = $customer order by submission, sheet
