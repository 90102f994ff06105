-- How many lines differ from the month before, and by what sums. One row a kind of difference.
select kind, count(*), coalesce(sum(before), 0), coalesce(sum(now), 0) from differing group by kind
