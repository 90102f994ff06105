-- Lines as they begin: rows of the register (4.1.16), and of houses newly taken on, a row a flat and service
-- (4.3.2.2). A new flat's line begins in its form's month of account at the earliest; its base is the service's. `told_from`, `proof`: since when and by which posting
-- the row tells name, area and residents.
select
  d.customer, d.account, d.service, d.house, d.address, d.flat, d.name, d.area, d.residents, d.base, d.category, d.meter,
  d.email, d.from_month, d.sequence, d.from_month as told_from, d.sequence as proof, d.submission, d.sheet, d.row
from directory d
union all
select
  n.customer, n.account, s.service, n.house, n.address, n.flat, n.name, n.area, n.residents, s.base,
  cast(null as varchar) as category, cast(null as varchar) as meter, cast(null as varchar) as email,
  greatest(n.from_date, n.month) as from_month, n.sequence, greatest(n.from_date, n.month) as told_from,
  n.sequence as proof, n.submission, n.sheet, n.row
from known_new_houses n
join services s on contains(concat(';', n.services, ';'), concat(';', s.service, ';'))
