-- Payments of the month, and what was taken back, on the account's lines from which an overpayment was moved or to which
-- it went back (10.10). One row a part.
select a.amount, a.bank, a.paid_on, a.number, a.opening_part, a.month_part, a.advance_part, a.submission, a.sheet, a.row
from allocations a cross join period p semi join leaving using (customer, account, service)
where a.month = p.month and a.account = $account order by a.paid_on, a.number, a.payment
