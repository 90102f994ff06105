-- Opening balances of lines that no earlier month of the ledger knows. Of a line that the ledger knows the register's
-- and the file's balance is only compared (4.3.2.5).
-- Empty without rows of told_balances.
select b.customer, b.account, b.service, b.balance, b.submission, b.sheet, b.row
from told_balances b
left join (
  select distinct t.customer, t.account, t.service
  from earlier_lines h
  join told_balances t on t.customer = h.customer and t.account = h.account and t.service = h.service
) k on k.customer = b.customer and k.account = b.account and k.service = b.service
where k.account is null
