-- Services of the month's lines that the register of stops leaves out of the bill (10.2, 10.3, 10.8). One row a service.
select distinct l.account, l.service
from lines l
semi join stopped using (account, customer, service)
order by all
