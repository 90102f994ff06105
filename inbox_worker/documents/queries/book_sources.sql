-- Sheets of the submissions that a Customer's month goes back to. One row a sheet.
select distinct submission, sheet from (
  select customer, submission, sheet from line_rows
  union all select customer, submission, sheet from tariffs_in_force
  union all select customer, submission, sheet from meter_use where submission is not null
  union all select customer, submission, sheet from recalculation_rows
  union all select customer, submission, sheet from undelivered_rows
  union all select a.customer, a.submission, a.sheet from allocations a cross join period p where a.month = p.month
) where customer = $customer order by submission, sheet
