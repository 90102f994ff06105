-- The close's `suspense`: entries of the month that no line takes (above zero) and what left (below), 4.1.7.
select payment, bank, paid_on, number, account, payee, service, amount, reason, submission, sheet, row
from suspense cross join period p where suspense.month = p.month
order by account, paid_on, bank, number, payment, submission, sheet, row, amount desc
