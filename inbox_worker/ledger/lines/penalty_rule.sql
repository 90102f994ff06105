-- The algorithm of penalties in use (rules/penalties.yaml). One row.
create or replace temp table penalty_rule as
select cast($by_base as bigint) as by_base, cast($year_days as bigint) as year_days
