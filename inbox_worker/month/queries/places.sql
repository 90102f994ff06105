-- The close's `places`: where each line of the month is. One row a line.
select account, customer, service, house, address, flat, name, area, residents
from known_lines semi join lines using (account, customer, service)
order by account, customer, service
