"""Сроки сторон: the duties of both parties as a workbook, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from inbox_worker.contract.duty import Duty
from inbox_worker.documents.sheet_columns import Headers, SheetColumn, text_columns
from inbox_worker.documents.sheets import Book
from inbox_worker.documents.view import show_date
from inbox_worker.settings.rules import Rules

_COLUMNS = (
    *text_columns(state=14, clause=9, who=14, bin=15, duty_ru=44, duty_kk=44, source=26),
    SheetColumn("starts", "date", 12),
    SheetColumn("due", "date", 12),
    *text_columns(met_by=34, missed_ru=34, missed_kk=34),
)


def render_duties(duties: Sequence[Duty], rules: Rules, author: str, on: date) -> bytes:
    """Return the workbook of duties as they stood at the end of a day, in the order given."""
    texts = rules.texts.written
    title = texts.both("title.duties", day=show_date(on))
    book = Book(title, title, author, on, len(duties), Headers(texts, "duties"))
    page = book.add_page(texts.words("sheet_name.duties").ru, _COLUMNS, [title], title)
    page.start()
    for duty in duties:
        rule, shown = rules.duties[duty.duty], duty.as_json(on)
        page.add([
            texts.both(f"duty.state.{shown['state']}"), duty.clause, texts.both(f"duty.who.{duty.who}"), duty.customer,
            rule.ru, rule.kk, duty.source, duty.starts, duty.due, shown["met_by"], rule.missed.ru, rule.missed.kk,
        ])  # fmt: skip
    page.end(table=True)
    return book.finish()
