-- The lines of the bills asked (`bill_accounts`), with place, tariff and figures of the month and of the one before.
-- One row a line, by house and account.
with known as (
  select account, max(house) as house, max(address) as address, max(flat) as flat, max(name) as name,
    max(area) as area, max(residents) as residents
  from known_lines group by account
), now as (
  select account, arg_max(house, sequence) as house, arg_max(address, sequence) as address,
    arg_max(flat, sequence) as flat, arg_max(name, sequence) as name, max(area) as area, max(residents) as residents
  from line_rows group by account
)
select coalesce(n.house, k.house, '') as house, l.account, coalesce(n.address, k.address, '') as address,
  coalesce(n.flat, k.flat, '') as flat, coalesce(n.name, k.name, '') as name, coalesce(n.area, k.area) as area,
  coalesce(n.residents, k.residents) as residents, l.customer, l.service, l.tariff, l.quantity,
  v.tariff as tariff_before, v.quantity as quantity_before, f.account is not null as in_force,
  coalesce(f.base, '') as base, s.steps, p.tariffs as step_tariffs_before, m.meters, coalesce(b.basis, '') as tariff_basis, d.penalty_days,
  exists (select 1 from previous o where o.account = l.account) as had_bill,
  l.opening, l.charged, l.undelivered, l.recalculated, l.penalty, l.paid, l.moved, l.closing
from lines l
semi join bill_accounts using (account)
anti join stopped using (account, customer, service)
left join now n on n.account = l.account
left join known k on k.account = l.account
left join previous v on v.account = l.account and v.customer = l.customer and v.service = l.service
left join lines_in_force f on f.account = l.account and f.customer = l.customer and f.service = l.service
left join (
  select account, customer, service, list({'quantity': quantity, 'tariff': tariff} order by step) as steps
  from charge_steps group by account, customer, service
) s on s.account = l.account and s.customer = l.customer and s.service = l.service
left join (
  select account, customer, service, list(tariff order by step) as tariffs
  from previous_steps group by account, customer, service
) p on p.account = l.account and p.customer = l.customer and p.service = l.service
left join bill_meters m on m.account = l.account and m.customer = l.customer and m.service = l.service
left join bill_bases b on b.account = l.account and b.customer = l.customer and b.service = l.service
left join bill_penalty_days d on d.account = l.account and d.customer = l.customer and d.service = l.service
order by house, l.account, l.customer, l.service
