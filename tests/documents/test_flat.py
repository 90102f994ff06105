"""Flat data beside workbooks: made by columns or by rows, a .csv is the same bytes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa

from inbox_worker.documents.flat import render_flat, render_flat_table
from inbox_worker.documents.sheet_style import Headers
from inbox_worker.settings.rules import Rules
from tests.documents.made import TORTURE

NAMES = (*TORTURE, 'ТОО "Жетісу"', "a;b", "", None, " x ", "-5", "'")


def test_columns_give_the_bytes_of_rows(rules: Rules) -> None:
    """Whatever texts people write, signs of formulas among them; numbers, days, nothing; columns of one value."""
    count = len(NAMES)
    table = pa.table({
        "name": pa.array(NAMES, pa.string()),
        "charged": pa.array([Decimal(at - 3) / 4 if at % 5 else None for at in range(count)], pa.decimal128(18, 2)),
        "paid": pa.array([Decimal("-0.50")] * count, pa.decimal128(18, 2)),
        "paid_on": pa.array([date(2026, 9, 1) if at % 2 else None for at in range(count)], pa.date32()),
        "house": pa.nulls(count),
        "residents": pa.array(range(count), pa.int64()),
        "penalty": pa.array([Decimal(0)] * count, pa.decimal128(18, 2)),
    })  # fmt: skip
    headers = Headers(rules.texts.written, "turnover")
    for some in (table, table.slice(3, 1), table.slice(0, 0)):
        by_rows = render_flat("turnover", "x.csv", table.column_names, some.to_pylist(), headers)
        by_columns = render_flat_table("turnover", "x.csv", table.column_names, some, headers)
        assert by_columns.data.decode() == by_rows.data.decode()
