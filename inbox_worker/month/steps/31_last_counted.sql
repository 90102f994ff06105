-- The value that each meter is counted from in the month (7.2): its latest earlier reading, the reading it was put in
-- with where no reading came since, else `Показание` of its first row.
select
  m.customer, m.account, m.service, m.meter,
  case
    when i.month is not null and (e.month is null or e.month < i.month) then i.reading
    else coalesce(e.current, f.reading)
  end as reading,
  case
    when i.month is not null and (e.month is null or e.month < i.month) then i.submission
    else coalesce(e.submission, f.submission)
  end as submission,
  case
    when i.month is not null and (e.month is null or e.month < i.month) then i.sheet
    else coalesce(e.sheet, f.sheet)
  end as sheet,
  case
    when i.month is not null and (e.month is null or e.month < i.month) then i.row
    else coalesce(e.row, f.row)
  end as row
from metered m
left join (
  select
    g.*,
    row_number() over (
      partition by g.customer, g.account, g.service, g.meter order by g.month desc, g.sequence desc
    ) as place
  from readings g
  cross join period p
  where g.month < p.month
) e on e.customer = m.customer and e.account = m.account and e.service = m.service and e.meter = m.meter
  and e.place = 1
left join put_in_meters i on i.customer = m.customer and i.account = m.account and i.service = m.service
  and i.meter = m.meter
left join first_readings f on f.customer = m.customer and f.account = m.account and f.service = m.service
  and f.meter = m.meter
