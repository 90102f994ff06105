-- Readings of the month and the one before (`late_readings`); earlier ones only of meters that were not read in both or
-- were replaced. One row a reading.
with steady as (
  select customer, account, service, meter from late_readings where month <= (select month from period)
  group by all having count(distinct month) = 2
  except select customer, account, service, meter from every_meter_change
)
select * from late_readings
union all
select early.* from early_readings early anti join steady using (customer, account, service, meter)
