"""4.1.15: numbers that can be read in two ways, or that their cells show as others, are refused and never guessed."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from form_books import READINGS, RECALCULATIONS, head, told, xlsx

Rows = list[list[object]]


def text(rows: Rows, delimiter: str) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter).writerows(rows)
    return sink.getvalue().encode()


def sums(*written: object) -> Rows:
    rows = [["10020030", "Лифт", "06.2026", value, f"акт {place}"] for place, value in enumerate(written)]
    return [*head("recalculations"), RECALCULATIONS, *rows]


def readings(*written: object) -> Rows:
    rows = [["10020030", "Холодная вода", f"С-{n}", None, value, "20.08.2026"] for n, value in enumerate(written)]
    return [*head("meter_readings"), READINGS, *rows]


@pytest.mark.parametrize("kind", ["xlsx", ";", ","])
def test_money_with_three_digits_after_its_sign_may_be_thousands(read, kind: str) -> None:
    rows = sums("-1,250", "-1.250", "(5,000)", "-1250,500", "-0,500", "-2,50", "-1 250,500")
    table = read(xlsx(rows)) if kind == "xlsx" else read(text(rows, kind), "форма.csv")
    bad = [("value.ambiguous_thousands", f"D{row}", value) for row, value in enumerate(("-1,250", "-1.250", "(5,000)"), 8)]
    assert told(table) == bad
    assert (table.findings[0].facts["small"], table.findings[0].facts["large"]) == ("-1,25", "-1250")
    assert table.rows["amount"].to_pylist()[3:] == [Decimal(v) for v in ("-1250.50", "-0.50", "-2.50", "-1250.50")]


def test_quantity_with_three_digits_is_a_fraction_unless_the_file_says_otherwise(read) -> None:
    assert read(xlsx(readings("1,250", "7,5"))).rows["current"].to_pylist() == [Decimal("1.250"), Decimal("7.500")]
    assert told(read(text(readings("1,250"), ";"), "форма.csv")) == []
    assert told(read(text(readings("1.250", "1,5"), ","), "форма.csv")) == [("value.ambiguous_thousands", "E8", "1.250")]
    assert told(read(text(readings("1,250"), ","), "форма.csv")) == [("value.ambiguous_thousands", "E8", "1,250")]
    assert told(read(xlsx(readings("1,250", "500.5")))) == [("value.ambiguous_thousands", "E8", "1,250")]


def test_a_number_that_is_no_text_is_what_it_is(read) -> None:
    assert read(xlsx(sums((-1250.0, "#,##0"), -5.0))).rows["amount"].to_pylist() == [Decimal("-1250.00"), Decimal("-5.00")]
