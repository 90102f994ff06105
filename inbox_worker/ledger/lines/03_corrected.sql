-- What corrections of the directory say of an account as of the month, the latest of each kind (4.3.2.4): name,
-- area, residents, and services taken away. A correction counts from the 1st of its month, not before the form's
-- month of account. Name, area and residents are the account's: they count for the lines of all Customers, whoever told
-- them. A service is taken away of the Customer who sent it.
-- Empty without rows of every_directory_corrections.
select
  c.customer, c.account, c.indicator, c.service, c.name, c.area, c.residents, c.from_month, c.sequence,
  c.submission, c.sheet, c.row
from (
  select
    d.customer, d.account, d.indicator, d.service, d.name, d.area, d.residents,
    greatest(d.from_date, d.month) as from_month, d.sequence, d.submission, d.sheet, d.row,
    row_number() over (
      partition by
        d.account, d.indicator, d.service, case when d.indicator = 'Убрать услугу' then d.customer else '' end
      order by greatest(d.from_date, d.month) desc, d.sequence desc, d.row desc
    ) as place
  from known_directory_corrections d
  cross join period p
  where d.from_date <= p.month and d.indicator <> 'Добавить услугу'
) c
where c.place = 1
