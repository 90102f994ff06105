-- The value that each meter is counted from in the month (7.2): its latest earlier reading, the reading it was put in
-- with where no reading came since, else `Показание` of its first row. Most meters were read in the month before: only
-- of the others all earlier readings are asked for.
-- Empty without rows of metered.
with month_before as (
  select distinct day.month
  from days_before day
),
read_before as (
  select
    reading.*,
    row_number() over (
      partition by reading.customer, reading.account, reading.service, reading.meter order by reading.sequence desc
    ) as turn
  from readings reading
  join month_before on month_before.month = reading.month
),
unread as (
  select metered.customer, metered.account, metered.service, metered.meter
  from metered
  left join read_before on read_before.customer = metered.customer and read_before.account = metered.account
    and read_before.service = metered.service and read_before.meter = metered.meter
  where read_before.meter is null
),
read_earlier as (
  select
    reading.*,
    row_number() over (
      partition by reading.customer, reading.account, reading.service, reading.meter
      order by reading.month desc, reading.sequence desc
    ) as turn
  from readings reading
  join unread on unread.customer = reading.customer and unread.account = reading.account
    and unread.service = reading.service and unread.meter = reading.meter
  cross join period
  where reading.month < period.month
),
latest as (
  select read_before.* from read_before where read_before.turn = 1
  union all
  select read_earlier.* from read_earlier where read_earlier.turn = 1
),
compared as (
  select
    metered.customer, metered.account, metered.service, metered.meter, latest.current, latest.submission, latest.sheet,
    latest.row, put_in.reading as put_in_reading, put_in.submission as put_in_submission,
    put_in.sheet as put_in_sheet, put_in.row as put_in_row,
    case when put_in.month is not null and (latest.month is null or latest.month < put_in.month) then 1 else 0 end
      as since_put_in
  from metered
  left join latest on latest.customer = metered.customer and latest.account = metered.account
    and latest.service = metered.service and latest.meter = metered.meter
  left join put_in_meters put_in on put_in.customer = metered.customer and put_in.account = metered.account
    and put_in.service = metered.service and put_in.meter = metered.meter
)
select
  counted.customer, counted.account, counted.service, counted.meter,
  case when counted.since_put_in = 1 then counted.put_in_reading else coalesce(counted.current, first.reading) end
    as reading,
  case
    when counted.since_put_in = 1 then counted.put_in_submission else coalesce(counted.submission, first.submission)
  end as submission,
  case when counted.since_put_in = 1 then counted.put_in_sheet else coalesce(counted.sheet, first.sheet) end as sheet,
  case when counted.since_put_in = 1 then counted.put_in_row else coalesce(counted.row, first.row) end as row
from compared counted
left join first_readings first on first.customer = counted.customer and first.account = counted.account
  and first.service = counted.service and first.meter = counted.meter
