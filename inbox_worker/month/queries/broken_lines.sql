-- Proof: what the step `control` calls a broken identity. One row a line and identity.
select * from control order by all
