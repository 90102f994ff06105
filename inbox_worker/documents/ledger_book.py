"""The ledger workbook of a Customer's month: what people open and what `ledger verify` and `restore` read
back.

A cover, then sheets for balances, charges, recalculations, payments, tariffs, directory, sources and proofs. Every
sheet has a hidden row with the data's own column names right above its header; a column of money ends in a live sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData
from inbox_worker.core.row_hash import canonical_rows, describe_columns, rows_hash
from inbox_worker.documents.ledger_cover import CoverSheet, add_cover, write_cover
from inbox_worker.documents.sheet_columns import TOTAL, cell_records, largest_in
from inbox_worker.documents.sheet_formats import PageSetup
from inbox_worker.documents.sheet_style import Headers, Kind, SheetColumn, Words
from inbox_worker.documents.sheets import Book, Page
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
    "proofs": "Доказательства · Дәлелдер",
}
BALANCES = ("account", "service_ru", "service_kk", "house", "address", "flat", "name", "opening", "charged",
            "undelivered", "recalculated", "penalty", "paid", "moved", "closing", "opening_penalty",
            "paid_penalty", "closing_penalty", "customer", "service")  # fmt: skip
CHARGES = ("account", "service_ru", "service_kk", "area", "residents", "tariff", "quantity", "charged",
           "undelivered", "recalculated", "penalty", "service")  # fmt: skip
PLUS, MINUS = ("opening", "charged", "undelivered", "recalculated", "penalty", "moved"), ("paid", "closing")
_WIDTHS: Mapping[str, float] = {"account": 17, "address": 50, "name": 46, "basis": 50, "service_ru": 40, "house": 16,
                                "path": 60, "attachment": 45, "sender": 45, "received_at": 42, "form": 36,
                                "submission": 28, "sheet": 30, "hash": 120, "documents": 40, "flat": 10,
                                "payment": 42}  # fmt: skip
_FLEXIBLE = ("name", "service_ru", "address", "attachment", "sender", "basis")
# not printed, for programs that read the book back: codes, what repeats another column, what another sheet has
_SUM_SHOWN = {"balances": "closing", "charges": "charged", "recalculations": "amount", "payments": "amount"}
_HIDDEN = ("service", "customer", "service_kk", "sha256", "sequence")
_HIDDEN_IN = {"balances": ("house", "address", "opening_penalty", "paid_penalty"), "payments": ("payment",)}


def render_book(
    close: CloseData,
    customer: Customer,
    operator: str,
    tables: Mapping[str, pa.Table],
    rules: Rules,
    earlier_look: bool = False,
) -> bytes:
    """Return the workbook's bytes; equal data give equal bytes.

    `close` holds this Customer's lines only. `tables` has, by the names in SHEETS, `recalculations`,
    `payments`, `tariffs`, `directory`, `sources`: facts with their `submission`, `sheet` and `row`; a
    missing one becomes an empty sheet. The cover shows the close's hash and number, which also stand in the file's
    properties. `earlier_look`: as earlier versions laid it out. Raises ValueError for a table no sheet is meant for,
    SheetTooLong when a sheet would lose rows.
    """
    unknown = set(tables) - set(SHEETS) | set(tables) & {"balances", "charges", "proofs"}
    if unknown:
        raise ValueError(f"no sheet of the ledger workbook is meant for {', '.join(sorted(unknown))}")
    lines = _with_names(close.lines, rules)
    sheets: dict[str, pa.Table] = {"balances": lines.select(BALANCES), "charges": lines.select(CHARGES)}
    sheets |= {name: tables.get(name, pa.table({})) for name in SHEETS if name not in (*sheets, "proofs")}
    sheets["proofs"] = _proofs(close, sheets)
    month, texts = close.month.form_text, rules.texts.written
    book = _open_book(close, customer, operator, texts, max(table.num_rows for table in sheets.values()), earlier_look)
    foot = f"{texts.both('title.ledger')}, {month} · {customer.bin}"
    cover = add_cover(book, close, customer, foot, rules)
    written = [(name, table, _write(book, name, table, cover.name, f"{SHEETS[name]}, {month} · {customer.bin}"))
               for name, table in sheets.items()]  # fmt: skip
    sheets_of_cover = [
        CoverSheet(name, page, table.num_rows, _SUM_SHOWN.get(name, "")) for name, table, page in written
    ]
    write_cover(cover, sheets_of_cover, {name: _sum(lines, name) for name in (*PLUS, *MINUS)}, close)
    return book.finish()


def _open_book(
    close: CloseData, customer: Customer, operator: str, texts: Texts, rows: int, earlier_look: bool
) -> Book:
    """Return the book under way, with what it is known by among its properties."""
    book = Book(
        title=f"{texts.both('title.ledger')} {close.month.form_text}",
        subject=f"{customer.bin} {customer.name}"[:250],
        author=operator,
        made_on=last_day(close.month),
        headers=Headers(texts, "ledger"),
        kept_rows=rows,
        earlier_look=earlier_look,
    )
    for name, value in (("close", close.sha256), ("month", str(close.month)), ("customer", customer.bin)):
        book.set_property(name, value)
    return book


def _proofs(close: CloseData, sheets: Mapping[str, pa.Table]) -> pa.Table:
    """Return what each sheet is known by: its rows, and the hash over them that no version of a writer changes."""
    rows = [{"what": "close", "rows": close.lines.num_rows, "hash": close.sha256}]
    for name, table in sheets.items():
        digest = rows_hash(describe_columns(table), canonical_rows(table))
        rows.append({"what": name, "rows": table.num_rows, "hash": digest})
    return pa.Table.from_pylist(rows, pa.schema([("what", pa.string()), ("rows", pa.int64()), ("hash", pa.string())]))


def _with_names(lines: pa.Table, rules: Rules) -> pa.Table:
    codes = lines.column("service").to_pylist()
    for language in ("ru", "kk"):
        names = [getattr(rules.service(code), language) for code in codes]
        lines = lines.append_column(f"service_{language}", pa.array(names, pa.string()))
    return lines


def _sum(table: pa.Table, name: str) -> Decimal:
    return pc.sum(table.column(name)).as_py() or Decimal(0)


def _write(book: Book, name: str, table: pa.Table, cover: str, footer: str) -> Page:
    """Write one sheet: rows as they come, a live total under each column of money, and for balances the identity's
    proof.
    """
    hidden = (*_HIDDEN, *_HIDDEN_IN.get(name, ()))
    columns = [_column(field, hidden) for field in table.schema] or [SheetColumn("nothing", width=60)]
    names = [column.name for column in columns] if table.schema.names else []
    sums = {column.name: _sum(table, column.name) for column in columns if column.total}
    setup = PageSetup(footer, largest=largest_in(table, columns, sums), machine_names=True)
    ru, _, kk = SHEETS[name].partition(" · ")
    title: Words = (("title", ru), ("title_kk", f" · {kk}"))
    page = book.add_page(SHEETS[name], columns, [title, (("soft", footer),)], setup)
    plus, minus = (PLUS, MINUS) if name == "balances" else ((), ())
    page.start_table(plus, minus, table.num_rows, cover)
    if names:
        page.add_band(cell_records(_word_flags(table, book.headers.texts), names))
    page.end()
    if sums and not columns[0].total:
        page.add_total("", sums, page.first_row, keys={columns[0].name: TOTAL})
    return page


def _column(field: Any, hidden: Sequence[str]) -> SheetColumn:
    """Return how a column of data looks, by its type: two places are money, three a quantity, four a tariff."""
    kind: Kind = "text"
    if pa.types.is_decimal(field.type):
        by_scale: dict[int, Kind] = {2: "money", 3: "quantity", 4: "tariff"}
        kind = "percent" if field.name == "percent" else by_scale.get(field.type.scale, "tariff")
    elif pa.types.is_integer(field.type):
        kind = "integer"
    elif pa.types.is_date(field.type):
        kind = "date"
    width = _WIDTHS.get(field.name, 24 if kind == "text" else 16)
    flexible = field.name in _FLEXIBLE and field.name not in hidden
    return SheetColumn(field.name, kind, width, kind == "money", field.name in hidden, flexible)


def _word_flags(table: pa.Table, texts: Texts) -> pa.Table:
    """Return the table with yes and no in words."""
    for place, field in enumerate(table.schema):
        if pa.types.is_boolean(field.type):
            words = pc.if_else(table.column(place), texts.both("answer.yes"), texts.both("answer.no"))
            table = table.set_column(place, field.name, words)
    return table
