-- What each line is charged by: area, residents (0 allowed), 1 a flat, or metered consumption; a sewerage or
-- heating-of-water line without a meter of its own follows its water's consumption on the account.
select
  l.customer, l.account, l.service, l.base,
  cast(
    case l.base
      when 'м²' then coalesce(l.area, 0)
      when 'чел.' then coalesce(l.residents, 0)
      when 'кв.' then 1
      when 'счётчик' then
        case when o.meters > 0 or s.follows is null then coalesce(o.used, 0) else coalesce(w.used, 0) end
      else 0
    end as decimal(18, 3)
  ) as quantity,
  case when l.base = 'счётчик' and s.follows is not null and coalesce(o.meters, 0) = 0 then s.follows end as follows
from lines_in_force l
join services s on s.service = l.service
left join (
  select u.customer, u.account, u.service, sum(u.used) as used, count(*) as meters
  from meter_use u
  group by u.customer, u.account, u.service
) o on o.customer = l.customer and o.account = l.account and o.service = l.service
left join (
  select u.account, u.service, sum(u.used) as used
  from meter_use u
  group by u.account, u.service
) w on w.account = l.account and w.service = s.follows
