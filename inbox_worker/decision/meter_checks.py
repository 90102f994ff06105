"""Checks of meter readings: not below the last counted value unless the meter ran over, nor far above it (7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
from pandas.api.extensions import take

from inbox_worker.decision.registry import check
from inbox_worker.decision.table import CheckedTable, Context, show
from inbox_worker.model import Finding

METER = ["account", "service", "meter"]
CAPACITY = pa.decimal128(18, 3)


@check
def reading_not_below_last(
    table: CheckedTable, context: Context, rollover: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Finding]:
    """A reading is not below the last counted value (7.2), the same is allowed; `Предыдущее`, if given, equals it.

    A meter that ran over its last digit starts again from zero: where the consumption across zero is plausible
    (not over the spike limit) the reading is taken with a warning, and the row gets `rollover`, what the meter
    holds. `rollover`: `digits` before the comma by service, `usual_unknown` the most a meter without a history
    may use across zero; without it no meter runs over.
    """
    merged = _with_last(table, context)
    last = merged["last"]
    below, differs = table.where(merged["current"] < last), table.where(merged["previous"] != last)
    counted = last.tolist() if below or differs else []
    found, held = [], {}
    for index in below:
        capacity = _capacity(table, merged, index, rollover) if rollover else None
        if capacity is None:
            found.append(table.finding("reading.below_last", index, "current", last=show(counted[index])))
            continue
        held[index] = capacity
        used = merged["current"].iloc[index] + capacity - counted[index]
        facts = {"last": show(counted[index]), "used": show(used), "capacity": show(capacity)}
        found.append(table.finding("reading.rolled_over", index, "current", **facts))
    table.add("rollover", pa.array([held.get(i) for i in range(len(merged))] if held else _none(merged), CAPACITY))
    for index in differs:
        found.append(table.finding("reading.previous_differs", index, "previous", last=show(counted[index])))
    return found


@check
def reading_spike(table: CheckedTable, context: Context, times: str, at_least: str) -> list[Finding]:
    """Warns when a month's consumption is many times the line's usual one (average of six months)."""
    merged = _with_last(table, context)
    if merged["usual"].isna().all():
        return []
    used = merged["current"] - merged["last"]
    factor, floor = Decimal(times), Decimal(at_least)
    found = []
    spikes = table.where((used > floor) & (used > merged["usual"].fillna(used) * factor))
    amounts, usual = (used.tolist(), merged["usual"].tolist()) if spikes else ([], [])
    for index in spikes:
        facts = {"used": show(amounts[index]), "usual": show(usual[index])}
        found.append(table.finding("reading.spike", index, "current", **facts))
    return found


def _none(merged: Any) -> pa.Array:
    return pa.nulls(len(merged), CAPACITY)


def _capacity(
    table: CheckedTable, merged: Any, index: int, rollover: Mapping[str, Mapping[str, Any]]
) -> Decimal | None:
    """What the meter counts before it starts from zero, None when the reading is no plausible run over zero."""
    service = str(table.value(index, "service"))
    row = merged.iloc[index]
    last, current, usual = row["last"], row["current"], row["usual"]
    stated = int(rollover["digits"].get(service, rollover["digits"]["default"]))
    capacity = Decimal(10) ** max(stated, len(str(int(last))))
    used = current + capacity - last
    return capacity if current >= 0 and used <= _most(table, service, usual, rollover) else None


def _most(table: CheckedTable, service: str, usual: Any, rollover: Mapping[str, Mapping[str, Any]]) -> Decimal:
    """The most a meter may plausibly use across zero: the form's spike limit."""
    if pd.isna(usual):
        unknown = rollover["usual_unknown"]
        return Decimal(unknown.get(service, unknown["default"]))
    spike = next((c.parameters for c in table.rule.checks if c.check == "reading_spike"), None)
    return max(Decimal(spike["at_least"]), usual * Decimal(spike["times"])) if spike else Decimal(usual)


def _with_last(table: CheckedTable, context: Context) -> Any:
    """`previous, current` of the form beside `last, usual` of the ledger, a row a row of the form."""
    places = table.places_in(context.lines, METER)
    found = {name: take(context.lines[name].array, places, allow_fill=True) for name in ("last", "usual")}
    merged = table.frame[["previous", "current"]].assign(**found)
    merged.loc[merged["previous"].isna() | merged["last"].isna(), "previous"] = merged["last"]
    return merged
