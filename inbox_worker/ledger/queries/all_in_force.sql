-- Every row of a kind, where none was replaced.
create or replace temp view {kind} as select * from every_{kind}
