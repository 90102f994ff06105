-- Services charged the month before that nobody gives to the account any more. One row a service.
select v.account, v.service from previous v
anti join lines_in_force f on f.account = v.account and f.service = v.service
where v.charged <> 0 group by all order by all
