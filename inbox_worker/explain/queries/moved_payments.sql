-- Payments of the month on the account's lines from which an overpayment was moved (10.10). One row a part.
select a.amount, a.bank, a.paid_on, a.number, a.opening_part, a.month_part, a.advance_part, a.submission, a.sheet, a.row
from allocations a cross join period p join moved m using (customer, account, service)
where a.month = p.month and m.amount > 0 and a.account = $account order by a.paid_on, a.number, a.payment
