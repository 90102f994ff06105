-- Customers with lines in the month, and how many each has.
select customer, count(*) from paper_lines group by customer order by customer
