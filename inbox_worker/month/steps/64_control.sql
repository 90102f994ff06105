-- Rows that break an identity; the close is refused while there is one (money.md).
select l.account, l.customer, l.service, 'closing' as what
from lines l
where l.opening + l.charged + l.undelivered + l.recalculated + l.penalty - l.paid + l.moved <> l.closing
union all
select l.account, l.customer, l.service, 'closing_penalty' as what
from lines l
where l.opening_penalty + l.penalty - l.paid_penalty <> l.closing_penalty
union all
select v.account, v.customer, v.service, 'opening' as what
from previous v
left join lines l on l.account = v.account and l.customer = v.customer and l.service = v.service
where coalesce(l.opening, 0) <> v.closing
union all
select v.account, v.customer, v.service, 'before' as what
from previous v
where v.opening + v.charged + v.undelivered + v.recalculated + v.penalty - v.paid + v.moved <> v.closing
union all
select a.account, a.customer, a.service, 'paid' as what
from paid a
left join lines l on l.account = a.account and l.customer = a.customer and l.service = a.service
where coalesce(l.paid, 0) <> a.paid
union all
select m.account, cast(null as varchar) as customer, cast(null as varchar) as service, 'moved' as what
from moved m
group by m.account
having sum(m.amount) <> 0
