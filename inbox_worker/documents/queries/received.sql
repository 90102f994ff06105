-- What banks brought in a month. One row.
select coalesce(sum(amount), 0) from bank_register where month = $month
