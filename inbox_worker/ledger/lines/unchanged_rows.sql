-- Rows of each line as of the month, where no line has another row, none is corrected and none has ended: the row that told
-- it is the line's. It is `standing_rows` of most towns and months.
select
  v.customer, v.account, v.service, v.house, v.address, v.flat, v.name, v.area, v.residents, v.base, v.category, v.meter,
  v.email, v.from_month, v.sequence, v.submission, v.sheet, v.row, 0 as ended, cast(1 as bigint) as place
from line_versions v
cross join period p
where v.from_month <= p.month
