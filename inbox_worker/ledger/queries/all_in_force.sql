-- Every row of a kind, where none was replaced; nothing is replaced.
create or replace temp view replaced_{kind} as
select replaces_submission as old_submission, replaces_sheet as old_sheet, replaces_row as old_row, month
from every_{kind} where false;
create or replace temp view {kind} as select * from every_{kind}
