"""The tables of a computed month that its close keeps and later months read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from inbox_worker.core.model import Period
from inbox_worker.core.queries import quote_sql

MONEY, TEXT = pa.decimal128(18, 2), pa.string()
_TARIFF, _QUANTITY = ("tariff", pa.decimal128(18, 4)), ("quantity", pa.decimal128(18, 3))
_SUMS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing", "opening_penalty",
         "paid_penalty", "closing_penalty")  # fmt: skip
LINES = pa.schema(
    [
        *((name, TEXT) for name in ("account", "customer", "service")),
        _TARIFF,
        _QUANTITY,
        *((name, MONEY) for name in _SUMS),
    ]
)
RECALCULATIONS = pa.schema(
    [
        *((name, TEXT) for name in ("customer", "account", "service")),
        ("past_month", pa.date32()),
        ("amount", MONEY),
        ("kind", TEXT),
        _TARIFF,
        _QUANTITY,
        ("submission", TEXT),
        ("sheet", TEXT),
        ("row", pa.int32()),
    ]
)
ESTIMATES = pa.schema(
    [
        *((name, TEXT) for name in ("customer", "account", "service", "meter_customer", "meter_service", "meter")),
        _QUANTITY,
    ]
)
_STEP = (
    ("step", pa.int32()),
    ("threshold", pa.decimal128(18, 3)),
    _TARIFF,
    _QUANTITY,
    ("amount", pa.decimal128(18, 7)),
    ("submission", TEXT),
    ("sheet", TEXT),
    ("row", pa.int32()),
)
_LINE = tuple((name, TEXT) for name in ("account", "customer", "service"))
CHARGE_STEPS = pa.schema([*_LINE, *_STEP])
PAST_STEPS = pa.schema([*_LINE, ("past_month", pa.date32()), *_STEP])
_ORDERS = {
    "lines": "account, customer, service",
    "recalculation_rows": "account, customer, service, past_month, kind, submission, sheet, row",
    "estimates": "account, customer, service, meter_customer, meter_service, meter",
    "charge_steps": "account, customer, service, step",
    "past_steps": "account, customer, service, past_month, step",
}
TOTALS = tuple(LINES.names[5:])
MONTH = pa.field("month", pa.date32())
SHOWN = {  # earlier months as the steps read them, with their month -> file of the close and its columns
    "previous": ("lines", LINES),
    "previous_steps": ("steps", CHARGE_STEPS),
    "history_estimates": ("estimates", ESTIMATES),
    "asked_lines": ("lines", LINES),
    "asked_steps": ("steps", CHARGE_STEPS),
    "asked_recalculations": ("recalculations", RECALCULATIONS),
    "asked_past_steps": ("past_steps", PAST_STEPS),
    "recent_lines": ("lines", LINES),
    "earlier_lines": ("lines", LINES),
    "moving_lines": ("lines", LINES),
}


@dataclass(frozen=True)
class Computed:
    """A month as computed: its lines, recalculations, estimates of meters, and charges by steps, of the month and of
    past months counted again in it (the schemas above), sorted."""

    month: Period
    lines: pa.Table
    recalculations: pa.Table
    estimates: pa.Table
    steps: pa.Table
    past_steps: pa.Table


def name_file(path: Path) -> str:
    """Return the rows of a Parquet file as SQL names them."""
    return f"read_parquet({quote_sql(str(path))})"


def select_ordered(name: str, schema: pa.Schema) -> str:
    """Return the query of a step's table with these columns, in its order."""
    columns = ", ".join(f'"{column}"' for column in schema.names)
    return f"select {columns} from {name} order by {_ORDERS[name]}"  # noqa: S608
