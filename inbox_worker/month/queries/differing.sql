-- A line that stands no more is gone though its balance still stands in the close: charged by nothing, after something.
create or replace temp table differing as
select d.* from (
  select coalesce(l.account, v.account) as account, coalesce(l.customer, v.customer) as customer,
    coalesce(l.service, v.service) as service, v.charged as before,
    case when f.account is null then null else l.charged end as now,
    case when v.account is null then 'new'
      when l.account is null or (f.account is null and (v.tariff <> 0 or v.quantity <> 0)) then 'gone'
      when l.charged <> v.charged then 'changed' end as kind
  from lines l full join previous v on l.account = v.account and l.customer = v.customer and l.service = v.service
  left join lines_in_force f on f.account = l.account and f.customer = l.customer and f.service = l.service
) d
where d.kind is not null
