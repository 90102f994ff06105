"""Columns of our sheets: what they hold, how their cells look, and the rows of a table as cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

Kind = Literal["text", "long", "money", "tariff", "quantity", "percent", "integer", "date"]
Look = Literal["row", "part", "group", "total"]

TOTAL = "Всего / Барлығы"  # stands in the row that sums a whole table
_WHOLE_DIGITS = 18  # a decimal of so many digits fits into 64 bits
_PART = 2_000  # rows turned into cells at once

_FORMATS: Mapping[Kind, dict[str, Any]] = {
    "text": {"shrink": True, "align": "left", "indent": 1},
    "long": {"text_wrap": True, "align": "left", "indent": 1},
    "money": {"num_format": "#,##0.00", "shrink": True},  # a number that does not fit would be shown as ####
    "tariff": {"num_format": "#,##0.00##", "shrink": True},
    "quantity": {"num_format": "#,##0.00#", "shrink": True},
    "percent": {"num_format": "0.00##"},
    "integer": {"num_format": "0"},
    "date": {"num_format": "dd.mm.yyyy", "align": "center"},
}
HEADER = {"bold": True, "text_wrap": True, "align": "center", "border": 1, "border_color": "#8FA3B8",
           "bg_color": "#DCE5EE", "font_size": 8}  # fmt: skip
_LOOKS: Mapping[Look, dict[str, Any]] = {
    "row": {"bottom": 4, "bottom_color": "#C9D2DC"},
    "part": {"bottom": 1, "bottom_color": "#C9D2DC", "bg_color": "#F4F6F9", "italic": True},
    "group": {"bottom": 1, "bottom_color": "#8FA3B8", "bg_color": "#E6ECF2", "bold": True},
    "total": {"top": 1, "bottom": 6, "bold": True, "bg_color": "#DCE5EE"},
}


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: the data's name for it and its kind. Its header is a text, `sheet.<name>`."""

    name: str
    kind: Kind = "text"
    width: float = 12
    total: bool = False  # summed in total rows
    hidden: bool = False


def text_columns(**widths: float) -> tuple[SheetColumn, ...]:
    """Return columns of text, each of its width."""
    return tuple(SheetColumn(name, width=width) for name, width in widths.items())


def money_columns(**widths: float) -> tuple[SheetColumn, ...]:
    """Return columns of money, each of its width, that total rows sum."""
    return tuple(SheetColumn(name, "money", width, total=True) for name, width in widths.items())


@dataclass(frozen=True)
class Headers:
    """Headers of the columns of a kind of document, in both languages (rules/texts/documents.yaml)."""

    texts: Texts
    kind: str

    def words(self, name: str) -> Bilingual:
        """Return a column's header: the kind's own, else that of every document, else the data's name for it."""
        code = next((c for c in (f"sheet.{self.kind}.{name}", f"sheet.{name}") if c in self.texts), "")
        return self.texts.words(code) if code else Bilingual(ru=name, kk=name)

    def header(self, name: str) -> str:
        """Return the header as a cell shows it, a language a line."""
        words = self.words(name)
        return words.ru if words.ru == words.kk else f"{words.ru}\n{words.kk}"


@dataclass(frozen=True)
class Formula:
    """A live formula of ours with the value it gives; never made of anybody's text."""

    text: str
    value: Decimal


def join_figures(first: Mapping[str, str], *others: Mapping[str, str]) -> dict[str, str]:
    """Return figures of a workbook of several sheets: those of the others are named by their sheet (`Платежи!G`)."""
    return {**first, **{f"{other['sheet']}!{name}": value for other in others for name, value in other.items()}}


def format_properties(kind: Kind, look: Look) -> dict[str, Any]:
    """Return how a cell of that kind looks in a row of that look, in xlsxwriter's names."""
    return {**_FORMATS[kind], **_LOOKS[look]}


def set_up_print(sheet: Any, columns: Sequence[SheetColumn], header: int, footer: str) -> None:
    """Set widths and printing of an xlsxwriter sheet: landscape, one page wide, the header on every page and in sight.

    `header`: the place of the header's row, from 0.
    """
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.6)
    sheet.repeat_rows(header)
    sheet.freeze_panes(header + 1, 0)
    sheet.set_footer(f"&L&8{footer.replace('&', '&&')}&R&8&P / &N")
    sheet.hide_gridlines(2)
    sheet.outline_settings(symbols_below=True)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, None, {"hidden": column.hidden})


def records(table: Any, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a pyarrow table as tuples of those columns."""
    return zip(*(table.column(name).to_pylist() for name in names), strict=True)


def service_rows(table: Any, names: Sequence[str], rules: Rules) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table by those columns, with their service's names and its place in a bill (`order`)."""
    for record in records(table, names):
        row = dict(zip(names, record, strict=True))
        service = rules.service(row["service"])
        yield {**row, "service_ru": service.ru, "service_kk": service.kk, "order": rules.service_order[service.code]}


def cell_records(table: Any, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield rows for cells alone: decimals as the numbers a workbook holds, which is much faster; a part at a time."""
    for start in range(0, table.num_rows, _PART):
        part = table.slice(start, _PART)
        yield from zip(*(_cells_of(part.column(name)) for name in names), strict=True)


def _cells_of(column: Any) -> list[Any]:
    """Return a column's values; a whole number divided once is rounded once, arrow's own cast of a decimal is not."""
    if not pa.types.is_decimal(column.type):
        return list(column.to_pylist())
    if column.type.precision > _WHOLE_DIGITS:
        return [None if value is None else float(value) for value in column.to_pylist()]
    unit = 10**column.type.scale
    whole = pc.multiply(column, pa.scalar(Decimal(unit))).cast(pa.int64())
    return list(pc.divide(whole.cast(pa.float64(), safe=False), float(unit)).to_pylist())
