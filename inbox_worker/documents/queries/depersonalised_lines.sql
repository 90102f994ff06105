-- Lines of the Customers whose information may be used (4.2.7): what groups are made by, whose they are, their sums.
-- One row a line of the close. $sizes: areas in m² that begin a class of dwellings; size: how many of them it reaches, '0'
-- below the first, '-' where the area is not known.
create temp table depersonalised_lines as
select l.service, c.kind, case when l.area is null then '-' else cast(len(list_filter($sizes, lambda s: l.area >= s)) as varchar) end
    as size, l.account, l.customer, l.opening, l.charged + l.undelivered + l.recalculated + l.penalty as charged,
    l.paid - l.moved as paid, l.closing
from paper_lines l join depersonalised_customers c on c.bin = l.customer
