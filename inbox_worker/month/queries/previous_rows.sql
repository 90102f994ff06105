-- How many lines the month before has. One row.
select count(*) from previous
