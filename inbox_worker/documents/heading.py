"""How every workbook for people begins: what it is, whose, by whom, for which month."""

from __future__ import annotations

from dataclasses import dataclass

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.sheet_columns import Headers
from inbox_worker.documents.sheets import Book
from inbox_worker.documents.view import clean, customer_line, last_day, month_kk, month_ru
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts


@dataclass(frozen=True)
class Heading:
    """Of a kind of document. `customer` is None for a document of the operator's own."""

    kind: str
    rules: Rules
    month: Period
    operator: Operator
    customer: Customer | None = None
    extra: str = ""  # a day, a hash: stands behind the month

    @property
    def titles(self) -> tuple[str, ...]:
        """Lines above the table."""
        return titles(self._texts, self._title, self.month, self.operator, self.customer, self.extra)

    @property
    def footer(self) -> str:
        """What stands at the foot of every printed page."""
        return f"{self._title} {self.month.form_text}{self.extra}"

    def book(self, rows: int) -> Book:
        """The workbook with its properties; `rows` is about how many rows it will have."""
        whose = customer_line(self.customer, self._texts) if self.customer else clean(self.operator.name)
        title = f"{self._title}, {self.month.form_text}{self.extra}"
        made_on, headers = last_day(self.month), Headers(self._texts, self.kind)
        return Book(title[:250], whose[:250], self.operator.name, made_on, rows, headers)

    @property
    def _texts(self) -> Texts:
        return self.rules.texts.written

    @property
    def _title(self) -> str:
        return self._texts.both(f"title.{self.kind}")


def titles(
    texts: Texts, title: str, month: Period, operator: Operator, customer: Customer | None, extra: str = ""
) -> tuple[str, ...]:
    """Return the lines above a table."""
    whose = [f"{texts.both('heading.customer')}: {customer_line(customer, texts)}"] if customer else []
    names = f"{clean(operator.name)} / {clean(operator.name_kk)}"
    return (
        title,
        *whose,
        f"{texts.both('heading.operator')}: {names}, {texts.both('heading.bin')} {operator.bin}",
        f"{texts.both('heading.month')}: {month_ru(month)} / {month_kk(month)}{extra}; {texts.both('heading.tenge')}",
    )
