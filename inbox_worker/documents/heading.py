"""How every workbook for people begins: what it is, whose, by whom, for which month."""

from __future__ import annotations

from dataclasses import dataclass

from inbox_worker.documents.view import clean, customer_line, last_day, month_kk, month_ru
from inbox_worker.model import Customer, Period
from inbox_worker.rendered import Operator
from inbox_worker.sheets import Book


@dataclass(frozen=True)
class Heading:
    """`customer` is None for a document of the operator's own."""

    ru: str
    kk: str
    month: Period
    operator: Operator
    customer: Customer | None = None
    extra: str = ""  # a day, a hash: stands behind the month

    @property
    def titles(self) -> tuple[str, ...]:
        """Lines above the table."""
        month = f"{month_ru(self.month)} / {month_kk(self.month)}"
        whose = [f"Заказчик / Тапсырыс беруші: {customer_line(self.customer)}"] if self.customer else []
        operator = self.operator
        return (
            f"{self.ru} / {self.kk}",
            *whose,
            f"Исполнитель / Орындаушы: {clean(operator.name)} / {clean(operator.name_kk)}, БИН / БСН {operator.bin}",
            f"Месяц / Ай: {month}{self.extra}; тенге / теңге",
        )

    @property
    def footer(self) -> str:
        """What stands at the foot of every printed page."""
        return f"{self.ru} / {self.kk} {self.month.form_text}{self.extra}"

    def book(self, rows: int) -> Book:
        """The workbook with its properties; `rows` is about how many rows it will have."""
        whose = customer_line(self.customer) if self.customer else clean(self.operator.name)
        title = f"{self.ru} / {self.kk}, {self.month.form_text}{self.extra}"
        return Book(title[:250], whose[:250], self.operator.name, last_day(self.month), rows)
