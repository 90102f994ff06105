-- Rows of a kind that no later row has replaced.
create or replace temp view {kind} as
select f.* from every_{kind} f
left join replaced_{kind} x on x.old_submission = f.submission and x.old_sheet = f.sheet and x.old_row = f.row
where x.old_row is null
