-- Meters whose consumption up to the month is asked for, a row a meter: those to be estimated, which have no reading in
-- the month (7.2), with the meters whose place they took; and meters of services with a tariff by steps (4.3.2.1).
-- Empty without rows of metered, every_tariffs where threshold is not null.
with unread as (
  select metered.customer, metered.account, metered.service, metered.meter
  from metered
  cross join period
  left join readings reading on reading.customer = metered.customer and reading.account = metered.account
    and reading.service = metered.service and reading.meter = metered.meter and reading.month = period.month
  where metered.present = 1 and reading.meter is null
),
stepped as (
  select told.service
  from known_tariffs told
  where told.threshold is not null
  union
  select service.follows as service
  from known_tariffs told
  join services service on service.service = told.service
  where told.threshold is not null and service.follows is not null
)
select unread.customer, unread.account, unread.service, unread.meter
from unread
union
select earlier.customer, earlier.account, earlier.service, earlier.meter
from successors earlier
join unread on unread.customer = earlier.customer and unread.account = earlier.account
  and unread.service = earlier.service and unread.meter = earlier.successor
union
select reading.customer, reading.account, reading.service, reading.meter
from readings reading
join stepped on stepped.service = reading.service
