-- Payments for lines of a Customer whose contract has ended, moved to lines of the others left in the bill (10.10):
-- what such a line got in the month beyond its debt, in proportion to the others' charges of the month (all to the
-- first line by service order if there is none); tiyn left over to the largest remainders. Plus takes a payment from
-- a line, minus gives it: over the account the moves add up to zero. Tiyn x tiyn may pass 64 bits, so products are
-- decimals; what is left by dividing is taken off first, so that the quotient of two floats is a whole number.
-- Empty without rows of ended_contracts.
select g.account, g.customer, g.service, g.amount
from (
  select
    b.account, b.customer, b.service, least(b.paid, -b.due) as amount
  from balances b
  join ended_contracts c on c.customer = b.customer
  left join lines_in_force l on l.customer = b.customer and l.account = b.account and l.service = b.service
  where b.paid > 0 and b.due < 0 and l.account is null
) g
join (
  select distinct r.account
  from lines_in_force r
  left join ended_contracts x on x.customer = r.customer
  where x.customer is null
) t on t.account = g.account
union all
select
  n.account, n.customer, n.service,
  cast(-(n.share + case when n.turn <= n.total - n.given then 1 else 0 end) * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
    as amount
from (
  select
    m.account, m.customer, m.service, m.total, m.share,
    sum(m.share) over (partition by m.account) as given,
    row_number() over (partition by m.account order by m.remainder desc, m.line_place) as turn
  from (
    select
      k.account, k.customer, k.service, k.total, k.line_place,
      cast(round(
        cast(k.total * k.weight - (k.total * k.weight) % k.weights as double) / cast(k.weights as double)
      ) as decimal(18, 0)) as share,
      (k.total * k.weight) % k.weights as remainder
    from (
      select
        h.account, h.customer, h.service, cast(h.total as decimal(38, 0)) as total, h.line_place,
        cast(case when h.charged_all > 0 then h.charged when h.line_place = 1 then 1 else 0 end as decimal(38, 0))
          as weight,
        cast(case when h.charged_all > 0 then h.charged_all else 1 end as decimal(38, 0)) as weights
      from (
        select
          l.account, l.customer, l.service, q.total,
          cast(greatest(e.charged, cast(0 as decimal(18, 2))) * 100 as bigint) as charged,
          cast(sum(greatest(e.charged, cast(0 as decimal(18, 2)))) over (partition by l.account) * 100 as bigint)
            as charged_all,
          row_number() over (partition by l.account order by s.place, l.customer) as line_place
        from lines_in_force l
        join balances e on e.customer = l.customer and e.account = l.account and e.service = l.service
        join services s on s.service = l.service
        left join ended_contracts x on x.customer = l.customer
        join (
          select b.account, cast(sum(least(b.paid, -b.due)) * 100 as bigint) as total
          from balances b
          join ended_contracts c on c.customer = b.customer
          left join lines_in_force i on i.customer = b.customer and i.account = b.account and i.service = b.service
          where b.paid > 0 and b.due < 0 and i.account is null
          group by b.account
        ) q on q.account = l.account
        where x.customer is null
      ) h
    ) k
  ) m
) n
where n.share > 0 or n.turn <= n.total - n.given
