-- How many tariffs by steps of consumption are known. One row.
select count(*) from every_tariffs where threshold is not null
