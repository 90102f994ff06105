-- Rows of a kind whose place a later row takes. One row a row that is replaced.
create or replace temp view replaced_{kind} as
select replaces_submission as old_submission, replaces_sheet as old_sheet, replaces_row as old_row, month
from every_{kind} where replaces_row is not null
