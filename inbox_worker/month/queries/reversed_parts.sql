-- What each payment has left on each line. `whole`: the payment's sum as it came. A reversal posted before reversals
-- named their payment counts as one of the latest.
-- One row a payment and line.
with named as (
  select p.* from placed p semi join taken_back using (bank, number, account)
), latest as (
  select bank, number, account, arg_max(payment, (paid_on, sequence, row)) as payment
  from named where amount > 0 group by bank, number, account
), owned as (
  select n.* exclude (payment),
    coalesce(n.reverses, case when n.amount > 0 then n.payment else l.payment end) as payment
  from named n left join latest l using (bank, number, account)
), whole as (
  select payment, sum(amount) as whole, min(paid_on) as paid_on, min(sequence) as told, min(row) as place
  from owned where amount > 0 group by payment
)
select o.bank, o.number, o.account, o.stands, o.payment, o.customer, o.service, w.whole, w.paid_on, w.told,
  w.place as row, s.place, min(o.month) filter (o.amount > 0) as month, max(o.percent) as percent,
  max(o.commission) as commission, max(o.commission_of) as commission_of, sum(o.amount) as amount, sum(o.fee) as fee,
  sum(o.advance_part) as advance_part, sum(o.penalty_part) as penalty_part,
  sum(o.opening_penalty_part) as opening_penalty_part, sum(o.month_part) as month_part,
  sum(o.opening_part) as opening_part
from owned o join whole w using (payment) join services s using (service)
group by o.bank, o.number, o.account, o.stands, o.payment, o.customer, o.service, w.whole, w.paid_on, w.told, w.place,
  s.place
having sum(o.amount) > 0 order by s.place, o.customer, w.paid_on, w.told, w.place
