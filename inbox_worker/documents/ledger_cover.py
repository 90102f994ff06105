"""The cover of a ledger workbook: whose, for when, the month's movement, contents, how to read it, its proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData
from inbox_worker.documents.sheet_columns import Formula
from inbox_worker.documents.sheet_formats import PageSetup
from inbox_worker.documents.sheet_style import SheetColumn, Words, in_both
from inbox_worker.documents.sheets import Book, Page
from inbox_worker.documents.view import customer_line, month_kk, month_ru
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import Rules

_COLUMNS = (
    SheetColumn("place", width=10),
    SheetColumn("what", width=90, flexible=True),
    SheetColumn("rows", "integer", 20),
    SheetColumn("amount", "money", 34),
    SheetColumn("open", "count", 22),
    SheetColumn("field", hidden=True),  # what explain calls the figure
)
_MOVEMENT = (("opening", ""), ("charged", "+"), ("undelivered", "–"), ("recalculated", "±"), ("penalty", "+"),
             ("paid", "–"), ("moved", "±"))  # fmt: skip
_NOTES = 3


@dataclass(frozen=True)
class CoverSheet:
    """A sheet of the book: its name in the data, how many rows it has, the column whose sum the cover shows."""

    name: str
    page: Page
    rows: int
    shown: str


def add_cover(book: Book, close: CloseData, customer: Customer, footer: str, rules: Rules) -> Page:
    """Add the book's first sheet; it is written when the others are."""
    texts = rules.texts.written
    title, number = texts.words("title.ledger"), texts.words("heading.close")
    month: Words = (
        ("section", month_ru(close.month)),
        ("section_kk", f" · {month_kk(close.month)}, {in_both(texts.words('heading.tenge'))}"),
        ("section_kk", f"    {number.ru} · {number.kk} № {close.number}"),
    )
    titles: list[Words] = [
        (("title", title.ru), ("title_kk", f" · {title.kk}")), (("strong", customer_line(customer, texts)),), month, (),
    ]  # fmt: skip
    return book.add_page(title.ru, _COLUMNS, titles, PageSetup(footer, portrait=True))


def write_cover(page: Page, sheets: Sequence[CoverSheet], sums: Mapping[str, Decimal], close: CloseData) -> None:
    """Write the cover: sums are links to the balances' row of totals, the closing balance is what they add up to."""
    balances = next(sheet.page for sheet in sheets if sheet.name == "balances")
    first = page.ahead(2)
    terms = [f"{'-' if name == 'paid' else '+'}{page.letters['amount']}{first + at}" for at, (name, _) in
             enumerate(_MOVEMENT)]  # fmt: skip
    closing = first + len(_MOVEMENT)
    page.start(f"=ROUND({page.letters['amount']}{closing}-{balances.total_cell('closing').text[1:]},2)")
    page.add_section("section.movement")
    for name, sign in _MOVEMENT:
        _add(page, sign, page.texts.words(f"sheet.{name}"), amount=balances.total_cell(name), field=name)
    total = Formula("=" + "".join(terms).lstrip("+"), sums["closing"])
    words = page.texts.words("sheet.closing")
    page.add([{"place": "=", "what": f"{words.ru} · {words.kk}", "amount": total, "field": "closing"}.get(c.name)
              for c in _COLUMNS], "total")  # fmt: skip
    page.add_line()
    page.add_section("section.contents")
    page.write_head()
    for number, sheet in enumerate(sheets, 1):
        ru, _, kk = sheet.page.name.partition(" · ")
        amount = sheet.page.total_cell(sheet.shown) if sheet.shown in sheet.page.letters else None
        row = _add(page, str(number), Bilingual(ru=ru, kk=kk), rows=Decimal(sheet.rows), amount=amount)
        page.add_link("open", sheet.page.name, page.in_both("link.open"), row)
    page.add_line()
    page.add_section("section.reading")
    for note in range(1, _NOTES + 1):
        note_words = page.texts.words(f"ledger.note_{note}")
        page.add_line((("plain", f"– {note_words.ru}"),))
        page.add_line((("soft", f"   {note_words.kk}"),))
    page.add_line()
    page.add_section("section.proof")
    page.add_line((("soft", f"{page.in_both('heading.close')} № {close.number}, SHA-256: {close.sha256}"),))


def _add(page: Page, place: str, words: Bilingual, **cells: object) -> int:
    shown = {"place": place, "what": f"{words.ru} · {words.kk}", **cells}
    return page.add([shown.get(column.name) for column in _COLUMNS])
