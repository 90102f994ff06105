"""The heading of every workbook for people: what it is, whose, by whom, for which month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import CloseData, Operator
from inbox_worker.documents.sheet_formats import FOOTER_LETTERS, PageSetup
from inbox_worker.documents.sheet_style import Headers, SheetColumn, Words, in_both, in_tones
from inbox_worker.documents.sheets import Book, Page
from inbox_worker.documents.view import clean, customer_line, last_day, month_kk, month_ru, show_bank
from inbox_worker.settings.bank_codes import name_bank
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

_LONGEST_OWNER = 60  # letters of a footer


@dataclass(frozen=True)
class Heading:
    """The heading of a kind of document. `customer` is None for a document of the operator's own."""

    kind: str
    rules: Rules
    month: Period
    operator: Operator
    customer: Customer | None = None
    extra: str = ""  # a day, a hash: follows the month
    note: str = ""  # in both languages, above the table of a page with the whole heading

    @property
    def texts(self) -> Texts:
        return self.rules.texts.written

    def in_both(self, code: str, **facts: object) -> str:
        """Return a text in both languages on a line, a dot between them."""
        return in_both(self.texts.words(code, **facts))

    def with_steps_noted(self, close: CloseData) -> Heading:
        """Return the heading with what a tariff is where the Customer's charges were made by steps (4.3.2.1)."""
        stepped = self.customer is not None and any(bin_ == self.customer.bin for bin_, _ in close.stepped)
        return replace(self, note=self.in_both("heading.stepped")) if stepped else self

    def bank(self, bic: str) -> str:
        """Return how a group of a bank's payments is headed: its name with its БИК, or what stands for no bank."""
        return show_known_bank(self.rules, "", bic)

    def total_of_bank(self, bic: str) -> str:
        """Return what stands beside the sums of a bank's payments."""
        return self.in_both("total.of_bank", bank=clean(name_bank(self.rules.bank_codes, bic)) or bic)

    def open_book(self) -> Book:
        """Return the workbook with its properties."""
        whose = customer_line(self.customer, self.texts) if self.customer else clean(self.operator.name)
        title = self.texts.both(self._title_code)
        made_on, headers = last_day(self.month), Headers(self.texts, self.kind)
        whole = f"{title}, {month_ru(self.month)} / {month_kk(self.month)}{self.extra}"
        return Book(whole[:250], whose[:250], self.operator.name, made_on, headers)

    def add_page(
        self,
        book: Book,
        name: str,
        columns: Sequence[SheetColumn],
        largest: Mapping[str, Any] | None = None,
        portrait: bool = False,
    ) -> Page:
        """Add a sheet with this whole heading above its table; what it is and whose stand at the foot of every page."""
        return book.add_page(name, columns, self._lines(), PageSetup(self._footer, portrait, largest or {}))

    def add_part(
        self,
        book: Book,
        title: Bilingual,
        columns: Sequence[SheetColumn],
        largest: Mapping[str, Any] | None = None,
        portrait: bool = False,
        note: str = "",
    ) -> Page:
        """Add a sheet for a part of the document: its own title and the month, on every page; `note` behind them."""
        month = f"    {self._month_in_words}, {self.in_both('heading.tenge')}"
        line = (*_in_title(title), ("soft", f"{month}; {note}" if note else month))
        setup = PageSetup(self._footer, portrait, largest or {}, repeat_titles=True)
        return book.add_page(title.ru, columns, [line], setup)

    def _lines(self) -> tuple[Words, ...]:
        texts, operator = self.texts, self.operator
        names = " · ".join(dict.fromkeys((clean(operator.name), clean(operator.name_kk))))
        by = f"{names}, {texts.both('heading.bin')} {operator.bin}"
        if operator.contacts:
            by = f"{by}, {clean(operator.contacts)}"
        whose = [self._detail("customer", customer_line(self.customer, texts))] if self.customer else []
        month: Words = (
            ("section", month_ru(self.month)),
            ("section_kk", f" · {month_kk(self.month)}{self.extra}, {in_both(texts.words('heading.tenge'))}"),
        )
        whole = f"{self._title_code}_whole"
        official: Sequence[Words] = [(("soft", in_both(texts.words(whole))),)] if whole in texts else []
        note: Sequence[Words] = [(("soft", self.note),)] if self.note else []
        return (
            _in_title(texts.words(self._title_code)),
            *official,
            month,
            *whose,
            self._detail("operator", by),
            *note,
            (),
        )

    def _detail(self, name: str, value: str) -> Words:
        return ("soft", f"{in_both(self.texts.words(f'heading.{name}'))}   "), ("plain", value)

    @property
    def _footer(self) -> str:
        """Return what and whose a page is, whole: a long name gives way to the БИН."""
        owner, titles = self.customer or self.operator, self.texts.words(self._title_code)
        when, numbered = f", {self.month.form_text}{self.extra} · ", f"{self.texts.both('heading.bin')} {owner.bin}"
        name = clean(owner.name)
        wanted = [] if len(name) > _LONGEST_OWNER else [f"{in_both(titles)}{when}{name}"]
        wanted += [f"{in_both(titles)}{when}{numbered}", f"{in_both(titles)}{when}{owner.bin}"]
        return next((line for line in wanted if len(line) <= FOOTER_LETTERS), f"{titles.ru}{when}{owner.bin}")

    @property
    def _title_code(self) -> str:
        return f"title.{self.kind}"

    @property
    def _month_in_words(self) -> str:
        return f"{month_ru(self.month)} · {month_kk(self.month)}{self.extra}"


def show_known_bank(rules: Rules, own: str, bic: str) -> str:
    """Return a bank with its БИК: by its `own` name of the register of banks, else by that of rules/bank_codes.yaml."""
    return show_bank(own if own not in ("", bic) else name_bank(rules.bank_codes, bic), bic)


def _in_title(words: Bilingual) -> Words:
    return in_tones(words.ru, words.kk, ("title", "title_kk"))
