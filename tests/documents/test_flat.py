"""Flat data beside workbooks: a .csv is what Python's own writer makes of its rows."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pyarrow as pa

from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.sheet_style import Headers
from inbox_worker.documents.view import clean
from inbox_worker.settings.rules import Rules
from tests.documents.made import TORTURE

NAMES = (*TORTURE, 'ТОО "Жетісу"', "a;b", "", None, " x ", "-5", "'")


def shown(value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, str):
        text = clean(value)
        return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
    return "" if value is None else str(value).replace(".", ",")


def test_columns_give_what_a_writer_of_rows_does(rules: Rules) -> None:
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
        made = render_flat("turnover", "x.csv", table.column_names, some, headers)
        text = StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        names = [headers.words(name) for name in table.column_names]
        writer.writerow([f"{both.ru} / {both.kk}" for both in names])
        writer.writerows([[shown(value) for value in row.values()] for row in some.to_pylist()])
        assert made.data.decode("utf-8-sig") == text.getvalue()
