-- Lines left out of billing on the 1st of the month by the operator's register of stops (10.2, 10.3, 10.8): of an
-- account or of a house, of one service or of all; or of a service that its Customer gave up (10.1), wherever it stands.
-- The later row speaks for a line.
-- Empty without rows of every_stops.
select z.customer, z.account, z.service, z.reason, z.clause, z.submission, z.sheet, z.row
from (
  select
    y.*, row_number() over (
      partition by y.customer, y.account, y.service order by y.from_date desc, y.sequence desc, y.row desc
    ) as place
  from (
    select l.customer, l.account, l.service, s.reason, s.clause, s.from_date, s.sequence, s.submission, s.sheet, s.row
    from stops s
    join lines_in_force l on l.customer = s.customer and l.account = s.account
    cross join period p
    where s.from_date <= p.month and (s.to_date is null or s.to_date >= p.month)
      and (s.service is null or s.service = l.service)
    union all
    select l.customer, l.account, l.service, s.reason, s.clause, s.from_date, s.sequence, s.submission, s.sheet, s.row
    from stops s
    join lines_in_force l on l.customer = s.customer and l.house = s.house
    cross join period p
    where s.from_date <= p.month and (s.to_date is null or s.to_date >= p.month)
      and (s.service is null or s.service = l.service)
    union all
    select l.customer, l.account, l.service, s.reason, s.clause, s.from_date, s.sequence, s.submission, s.sheet, s.row
    from stops s
    join lines_in_force l on l.customer = s.customer and l.service = s.service
    cross join period p
    where s.from_date <= p.month and (s.to_date is null or s.to_date >= p.month)
      and s.account is null and s.house is null
  ) y
) z
where z.place = 1
