"""The heading of every workbook for people: what it is, whose, by whom, for which month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.sheet_columns import Headers, SheetColumn
from inbox_worker.documents.sheets import Book, Page
from inbox_worker.documents.view import clean, customer_line, last_day, month_kk, month_ru
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts


@dataclass(frozen=True)
class Heading:
    """The heading of a kind of document. `customer` is None for a document of the operator's own."""

    kind: str
    rules: Rules
    month: Period
    operator: Operator
    customer: Customer | None = None
    extra: str = ""  # a day, a hash: follows the month

    @property
    def texts(self) -> Texts:
        return self.rules.texts.written

    def open_book(self, rows: int) -> Book:
        """Return the workbook with its properties; `rows` is about how many rows it will have."""
        whose = customer_line(self.customer, self.texts) if self.customer else clean(self.operator.name)
        month = self._month_in_words if self._has_whole_title else f"{self.month.form_text}{self.extra}"
        made_on, headers = last_day(self.month), Headers(self.texts, self.kind)
        return Book(f"{self._title}, {month}"[:250], whose[:250], self.operator.name, made_on, rows, headers)

    def add_page(self, book: Book, name: str, columns: Sequence[SheetColumn]) -> Page:
        """Add a sheet with this heading above its table and at the foot of every printed page."""
        return book.add_page(name, columns, self._lines(), f"{self._title} {self.month.form_text}{self.extra}")

    def _lines(self) -> tuple[str, ...]:
        texts, operator = self.texts, self.operator
        title = texts.both(f"title.{self.kind}_whole") if self._has_whole_title else self._title
        whose = [f"{texts.both('heading.customer')}: {customer_line(self.customer, texts)}"] if self.customer else []
        names = f"{clean(operator.name)} / {clean(operator.name_kk)}"
        return (
            title,
            *whose,
            f"{texts.both('heading.operator')}: {names}, {texts.both('heading.bin')} {operator.bin}",
            f"{texts.both('heading.month')}: {self._month_in_words}{self.extra}; {texts.both('heading.tenge')}",
        )

    @property
    def _title(self) -> str:
        return self.texts.both(f"title.{self.kind}")

    @property
    def _has_whole_title(self) -> bool:
        """The title above the table is longer than that of the file and of the foot."""
        return f"title.{self.kind}_whole" in self.texts

    @property
    def _month_in_words(self) -> str:
        return f"{month_ru(self.month)} / {month_kk(self.month)}"
