-- The latest address of every account that has one. One row an account.
select account,
  arg_max(email, {'m': from_month, 's': sequence, 'r': row}) filter (where coalesce(email, '') <> ''),
  arg_max(flat, {'m': from_month, 's': sequence, 'r': row}) filter (where coalesce(flat, '') <> '')
from directory where from_month <= $month group by account having max(coalesce(email, '')) <> ''
