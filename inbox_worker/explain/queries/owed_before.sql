-- What the month before opened with without penalty, and by how much a month that comes to a minus lessens it from its 1st
-- (4.1.6). One row, none of a line that the month before did not know.
select opening - opening_penalty, least(charged + undelivered + recalculated, 0) from previous
where customer = $customer and account = $account and service = $service
