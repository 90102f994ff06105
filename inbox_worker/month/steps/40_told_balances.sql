-- Balances told of lines that the month before does not know: `Сальдо` of the register, the first one given; where
-- the register gives none, the debt or overpayment that the Customer's own file states (4.3.2.5). Rows are only
-- ranked where a line has several.
-- Empty without rows of every_directory where balance is not null, every_service_charges.
with several as (
  select r.customer, r.account, r.service
  from retold_lines r
  union
  select c.customer, c.account, c.service
  from known_service_charges c
  cross join period p
  where c.balance is not null and c.month = p.month
),
told as (
  select d.customer, d.account, d.service, d.balance, 0 as by_form, d.from_month, d.sequence, d.submission, d.sheet, d.row
  from directory d
  cross join period p
  left join previous k on k.customer = d.customer and k.account = d.account and k.service = d.service
  where d.balance is not null and d.from_month <= p.month and k.account is null
)
select t.customer, t.account, t.service, t.balance, t.submission, t.sheet, t.row
from told t
left join several s on s.customer = t.customer and s.account = t.account and s.service = t.service
where s.account is null
union all
select b.customer, b.account, b.service, b.balance, b.submission, b.sheet, b.row
from (
  select
    g.*, row_number() over (
      partition by g.customer, g.account, g.service order by g.by_form, g.from_month, g.sequence, g.row
    ) as place
  from (
    select t.*
    from told t
    join several s on s.customer = t.customer and s.account = t.account and s.service = t.service
    union all
    select
      c.customer, c.account, c.service, c.balance, 1 as by_form, c.month, -c.sequence, c.submission, c.sheet, c.row
    from known_service_charges c
    cross join period p
    left join previous k on k.customer = c.customer and k.account = c.account and k.service = c.service
    where c.balance is not null and c.month = p.month and k.account is null
  ) g
) b
where b.place = 1
