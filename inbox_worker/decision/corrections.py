"""Corrections by the form's key (interface.md): a new key adds, a known key with another value replaces the
open earlier row and shows both values, the same value again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from inbox_worker.decision.table import CheckedTable, show
from inbox_worker.model import Finding
from inbox_worker.rules import FormRule


@dataclass(frozen=True)
class Matched:
    """Rows left to post, with the earlier rows they replace, and what there is to say."""

    rows: pa.Table
    findings: tuple[Finding, ...]


def match_earlier(table: CheckedTable, keep: np.ndarray, earlier: pa.Table, rule: FormRule) -> Matched:
    """Compares the rows kept for posting with the open earlier facts of the Customer and form.

    `earlier` has the form's columns and `submission, sheet, row`; `keep` is a mask over the form's rows.
    """
    rows: pa.Table = table.form.rows
    if earlier.num_rows == 0:
        return Matched(_with_replaced(rows, None).filter(pa.array(keep)), ())
    key, compares = list(rule.key), list(rule.compares)
    before = earlier.select([*key, *compares, "submission", "sheet", "row"]).to_pandas(types_mapper=pd.ArrowDtype)
    before = before.rename(columns={c: f"old_{c}" for c in (*compares, "submission", "sheet", "row")})
    merged = _null_safe_merge(table.frame[[*key, *compares]], before, key)
    known = merged["old_submission"].notna().to_numpy(dtype=bool)
    same = known.copy()
    for column in compares:
        new, old = merged[column], merged[f"old_{column}"]
        equal = ((new == old).fillna(False) | (new.isna() & old.isna())).to_numpy(dtype=bool)
        same &= equal
    findings = _say(table, merged, keep & same, keep & known & ~same, compares)
    return Matched(_with_replaced(rows, merged).filter(pa.array(keep & ~same)), tuple(findings))


def _null_safe_merge(frame: pd.DataFrame, before: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Left merge in row order; an empty key part equals an empty one (a tariff without a house)."""
    return frame.merge(before.drop_duplicates(key, keep="last"), on=key, how="left")


def _say(
    table: CheckedTable, merged: pd.DataFrame, same: np.ndarray, changed: np.ndarray, compares: list[str]
) -> list[Finding]:
    column = compares[0]
    findings = []
    if not (changed.any() or same.any()):
        return []
    columns = {name: merged[name].tolist() for name in merged.columns}
    for index in table.where(changed):
        row = {name: values[index] for name, values in columns.items()}
        differing = [c for c in compares if show(row[c]) != show(row[f"old_{c}"])]
        shown = differing[0] if differing else column
        facts = {
            "old": show(row[f"old_{shown}"]) or "—",
            "new": show(row[shown]) or "—",
            "submission": str(row["old_submission"]),
            "old_row": str(int(row["old_row"])),
        }
        findings.append(table.finding("row.replaced", index, shown, **facts))
    for index in table.where(same):
        findings.append(table.finding("row.unchanged", index, column, submission=str(columns["old_submission"][index])))
    return findings


def _with_replaced(rows: pa.Table, merged: pd.DataFrame | None) -> pa.Table:
    for name, kind in (("submission", pa.string()), ("sheet", pa.string()), ("row", pa.int32())):
        column = (
            pa.nulls(rows.num_rows, kind)
            if merged is None
            else pa.array(merged[f"old_{name}"], from_pandas=True).cast(kind)
        )
        rows = rows.append_column(f"replaces_{name}", column)
    return rows
