-- Rows of forms with the days without service of a line that the month counts (4.1.5): a day told several times is the
-- row's that told it first. One row a form's row and month of the days.
select told.days_month, count(*) as days, told.submission, told.sheet, told.row
from (
  select
    days.*,
    row_number() over (partition by days.day order by days.month, days.sequence, days.sheet, days.row) as turn
  from (
    select
      cast(date_trunc('month', u.from_date) as date) as days_month, u.month, u.sequence, u.submission, u.sheet, u.row,
      unnest(range(u.from_date, u.to_date + interval 1 day, interval 1 day)) as day
    from known_lines l
    left join past_houses h on h.customer = l.customer and h.account = l.account and h.service = l.service
    join undelivered u on u.customer = l.customer and u.service = l.service
      and (u.account = l.account or u.house = case when h.account is null then l.house else h.house end)
      and (h.since is null or u.from_date >= h.since) and (h.until is null or u.from_date < h.until)
    where l.customer = $customer and l.account = $account and l.service = $service
  ) days
) told
join period p on p.month = told.month
where told.turn = 1
group by told.days_month, told.sequence, told.submission, told.sheet, told.row
order by told.days_month, told.sequence, told.sheet, told.row
