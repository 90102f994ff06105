-- Parts of the month's payments that a figure sums: those of what is given ('' and 0 = any), in a statement of
-- distribution those of its bank, day and postings. One row a part.
select a.amount, a.penalty_part, a.percent, a.fee, a.amount - a.fee, a.bank, a.paid_on, a.number, a.account, a.service,
  a.opening_part, a.month_part, a.advance_part, a.submission, a.sheet, a.row,
  a.payment, a.sequence, a.reverses, a.customer, a.commission, a.commission_of
from allocations a cross join period p where a.month = p.month
  and ($customer = '' or a.customer = $customer)
  and ($account = '' or a.account = $account)
  and ($service = '' or a.service = $service)
  and ($bank = '' or a.bank = $bank)
  and ($percent = 0 or a.percent = $percent)
  and ($submission = '' or a.submission = $submission)
  and ($row = 0 or a.row = $row)
  and ($day = '' or a.paid_on = try_cast($day as date))
  and (len($services::varchar[]) = 0 or a.service in (select unnest($services::varchar[])))
  and ($upto = 0 or (
    coalesce(a.bank, '') = $of_bank and a.paid_on = try_cast($of_day as date) and a.sequence > $after and a.sequence <= $upto
  ))
order by a.bank, a.paid_on, a.number, a.account, a.service
