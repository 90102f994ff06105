-- Lines of which more penalty was paid than they have: it became less after its payment was posted. One row a line.
select account, service, cast(-closing_penalty as varchar) as amount from lines where closing_penalty < 0 order by 1, 2
