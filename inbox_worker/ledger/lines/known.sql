-- Facts of a kind as the month knows them: those that count in it or earlier. A form of a later month of account
-- neither shows here nor takes away the row it corrects: a late form leaves earlier months alone (4.3.2).
-- `every_facts` stands for the kind's own; the answer becomes `known_` and the kind.
select f.*
from every_facts f
cross join period p
left join (
  select
    r.replaces_submission as old_submission, r.replaces_sheet as old_sheet, r.replaces_row as old_row
  from every_facts r
  cross join period q
  where r.replaces_row is not null and r.month <= q.month
) x on x.old_submission = f.submission and x.old_sheet = f.sheet and x.old_row = f.row
where f.month <= p.month and x.old_row is null
