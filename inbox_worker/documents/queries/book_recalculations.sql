-- Recalculations of a Customer's month. One row a recalculation.
select * from recalculation_rows where customer = $customer
order by account, service, past_month, kind, submission, row
