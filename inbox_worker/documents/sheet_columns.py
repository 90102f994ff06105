"""Columns of our sheets, and the rows of a table as their cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.documents.sheet_style import SheetColumn, in_both
from inbox_worker.settings.rules import Rules

TOTAL = "Всего · Барлығы"  # stands in the row that sums a whole table
_WHOLE_DIGITS = 18  # a decimal of so many digits fits into 64 bits
_ZERO = Decimal(0)
_PART = 2_000  # rows turned into cells at once


def text_columns(**widths: float) -> tuple[SheetColumn, ...]:
    """Return columns of text, each of its width."""
    return tuple(SheetColumn(name, width=width) for name, width in widths.items())


def money_columns(**widths: float) -> tuple[SheetColumn, ...]:
    """Return columns of money, each of its width, that total rows sum."""
    return tuple(SheetColumn(name, "money", width, total=True) for name, width in widths.items())


def widest(numbers: Iterable[Any]) -> Decimal:
    """Return the number that takes the most place, of none zero."""
    return max((Decimal(one) for one in numbers if one is not None), key=lambda one: (abs(one), one < 0), default=_ZERO)


def largest_numbers(columns: Sequence[SheetColumn], rows: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Return of every column of numbers the one that takes the most place, its sum included."""
    found = {}
    for column in columns:
        if column.kind in ("money", "tariff", "quantity"):
            values = [row[column.name] for row in rows if row.get(column.name) is not None]
            found[column.name] = widest([*values, sum(values, _ZERO)] if column.total else values)
    return found


def largest_in(
    table: pa.Table, columns: Sequence[SheetColumn], sums: Mapping[str, Decimal | None]
) -> dict[str, Decimal]:
    """Return the same of a table's columns, with their sums."""
    numbers = [column.name for column in columns if column.kind in ("money", "tariff", "quantity")]
    ends = {name: pc.min_max(table.column(name)).as_py().values() for name in numbers}
    return {name: widest([*ends[name], sums.get(name)]) for name in numbers}


@dataclass(frozen=True)
class Formula:
    """A live formula of ours with the value it gives; never made of anybody's text."""

    text: str
    value: Decimal


def join_figures(first: Mapping[str, str], *others: Mapping[str, str]) -> dict[str, str]:
    """Return figures of a workbook of several sheets: those of the others are named by their sheet (`Платежи!G`)."""
    return {**first, **{f"{other['sheet']}!{name}": value for other in others for name, value in other.items()}}


def records(table: Any, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a pyarrow table as tuples of those columns."""
    return zip(*(table.column(name).to_pylist() for name in names), strict=True)


def add_services(table: pa.Table, rules: Rules) -> pa.Table:
    """Return a table with the names of its services, `service_ru`, `service_kk` and both as `service_shown`, and their
    place in a bill, `order`; without a house it is ''."""
    codes = pc.unique(table.column("service"))
    at = pc.index_in(table.column("service"), codes)
    services = [rules.service(code) for code in codes.to_pylist()]
    for name, values in (
        ("order", pa.array([rules.service_order[service.code] for service in services], pa.int32())),
        ("service_ru", pa.array([service.ru for service in services], pa.string())),
        ("service_kk", pa.array([service.kk for service in services], pa.string())),
        ("service_shown", pa.array([in_both(service.words) for service in services], pa.string())),
    ):
        table = table.append_column(name, values.take(at))
    return fill_empty(table, "house", "") if "house" in table.column_names else table


def fill_empty(table: pa.Table, name: str, text: str) -> pa.Table:
    """Return a table with that text where a column of texts has none."""
    column = table.column(name)
    filled = pc.if_else(pc.equal(pc.fill_null(column, ""), ""), text, column)
    return table.set_column(table.column_names.index(name), name, filled)


def number_or_text(numbers: pa.Array, texts: pa.Array) -> pa.Array:
    """Return a column of cells that hold a text where there is one, else a number."""
    return pa.StructArray.from_arrays([numbers, texts], ["number", "text"])


def cell_records(table: Any, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield rows for cells alone: decimals as the numbers a workbook holds, which is much faster; a part at a time."""
    for start in range(0, table.num_rows, _PART):
        part = table.slice(start, _PART)
        yield from zip(*(_cells_of(part.column(name)) for name in names), strict=True)


def _cells_of(column: Any) -> list[Any]:
    """Return a column's values; a whole number divided once is rounded once, arrow's own cast of a decimal is not."""
    if pa.types.is_struct(column.type):
        numbers, texts = (_cells_of(one) for one in column.flatten())
        return [number if text is None else text for number, text in zip(numbers, texts, strict=True)]
    if not pa.types.is_decimal(column.type):
        return list(column.to_pylist())
    if column.type.precision > _WHOLE_DIGITS:
        return [None if value is None else float(value) for value in column.to_pylist()]
    unit = 10**column.type.scale
    whole = pc.multiply(column, pa.scalar(Decimal(unit))).cast(pa.int64())
    return list(pc.divide(whole.cast(pa.float64(), safe=False), float(unit)).to_pylist())
