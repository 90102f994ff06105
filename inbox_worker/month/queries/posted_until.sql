-- Parts of payments that a month has on an account up to a posting, a row a part, in the order of posting.
select a.payment, a.sequence, a.bank, a.paid_on, a.number, a.customer, a.service,
  a.opening_part as opening, a.month_part as month, a.opening_penalty_part as opening_penalty, a.penalty_part as penalty,
  a.advance_part as advance
from every_allocations a
where a.account = $account and a.month = $month and a.sequence <= $sequence
order by a.sequence, a.paid_on, a.row, a.customer, a.service
