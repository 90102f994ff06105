-- Every combination of service, kind of Customer and class of dwelling that there is.
select distinct service, kind, size from depersonalised_lines order by all
