"""Rows of earlier forms that act again when the form that had replaced them is itself replaced whole (4.3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from inbox_worker.core.identifiers import parse_number
from inbox_worker.core.model import Finding
from inbox_worker.deciding.table import CheckedTable, Mask

_MOST_SHOWN = 5


def arrival_of(submission: str) -> int:
    """Return the number of the letter that a submission came with; 0 for what is none."""
    number = parse_number(submission)
    return number[0] if number else 0


def find_standing_again(table: CheckedTable, keep: Mask, earlier: pa.Table, replaced: pa.Table) -> list[Finding]:
    """Return a warning that names the rows of the submission replaced whole that this form has not and an earlier one
    has: they are gone with their form, and the earlier form's values act. One finding."""
    if not earlier.num_rows or not replaced.num_rows:
        return []
    key, shown = list(table.rule.key), table.rule.compares[0]
    own = arrival_of(replaced.column("submission")[0].as_py())
    before = [index for index, one in enumerate(earlier.column("submission").to_pylist()) if arrival_of(one) < own]
    there = _frame(earlier.take(pa.array(before, pa.int64())), [*key, shown, "submission"]).drop_duplicates(
        key, keep="last"
    )
    there = there.merge(_frame(replaced, key).drop_duplicates(), on=key)
    left = there.merge(table.frame.loc[keep, key].drop_duplicates(), on=key, how="left", indicator=True)
    rows = left[left["_merge"] == "left_only"].to_dict("records")
    if not rows:
        return []
    value, value_kk = (_name(table, rows, [*key, shown], kk=kk) for kk in (False, True))
    forms = ", ".join(dict.fromkeys(str(row["submission"]) for row in rows[:_MOST_SHOWN]))
    return [Finding("rows.stand_again", value=value, facts={"value_kk": value_kk, "submission": forms})]


def _frame(rows: pa.Table, columns: list[str]) -> pd.DataFrame:
    frame: pd.DataFrame = rows.select(columns).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _name(table: CheckedTable, rows: Sequence[Mapping[Any, Any]], columns: list[str], *, kk: bool) -> str:
    shown = [[table.show_value(name, row[name], kk=kk) for name in columns] for row in rows[:_MOST_SHOWN]]
    return "; ".join(" ".join(filter(None, texts)) for texts in shown) + ("; …" if len(rows) > _MOST_SHOWN else "")
