-- Of some Customers their services with lines charged by more than one step of consumption (4.3.2.1).
select distinct customer, service from closed_steps where step > 1 and list_contains($customers, customer)
