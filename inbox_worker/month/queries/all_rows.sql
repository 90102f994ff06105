-- Every row of a kind that is stored. One row a fact.
create temp table every_{kind} as select * from stored_rows
