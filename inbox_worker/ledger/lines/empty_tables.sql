-- Tables of the connection's own that have no rows, a row a table.
select table_name
from duckdb_tables()
where temporary and estimated_size = 0
