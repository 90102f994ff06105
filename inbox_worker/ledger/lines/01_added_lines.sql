-- Services added to accounts by corrections of the directory (4.3.2.4): the line stands where the Customer's
-- latest line of the account stands, from the 1st of the stated month, not before the form's month of account.
-- Name, area, residents and category are told by that line's row, not anew.
select
  c.customer, c.account, c.service, b.house, b.address, b.flat, b.name, b.area, b.residents, s.base,
  b.category, cast(null as varchar) as meter, b.email, greatest(c.from_date, c.month) as from_month, c.sequence,
  b.told_from, b.proof, c.submission, c.sheet, c.row
from known_directory_corrections c
join services s on s.service = c.service
join (
  select
    g.*, row_number() over (partition by g.customer, g.account order by g.from_month desc, g.sequence desc, g.row) as place
  from begun_lines g
  join (
    select distinct a.customer, a.account
    from known_directory_corrections a
    where a.indicator = 'Добавить услугу'
  ) w on w.customer = g.customer and w.account = g.account
  cross join period p
  where g.from_month <= p.month
) b on b.customer = c.customer and b.account = c.account and b.place = 1
where c.indicator = 'Добавить услугу'
