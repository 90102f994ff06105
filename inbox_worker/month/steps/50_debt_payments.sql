-- What payments of the days of the month before paid of a line's debt without penalty, a row a part (4.1.6). An advance that
-- is taken back of a line whose moves gave it back is no debt of the line (10.10).
-- Empty without rows of penalty_terms.
select
  part.customer, part.account, part.service, part.paid_on, part.bank, part.number,
  part.amount - part.opening_penalty_part - part.penalty_part
    - case when left_off.account is null then cast(0 as decimal(18, 2)) else part.advance_part end as amount,
  part.submission, part.sheet, part.row
from allocations part
join (select distinct term.customer, term.service from penalty_terms term) told
  on told.customer = part.customer and told.service = part.service
cross join (select min(day.month) as month, max(day.day) as last_day from days_before day) counted
cross join period
left join advances_moved_back left_off on part.reverses is not null and part.advance_part < 0
  and left_off.customer = part.customer and left_off.account = part.account and left_off.service = part.service
where part.month <= period.month and part.month >= counted.month and part.paid_on < counted.last_day
