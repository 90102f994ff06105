-- Proof: a payment's parts on a line are the whole. A row is one that they are not.
select bank, number, account, customer, service, amount,
  opening_part + month_part + opening_penalty_part + penalty_part + advance_part as parts
from month_payments where amount <> parts order by all
