-- What entries of a kind above zero add up to, and those below. One row.
select coalesce(sum(amount) filter (amount > 0), 0.00), coalesce(-sum(amount) filter (amount < 0), 0.00) from {kind}
