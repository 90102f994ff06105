"""Сроки сторон: the duties of both parties as a workbook, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from inbox_worker.contract.duty import Duty, word_proof
from inbox_worker.core.model import Customer
from inbox_worker.documents.sheet_columns import text_columns
from inbox_worker.documents.sheet_formats import PageSetup
from inbox_worker.documents.sheet_style import Headers, SheetColumn
from inbox_worker.documents.sheets import Book
from inbox_worker.documents.view import clean, show_date
from inbox_worker.settings.rules import Rules

_COLUMNS = (
    *text_columns(state=19, clause=13, who=20),
    SheetColumn("customer", width=38, flexible=True),
    SheetColumn("duty", width=47, flexible=True),
    SheetColumn("source", width=24),
    SheetColumn("starts", "date", 17),
    SheetColumn("due", "date", 17),
    SheetColumn("met_by", width=26),
    SheetColumn("missed", width=50, flexible=True),
)


def render_duties(
    duties: Sequence[Duty], customers: Mapping[str, Customer], rules: Rules, author: str, on: date
) -> bytes:
    """Return the workbook of duties as they stood at the end of a day, in the order given; Customers with their names,
    those that are known."""
    texts = rules.texts.written
    title = texts.both("title.duties", day=show_date(on))
    book = Book(title, title, author, on, Headers(texts, "duties"))
    page = book.add_page(texts.words("sheet_name.duties").ru, _COLUMNS, [(("title", title),)], PageSetup(title))
    page.start_table()
    for duty in duties:
        rule, shown = rules.duties[duty.duty], duty.as_json(on)
        state = "late" if shown["late"] else shown["state"]
        proof = word_proof(shown["met_by"], lambda way, which: texts.both(f"duty.by.{way}", which=which))
        whose = f"{clean(customers[duty.customer].name)}\n" if duty.customer in customers else ""
        page.add([
            texts.both(f"duty.state.{state}"), duty.clause, texts.both(f"duty.who.{duty.who}"), whose + duty.customer,
            f"{rule.ru}\n{rule.kk}", duty.source, duty.starts, duty.due, proof,
            f"{rule.missed.ru}\n{rule.missed.kk}",
        ])  # fmt: skip
    page.end()
    return book.finish()
