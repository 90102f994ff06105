-- The services with the types of the keys. One row a service.
create or replace temp table services as
select * replace (cast(service as service_key) as service, cast(follows as service_key) as follows) from services
