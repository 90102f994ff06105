-- Lines that more than one row not after the month tells of: versions, corrections of a row, several meters. Only
-- among these must it be asked which row speaks; every other line has one row, and that row speaks (4.1.16).
select v.customer, v.account, v.service
from line_versions v
cross join period p
where v.from_month <= p.month
group by v.customer, v.account, v.service
having count(*) > 1
