-- Opening balances of lines that no earlier month of the ledger knows: `Сальдо` of the register, the first one given;
-- where the register gives none, the debt or overpayment that the Customer's own file states (4.3.2.5). Of a line
-- that the ledger knows the file's balance is only compared.
select b.customer, b.account, b.service, b.balance, b.submission, b.sheet, b.row
from (
  select
    g.*,
    row_number() over (
      partition by g.customer, g.account, g.service order by g.by_form, g.from_month, g.sequence, g.row
    ) as place
  from (
    select
      d.customer, d.account, d.service, d.balance, 0 as by_form, d.from_month, d.sequence, d.submission, d.sheet,
      d.row
    from directory d
    cross join period p
    where d.balance is not null and d.from_month <= p.month
    union all
    select
      c.customer, c.account, c.service, c.balance, 1 as by_form, c.month, -c.sequence, c.submission, c.sheet, c.row
    from known_service_charges c
    cross join period p
    where c.balance is not null and c.month = p.month
  ) g
) b
left join (
  select distinct h.customer, h.account, h.service from history_lines h
) k on k.customer = b.customer and k.account = b.account and k.service = b.service
where b.place = 1 and k.account is null
