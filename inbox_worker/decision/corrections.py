"""Corrections by the form's key (interface.md): a new key adds, a known key with another value replaces the
open earlier row and shows both values, the same value again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.decision.table import CheckedTable, show, sign_rows
from inbox_worker.form_rules import FormRule
from inbox_worker.model import Changes, Finding

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Matched:
    """Rows left to post, with the earlier rows they replace, what there is to say, and the difference in figures."""

    rows: pa.Table
    findings: tuple[Finding, ...]
    changes: Changes


@dataclass(frozen=True)
class _Compared:
    """A form's rows beside earlier ones: which have an earlier row of their key, and which say the same."""

    merged: pd.DataFrame | None
    known: Mask
    same: Mask


def match_earlier(table: CheckedTable, keep: Mask, earlier: pa.Table, replaced: pa.Table, rule: FormRule) -> Matched:
    """Compares the rows kept for posting with the open earlier facts of the Customer and form.

    `earlier` and `replaced` (the rows of the submission replaced whole, which do not stand any more) have the
    form's key and compared columns and `submission, sheet, row`; `keep` is a mask over the form's rows.
    """
    rows: pa.Table = table.form.rows
    found = _compare(table, earlier, rule)
    whole = _compare(table, replaced, rule)
    gone = _gone(table, keep, replaced, rule)
    changes = _changes(keep, found, whole, gone)
    if found.merged is None:
        findings = []
    else:
        changed = keep & found.known & ~found.same
        findings = _say(table, found.merged, keep & found.same, changed, list(rule.compares))
    if replaced.num_rows:
        facts = {name: str(count) for name, count in vars(changes).items()}
        old = str(replaced.column("submission")[0].as_py())
        findings.append(Finding("rows.compared", value=old, facts=facts))
    left = _with_replaced(rows, found.merged).filter(pa.array(keep & ~found.same))
    return Matched(left, tuple(findings), changes)


def _compare(table: CheckedTable, earlier: pa.Table, rule: FormRule) -> _Compared:
    key, compares = list(rule.key), list(rule.compares)
    if earlier.num_rows:  # most forms correct nothing: what cannot match is left out before the dear comparison
        own = table.form.rows.column(key[0])
        earlier = earlier.filter(pc.is_in(earlier.column(key[0]), value_set=own.cast(earlier.column(key[0]).type)))
    if earlier.num_rows == 0:
        nothing = np.zeros(len(table.frame), np.bool_)
        return _Compared(None, nothing, nothing)
    before = earlier.select([*key, *compares, "submission", "sheet", "row"]).to_pandas(types_mapper=pd.ArrowDtype)
    key = sign_rows(before, rule)
    before = before.rename(columns={c: f"old_{c}" for c in (*compares, "submission", "sheet", "row")})
    merged = _null_safe_merge(table.frame[[*key, *compares]], before, key)
    known = merged["old_submission"].notna().to_numpy(dtype=bool)
    same = known.copy()
    for column in compares:
        new, old = merged[column], merged[f"old_{column}"]
        same &= ((new == old).fillna(False) | (new.isna() & old.isna())).to_numpy(dtype=bool)
    return _Compared(merged, known, same)


def _null_safe_merge(frame: pd.DataFrame, before: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Left merge in row order; an empty key part equals an empty one (a tariff without a house)."""
    return frame.merge(before.drop_duplicates(key, keep="last"), on=key, how="left")


def _gone(table: CheckedTable, keep: Mask, replaced: pa.Table, rule: FormRule) -> int:
    """How many rows of the submission replaced whole have no row of their key any more."""
    if replaced.num_rows == 0:
        return 0
    key = list(rule.key)
    before = replaced.select(key).to_pandas(types_mapper=pd.ArrowDtype).drop_duplicates()
    now = table.frame.loc[keep, key].drop_duplicates()
    return len(before) - len(before.merge(now, on=key, how="inner"))


def _changes(keep: Mask, found: _Compared, whole: _Compared, gone: int) -> Changes:
    """A row is compared with the open row it replaces, else with the row of the submission replaced whole."""
    known = found.known | whole.known
    same = np.where(found.known, found.same, whole.same)
    return Changes(
        added=int((keep & ~known).sum()),
        changed=int((keep & known & ~same).sum()),
        unchanged=int((keep & known & same).sum()),
        gone=gone,
    )


def _say(table: CheckedTable, merged: pd.DataFrame, same: Mask, changed: Mask, compares: list[str]) -> list[Finding]:
    column = compares[0]
    findings: list[Finding] = []
    if not (changed.any() or same.any()):
        return findings
    columns = {name: merged[name].tolist() for name in merged.columns}
    for index in table.where(changed):
        row = {name: values[index] for name, values in columns.items()}
        differing = [c for c in compares if show(row[c]) != show(row[f"old_{c}"])]
        shown = differing[0] if differing else column
        facts = {
            "old": table.told(shown, row[f"old_{shown}"]) or "—",
            "new": table.told(shown, row[shown]) or "—",
            "old_kk": table.told(shown, row[f"old_{shown}"], kk=True) or "—",
            "new_kk": table.told(shown, row[shown], kk=True) or "—",
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
