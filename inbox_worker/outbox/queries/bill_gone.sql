-- Lines charged the month before that stand no more. One row a line.
select v.account, v.service from previous v
left join lines_in_force f on f.account = v.account and f.customer = v.customer and f.service = v.service
where v.charged <> 0 and f.account is null order by all
