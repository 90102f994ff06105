-- `Сальдо` of lines that no earlier month of the ledger knows: the first one given, with its place.
select b.customer, b.account, b.service, b.balance, b.submission, b.sheet, b.row
from (
  select
    d.*,
    row_number() over (
      partition by d.customer, d.account, d.service order by d.from_month, d.sequence, d.row
    ) as place
  from directory d
  cross join period p
  where d.balance is not null and d.from_month <= p.month
) b
left join (
  select distinct h.customer, h.account, h.service from history_lines h
) k on k.customer = b.customer and k.account = b.account and k.service = b.service
where b.place = 1 and k.account is null
