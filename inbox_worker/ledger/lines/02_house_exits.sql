-- Houses that have left their Customer by the 1st of the month (4.3.11): a house is charged for the whole month
-- it leaves in and is gone from the 1st of the next, whenever the notice came; a closed month stays as it was.
-- Empty without rows of every_house_exit.
select x.customer, x.house, x.left_month, x.sequence, x.submission, x.sheet, x.row
from (
  select
    e.customer, e.house, e.sequence, e.submission, e.sheet, e.row,
    cast(date_trunc('month', e.left_on) + interval '1' month as date) as left_month,
    row_number() over (
      partition by e.customer, e.house order by date_trunc('month', e.left_on) desc, e.sequence desc, e.row desc
    ) as place
  from house_exit e
  cross join period p
  where cast(date_trunc('month', e.left_on) + interval '1' month as date) <= p.month
) x
where x.place = 1
