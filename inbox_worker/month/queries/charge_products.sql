-- The largest charge of the month: another engine has more digits, what DuckDB refuses is refused of its rows, too.
select max(line.tariff * line.quantity)
from charges line
anti join fixed_sums using (customer, account, service)
where line.stepped is null
union all
select max(part.tariff * part.quantity) from step_parts part
union all
select max(line.tariff * line.quantity) from recount_tariffs line
