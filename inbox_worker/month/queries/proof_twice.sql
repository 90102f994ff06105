-- Proof: a line stands once. A row is a line that stands twice.
select account, customer, service from lines group by account, customer, service having count(*) > 1 order by all
