-- Facts of a kind as the month knows them, where no row of it takes another's place: those that count in it or earlier.
-- `every_facts` stands for the kind's own; the answer becomes `known_` and the kind.
select f.*
from every_facts f
cross join period p
where f.month <= p.month
