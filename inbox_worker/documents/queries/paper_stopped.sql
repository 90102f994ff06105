-- Lines that the operator's register of stops leaves out (10.2, 10.3, 10.8). One row a line.
select account, customer, service from stopped
