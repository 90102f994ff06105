-- Lines of the month with their places. One row a line.
create temp view paper_lines as
select l.*, p.house, p.address, p.flat, p.name, p.area, p.residents
from closed_lines l left join closed_places p on p.account = l.account and p.customer = l.customer and p.service = l.service
