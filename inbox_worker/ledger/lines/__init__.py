"""Lines that stand in a month: SQL steps 00-09 and the one that knows facts by month of account, without money."""
