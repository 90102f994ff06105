-- Customers who ever had a line on one of the accounts asked.
select distinct customer
from (select account, customer from directory union all select account, customer from new_houses)
semi join asked using (account)
