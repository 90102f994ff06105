"""Checks of tariffs by steps of consumption (4.3.2.1)."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from inbox_worker.core.model import Finding
from inbox_worker.deciding.registry import check
from inbox_worker.deciding.table import CheckedTable, Context, show

_TARIFF = ("service", "house", "base", "category", "from_month")  # rows that share these are steps of one tariff
_Tariff = tuple[object, ...]


@check
def steps_of_tariff(table: CheckedTable, context: Context, base: str) -> list[Finding]:
    """A step (`Сверх`) is of consumption by meters and stands over a first step, which is in this form or is known.

    Thresholds that do not rise down the sheet are told: the order of rows does not matter, but one may be mistyped.
    """
    if "threshold" not in table.frame or not table.frame["threshold"].notna().any():
        return []
    found, highest = list[Finding](), dict[_Tariff, Decimal]()
    tariffs, known = _tariffs(table.frame), _first_steps(context)
    is_first = table.frame["threshold"].isna().to_numpy(dtype=bool)
    firsts = {tariff for tariff, first in zip(tariffs, is_first, strict=True) if first} | known
    for index in table.where(table.frame["threshold"].notna()):
        threshold, tariff = table.value(index, "threshold"), tariffs[index]
        if table.value(index, "base") not in (base, None):
            found.append(table.finding("tariff.steps_not_metered", index, "threshold", base=table.value(index, "base")))
        elif tariff not in firsts:
            found.append(table.finding("tariff.no_first_step", index, "threshold"))
        if threshold < highest.get(tariff, threshold):
            found.append(table.finding("tariff.steps_unordered", index, "threshold", above=show(highest[tariff])))
        highest[tariff] = max(threshold, highest.get(tariff, threshold))
    return found


def _first_steps(context: Context) -> set[_Tariff]:
    """Tariffs of the Customer whose first step counts in the form's month of account already."""
    facts = context.facts("tariffs")
    return set(_tariffs(facts[facts["threshold"].isna() & (facts["month"] <= context.month.first_day)]))


def _tariffs(rows: pd.DataFrame) -> list[_Tariff]:
    columns = [rows[name].astype(object).where(rows[name].notna(), None) for name in _TARIFF]
    return list(zip(*columns, strict=True))
