-- What earlier months moved from the lines (plus) and to the lines (minus) of accounts of which an advance is taken back,
-- and how much of it is undone: of an ended line never more than the advance (10.10).
-- Empty without rows of given_back.
select
  m.customer, m.account, m.service, m.moved,
  cast(greatest(least(coalesce(t.advance, 0), m.moved), 0) as decimal(18, 2)) as undone
from (
  select l.customer, l.account, l.service, sum(l.moved) as moved
  from moving_lines l
  join (select distinct account from given_back where advance > 0) a on a.account = l.account
  group by l.customer, l.account, l.service
) m
left join given_back t on t.customer = m.customer and t.account = m.account and t.service = m.service
where m.moved <> 0
