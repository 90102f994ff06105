-- Rows of a kind that no later row has replaced.
create or replace temp view {kind} as
select f.* from every_{kind} f
left join (
  select replaces_submission as old_submission, replaces_sheet as old_sheet, replaces_row as old_row
  from every_{kind} where replaces_row is not null
) x on x.old_submission = f.submission and x.old_sheet = f.sheet and x.old_row = f.row
where x.old_row is null
