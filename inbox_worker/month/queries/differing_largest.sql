-- The lines of one kind that differ most.
select d.account, d.customer, d.service, k.house, d.before, d.now from differing d
left join known_lines k on k.account = d.account and k.customer = d.customer and k.service = d.service
where d.kind = $kind
order by abs(coalesce(d.now, 0) - coalesce(d.before, 0)) desc, d.account, d.customer, d.service limit $listed
