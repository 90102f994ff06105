-- A meter's months up to this one: from reading to reading, and what was estimated where nobody read it (7.2). This
-- month is that of the step meter_use.
create or replace temp table bill_meter_months as
with counted as (
  select
    r.customer, r.account, r.service, r.meter, r.month, r.current, r.rollover,
    lag(r.current) over (partition by r.customer, r.account, r.service, r.meter order by r.month) as before
  from readings r cross join period p where r.month <= p.month
  qualify row_number() over (
    partition by r.customer, r.account, r.service, r.meter, r.month order by r.sequence desc, r.row desc
  ) = 1
), used as (
  select
    c.customer, c.account, c.service, c.meter, c.month, c.current - coalesce(c.before, i.reading, f.reading) as used,
    coalesce(c.rollover, 0) as rollover
  from counted c
  left join put_in_meters i using (customer, account, service, meter)
  left join first_readings f using (customer, account, service, meter)
), months as (
  select
    u.customer, u.account, u.service, u.meter, u.month,
    u.used + case when u.used < 0 then u.rollover else 0 end as used, false as estimated
  from used u cross join period p
  where u.used is not null and u.month < p.month
  union all
  select customer, account, service, meter, month, quantity, true from history_estimates
  where meter_customer = customer and meter_service = service
  union all
  select u.customer, u.account, u.service, u.meter, p.month, u.used, u.current is null
  from meter_use u cross join period p
)
select customer, account, service, meter,
  list({'month': month, 'used': cast(used as decimal(18, 3)), 'estimated': estimated} order by month) as history
from months semi join meter_use using (customer, account, service, meter)
where month > (select month - interval 12 month from period)
group by all
