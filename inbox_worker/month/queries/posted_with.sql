-- Parts of payments that one posting put on an account in a month, with what the bank's register names. One row a part.
select a.payment, a.paid_on, a.number, a.row, a.submission, a.amount, a.customer, a.service,
  a.opening_part as opening, a.month_part as month, a.opening_penalty_part as opening_penalty, a.penalty_part as penalty,
  a.advance_part as advance, b.payee, b.service as named_service
from every_allocations a left join every_bank_register b using (payment)
where a.account = $account and a.month = $month and a.sequence = $sequence
