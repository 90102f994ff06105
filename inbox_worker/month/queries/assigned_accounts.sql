-- Where the assigned payments of a bank, number and account stand, the latest last. One row an assignment.
select bank, number, account, other from reassigned
where reason = 'payment.assigned' and amount < 0 order by sequence
