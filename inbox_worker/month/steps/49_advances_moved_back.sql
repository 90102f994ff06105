-- Lines of ended contracts that moves of the month before left with less: what a payment taken back had put on them as
-- an advance came back from the lines that had got it, so it is no debt of theirs (10.10).
-- Empty without rows of ended_contracts.
select p.customer, p.account, p.service
from previous p
join ended_contracts e on e.customer = p.customer
where p.moved < 0 and e.valid_until < p.month
