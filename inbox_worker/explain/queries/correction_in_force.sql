-- Rows of corrections of the directory whose value of an indicator counts on a line now (4.3.2.4). One row a correction.
select c.submission, c.sheet, c.row from corrected c join standing_rows l using (account)
where c.indicator = $indicator and l.customer = $customer and l.account = $account and l.service = $service
  and (c.from_month > l.told_from or (c.from_month = l.told_from and c.sequence >= l.told_by)) and l.place = 1
