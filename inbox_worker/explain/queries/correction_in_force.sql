-- Rows of corrections of the directory whose value of an indicator counts on a line now (4.3.2.4). One row a correction.
select c.submission, c.sheet, c.corrected_row as row
from corrected_rows c join standing_rows l using (customer, account, service, from_month, sequence, row)
where c.indicator = $indicator and l.customer = $customer and l.account = $account and l.service = $service and l.place = 1
