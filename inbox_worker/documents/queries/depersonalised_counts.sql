-- How many accounts and Customers some combinations have together, and their sums. One row.
select count(distinct l.account), count(distinct l.customer), cast(sum(l.opening) as decimal(18, 2)),
    cast(sum(l.charged) as decimal(18, 2)), cast(sum(l.paid) as decimal(18, 2)), cast(sum(l.closing) as decimal(18, 2))
from depersonalised_lines l semi join chosen k on k.service = l.service and k.kind = l.kind and k.size = l.size
