"""The directory's lines of a month, against the rule said row by row (4.1.16, 7.2)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_worker.ledger.line_facts import lines_in_force, with_counted
from inbox_worker.ledger.schemas import SCHEMAS

MONTH = date(2026, 9, 1)
MONTHS = st.sampled_from([date(2026, m, 1) for m in range(1, 12)])
ACCOUNTS, SERVICES = st.sampled_from(["0012", "12", "7"]), st.sampled_from(["cold_water", "heating"])
METERS = st.sampled_from([None, "М1", "М2"])
AMOUNTS = st.integers(0, 99_999).map(lambda n: Decimal(n).scaleb(-3))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "account": ACCOUNTS,
            "service": SERVICES,
            "meter": METERS,
            "from_month": MONTHS,
            "sequence": st.integers(1, 3),
            "reading": st.none() | AMOUNTS,
        }
    ),
    max_size=25,
)
READINGS = st.lists(
    st.fixed_dictionaries(
        {
            "account": ACCOUNTS,
            "service": SERVICES,
            "meter": st.sampled_from(["М1", "М2"]),
            "month": st.sampled_from([date(2025 + m // 12, m % 12 + 1, 1) for m in range(20)]),
            "current": AMOUNTS,
            "rollover": st.none() | st.just(Decimal(100_000)),
        }
    ),
    max_size=25,
    unique_by=lambda r: (r["account"], r["service"], r["meter"], r["month"]),
)


def table(kind: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMAS[kind])


def expected(rows: list[dict[str, Any]], readings: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Row by row, as the rule is said."""
    known = [r for r in rows if r["from_month"] <= MONTH]
    found = []
    for line in {(r["account"], r["service"]) for r in known}:
        own = [r for r in known if (r["account"], r["service"]) == line]
        since = max(r["from_month"] for r in own)
        for meter in {r["meter"] for r in own if r["from_month"] == since}:
            row = max(
                (r for r in own if r["from_month"] == since and r["meter"] == meter),
                key=lambda r: (r["sequence"], r["row"]),
            )
            found.append((*line, meter, row["area"], *_history(line, meter, own, readings)))
    return found


def _history(
    line: tuple[str, str], meter: str | None, own: list[dict[str, Any]], readings: list[dict[str, Any]]
) -> tuple[Decimal | None, Decimal | None]:
    if meter is None:
        return None, None
    history = [r for r in readings if (r["account"], r["service"], r["meter"]) == (*line, meter)]
    stated = [r for r in own if r["meter"] == meter and r["reading"] is not None]
    first = min(stated, key=lambda r: (r["from_month"], r["sequence"], r["row"]), default=None)
    if not history:
        return (first["reading"] if first else None), None
    if first:
        history.append({"month": date.min, "current": first["reading"]})
    history.sort(key=lambda r: r["month"], reverse=True)
    used = []
    for later, earlier in zip(history[:6], history[1:7], strict=False):
        step = later["current"] - earlier["current"]
        used.append(step + (later.get("rollover") or 0) if step < 0 else step)
    used = [step for step in used if step >= 0]
    usual = (sum(used, Decimal(0)) / len(used)).quantize(Decimal("0.001"), ROUND_HALF_UP) if used else None
    return history[0]["current"], usual


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(ROWS, READINGS)
def test_lines_meters_and_their_last_values_are_those_of_the_rule(
    rows: list[dict[str, Any]], readings: list[dict[str, Any]]
) -> None:
    """4.1.16, 7.2: the latest version not after the month; the row loaded last; the latest reading, else the first
    `Показание`; the average of the last six months. Sorted by account, service, meter, an empty meter last."""
    rows = [{**r, "row": place, "area": Decimal(place)} for place, r in enumerate(rows, 1)]
    before = [r for r in readings if r["month"] < MONTH]
    directory = table("directory", rows)
    got = with_counted(lines_in_force(directory, MONTH), directory, table("meter_readings", before), MONTH)
    told = [
        tuple(r[name] for name in ("account", "service", "meter", "area", "last", "usual")) for r in got.to_pylist()
    ]
    key = lambda r: (r[0], r[1], r[2] is None, r[2] or "")  # noqa: E731
    right = sorted(expected(rows, before), key=key)
    assert [t[:5] for t in told] == [r[:5] for r in right]
    for mine, theirs in zip(told, right, strict=True):
        assert mine == theirs or abs(mine[5] - theirs[5]) <= Decimal("0.001")  # a half below zero
