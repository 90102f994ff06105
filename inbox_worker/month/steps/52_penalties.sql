-- The month's penalty of each line (4.1.6): days' debt x rate / 100 x coefficient / days of the year, rounded half
-- up once, the rounding proved by multiplying back; what is unpaid of it never passes the limit of the debt.
-- Empty without rows of penalty_spans.
select
  r.customer, r.account, r.service, r.days, r.most, r.limit_of_debt, r.weight, r.full_amount,
  greatest(least(r.full_amount, r.limit_of_debt - coalesce(o.closing_penalty, 0)), cast(0 as decimal(18, 2))) as amount,
  r.submission, r.sheet, r.row
from (
  select
    q.customer, q.account, q.service, q.days, q.most, q.limit_of_debt, q.weight, q.submission, q.sheet, q.row,
    cast(
      q.near
      + case
        when q.weight >= (q.near + cast(0.005 as decimal(4, 3))) * (100 * u.year_days) then cast(0.01 as decimal(3, 2))
        when q.weight < (q.near - cast(0.005 as decimal(4, 3))) * (100 * u.year_days) then cast(-0.01 as decimal(3, 2))
        else cast(0 as decimal(3, 2))
      end as decimal(18, 2)
    ) as full_amount
  from (
    select
      s.customer, s.account, s.service, s.days, s.most, s.weight, s.submission, s.sheet, s.row,
      cast(round(s.most * s.cap * cast(0.01 as decimal(3, 2)), 2) as decimal(18, 2)) as limit_of_debt,
      cast(round(cast(s.weight as double) / (100 * i.year_days), 2) as decimal(18, 2)) as near
    from (
      select
        d.customer, d.account, d.service, sum(d.days) as days, max(d.debt) as most,
        least(min(d.cap), cast(100 as decimal(18, 4))) as cap,
        sum(cast(d.debt * d.rate * d.coefficient * d.days as decimal(38, 12))) as weight,
        max(d.submission) as submission, max(d.sheet) as sheet, max(d.row) as row
      from penalty_spans d
      group by d.customer, d.account, d.service
    ) s
    cross join penalty_rule i
  ) q
  cross join penalty_rule u
) r
left join previous o on o.customer = r.customer and o.account = r.account and o.service = r.service
where r.full_amount > 0
