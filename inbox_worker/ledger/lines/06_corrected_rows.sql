-- Rows of lines with the correction of name, area or residents that counts for them (4.3.2.4): what is told from a later
-- month wins, of one month what was told later. A row a version of a line and kind.
-- Empty without rows of corrected.
select
  s.customer, s.account, s.service, s.from_month, s.sequence, s.row, s.indicator, c.name, c.area, c.residents,
  c.submission, c.sheet, c.row as corrected_row
from told_since s
join corrected c on c.account = s.account and c.indicator = s.indicator
  and (c.from_month > s.since or (c.from_month = s.since and c.sequence >= s.told_by))
