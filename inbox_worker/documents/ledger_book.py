"""The ledger workbook of a Customer's month: what people open and what `ledger verify` and `restore` read
back.

Sheets for balances, charges, recalculations, payments, tariffs, directory and sources. Every sheet has a
hidden row with the data's own column names right above its header; a column of money ends in a live sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData
from inbox_worker.documents.sheet_columns import TOTAL, Headers, Kind, SheetColumn, cell_records
from inbox_worker.documents.sheets import Book
from inbox_worker.documents.view import last_day
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

SHEETS: Mapping[str, str] = {
    "balances": "Сальдо · Қалдықтар",
    "charges": "Начисления · Есептеулер",
    "recalculations": "Перерасчёты · Қайта есептеулер",
    "payments": "Платежи · Төлемдер",
    "tariffs": "Тарифы · Тарифтер",
    "directory": "Справочник · Анықтамалық",
    "sources": "Источники · Дереккөздер",
}
BALANCES = ("account", "service_ru", "service_kk", "house", "address", "flat", "name", "opening", "charged",
            "undelivered", "recalculated", "penalty", "paid", "moved", "closing", "opening_penalty",
            "paid_penalty", "closing_penalty", "customer", "service")  # fmt: skip
CHARGES = ("account", "service_ru", "service_kk", "area", "residents", "tariff", "quantity", "charged",
           "undelivered", "recalculated", "penalty", "service")  # fmt: skip
PLUS, MINUS = ("opening", "charged", "undelivered", "recalculated", "penalty", "moved"), ("paid", "closing")
_WIDTHS: Mapping[str, float] = {"address": 28, "name": 24, "basis": 30, "service_ru": 22, "service_kk": 22,
                                "sha256": 30, "path": 40, "attachment": 28, "sender": 24, "received_at": 24,
                                "submission": 22, "sheet": 18, "email": 22, "documents": 24,
                                "flat": 8}  # fmt: skip


def render_book(
    close: CloseData, customer: Customer, operator: str, tables: Mapping[str, pa.Table], rules: Rules
) -> bytes:
    """Return the workbook's bytes; equal data give equal bytes.

    `close` holds this Customer's lines only. `tables` has, by the names in SHEETS, `recalculations`,
    `payments`, `tariffs`, `directory`, `sources`: facts with their `submission`, `sheet` and `row`; a
    missing one becomes an empty sheet. The first sheet shows the close's hash and number, which also stand
    in the file's properties. Raises ValueError for a table no sheet is meant for, SheetTooLong when a sheet
    would lose rows.
    """
    unknown = set(tables) - set(SHEETS) | set(tables) & {"balances", "charges"}
    if unknown:
        raise ValueError(f"no sheet of the ledger workbook is meant for {', '.join(sorted(unknown))}")
    lines = _with_names(close.lines, rules)
    sheets: dict[str, pa.Table] = {"balances": lines.select(BALANCES), "charges": lines.select(CHARGES)}
    sheets |= {name: tables.get(name, pa.table({})) for name in SHEETS if name not in sheets}
    month, texts = close.month.form_text, rules.texts.written
    book = Book(
        title=f"{texts.both('title.ledger')} {month}",
        subject=f"{customer.bin} {customer.name}"[:250],
        author=operator,
        made_on=last_day(close.month),
        rows=max(table.num_rows for table in sheets.values()),
        headers=Headers(texts, "ledger"),
    )
    for name, value in (("close", close.sha256), ("month", str(close.month)), ("customer", customer.bin)):
        book.set_property(name, value)
    for name, table in sheets.items():
        _write(book, name, table, _titles(name, close, customer, texts), f"{SHEETS[name]}, {customer.bin}, {month}")
    return book.finish()


def _with_names(lines: pa.Table, rules: Rules) -> pa.Table:
    codes = lines.column("service").to_pylist()
    for language in ("ru", "kk"):
        names = [getattr(rules.service(code), language) for code in codes]
        lines = lines.append_column(f"service_{language}", pa.array(names, pa.string()))
    return lines


def _titles(name: str, close: CloseData, customer: Customer, texts: Texts) -> tuple[str, ...]:
    whose = f"{customer.bin} {customer.name}, {close.month.form_text}"
    if name != "balances":
        return (f"{SHEETS[name]}: {whose}",)
    return (
        f"{texts.both('title.ledger')}: {whose}",
        f"{texts.both('heading.close')} № {close.number}, SHA-256: {close.sha256}",
    )


def _write(book: Book, name: str, table: pa.Table, titles: tuple[str, ...], footer: str) -> None:
    """Write one sheet: rows as they come, a live total under each column of money, and for balances the identity's
    proof.
    """
    columns = [_column(field) for field in table.schema] or [SheetColumn("nothing", width=24)]
    names = [column.name for column in columns] if table.schema.names else []
    page = book.add_page(SHEETS[name], columns, titles, footer, machine_names=True)
    page.start(*((PLUS, MINUS, table.num_rows) if name == "balances" else ()))
    sums = {c.name: pc.sum(table.column(c.name)).as_py() or Decimal(0) for c in columns if c.total}
    for record in cell_records(_word_flags(table, book.headers.texts), names) if names else ():
        page.add(record)
    page.end()
    if sums and not columns[0].total:
        page.add_total({columns[0].name: TOTAL}, sums, page.first_row)


def _column(field: Any) -> SheetColumn:
    """Return how a column of data looks, by its type: two places are money, three a quantity, four a tariff."""
    kind: Kind = "text"
    if pa.types.is_decimal(field.type):
        by_scale: dict[int, Kind] = {2: "money", 3: "quantity", 4: "tariff"}
        kind = "percent" if field.name == "percent" else by_scale.get(field.type.scale, "tariff")
    elif pa.types.is_integer(field.type):
        kind = "integer"
    elif pa.types.is_date(field.type):
        kind = "date"
    return SheetColumn(field.name, kind, _WIDTHS.get(field.name, 14), total=kind == "money")


def _word_flags(table: pa.Table, texts: Texts) -> pa.Table:
    """Return the table with yes and no in words."""
    for place, field in enumerate(table.schema):
        if pa.types.is_boolean(field.type):
            words = pc.if_else(table.column(place), texts.both("answer.yes"), texts.both("answer.no"))
            table = table.set_column(place, field.name, words)
    return table
