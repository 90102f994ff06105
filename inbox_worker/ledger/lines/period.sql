-- The month that is computed. One row.
create or replace temp table period as select cast($month as date) as month
