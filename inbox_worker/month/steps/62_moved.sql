-- What is moved between lines (10.10), a row a line: what leaves one goes to the others left in the bill in proportion
-- to their charges of the month (all to the first line by service order if there is none), and what goes back comes
-- from them in proportion to what they had got; tiyn left over to the largest remainders. Plus takes a payment from a
-- line, minus gives it: over the account the moves add up to zero. Tiyn x tiyn may pass 64 bits, so products are
-- decimals; what is left by dividing is taken off first, so that the quotient of two floats is a whole number.
-- Empty without rows of leaving.
with shared as (
  select q.account, q.back, cast(sum(q.amount) * 100 as bigint) as total
  from leaving q
  group by q.account, q.back
),
heirs as (
  select
    l.account, l.customer, l.service, q.back, q.total,
    cast(greatest(e.charged, cast(0 as decimal(18, 2))) * 100 as bigint) as weight,
    row_number() over (partition by l.account order by s.place, l.customer) as line_place
  from lines_in_force l
  join balances e on e.customer = l.customer and e.account = l.account and e.service = l.service
  join services s on s.service = l.service
  left join ended_contracts x on x.customer = l.customer
  join shared q on q.account = l.account and q.back = 0
  where x.customer is null
  union all
  select
    m.account, m.customer, m.service, q.back, q.total, cast(-m.moved * 100 as bigint) as weight,
    row_number() over (partition by m.account order by s.place, m.customer) as line_place
  from moved_before m
  join services s on s.service = m.service
  join shared q on q.account = m.account and q.back = 1
  where m.moved < 0
),
weighed as (
  select
    h.account, h.customer, h.service, h.back, cast(h.total as decimal(38, 0)) as total, h.line_place,
    cast(case when h.weights > 0 then h.weight when h.line_place = 1 then 1 else 0 end as decimal(38, 0)) as weight,
    cast(case when h.weights > 0 then h.weights else 1 end as decimal(38, 0)) as weights
  from (
    select i.*, cast(sum(i.weight) over (partition by i.account, i.back) as bigint) as weights
    from heirs i
  ) h
),
shares as (
  select
    n.account, n.customer, n.service, n.back,
    n.share + case when n.turn <= n.total - n.given then 1 else 0 end as tiyn
  from (
    select
      m.account, m.customer, m.service, m.back, m.total, m.share,
      sum(m.share) over (partition by m.account, m.back) as given,
      row_number() over (partition by m.account, m.back order by m.remainder desc, m.line_place) as turn
    from (
      select
        k.account, k.customer, k.service, k.back, k.total, k.line_place,
        cast(round(
          cast(k.total * k.weight - (k.total * k.weight) % k.weights as double) / cast(k.weights as double)
        ) as decimal(18, 0)) as share,
        (k.total * k.weight) % k.weights as remainder
      from weighed k
    ) m
  ) n
)
select g.account, g.customer, g.service, cast(sum(g.amount) as decimal(18, 2)) as amount
from (
  select f.account, f.customer, f.service, case when f.back = 0 then f.amount else -f.amount end as amount
  from leaving f
  union all
  select
    r.account, r.customer, r.service,
    cast(case when r.back = 0 then -r.tiyn else r.tiyn end * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as amount
  from shares r
) g
group by g.account, g.customer, g.service
having sum(g.amount) <> 0
