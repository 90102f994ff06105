-- How consumption is estimated (rules/estimation.yaml). One row.
create or replace temp table estimation as
select cast($average as bigint) as average, cast($months as bigint) as months
