-- Opening balances of a Customer's lines of the month that anything stated: an earlier month, or `Сальдо`. One row a line.
select account, service, opening from lines l where customer = $customer and (
  exists (select 1 from history_lines h where (h.customer, h.account, h.service) = (l.customer, l.account, l.service))
  or exists (select 1 from directory d join period p on d.from_month <= p.month
    where (d.customer, d.account, d.service) = (l.customer, l.account, l.service) and d.balance is not null))
