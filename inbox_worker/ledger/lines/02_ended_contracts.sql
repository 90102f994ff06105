-- Customers whose contract had ended before the 1st of the month (10.1, 10.7): their lines stand to the end of the month in
-- which it ended. The last word counts, of the register or of a notice; a register's row that only says again what the one
-- before it said takes back no notice.
-- Empty without rows of every_customers where valid_until is not null, every_notice where ends is not null.
select c.customer, c.valid_until
from (
  select t.customer, t.valid_until, row_number() over (partition by t.customer order by t.sequence desc, t.row desc) as place
  from (
    select r.bin as customer, r.valid_until, r.sequence, r.row
    from (
      select
        e.bin, e.valid_until, e.counts_from, e.sequence, e.row,
        lag(e.valid_until) over (partition by e.bin order by e.sequence, e.row) as said_before,
        row_number() over (partition by e.bin order by e.sequence, e.row) as telling
      from every_customers e
    ) r
    where r.telling = 1 or r.counts_from is not null
      or coalesce(r.valid_until, date '1900-01-01') <> coalesce(r.said_before, date '1900-01-01')
    union all
    select n.customer, n.ends as valid_until, n.sequence, n.row
    from notice n
    where n.ends is not null
  ) t
) c
cross join period p
where c.place = 1 and c.valid_until < p.month
