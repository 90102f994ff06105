-- The proof of each line's tariff, where a form told it. One row a line.
create or replace temp table bill_bases as
select t.customer, t.account, t.service, f.basis
from tariffs_in_force t
join every_tariffs f on f.submission = t.submission and f.sheet = t.sheet and f.row = t.row
where t.by_form = 1
