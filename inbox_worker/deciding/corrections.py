"""Corrections by the form's key (interface.md): a new key adds, a known key with another value replaces the
open earlier row and shows both values, the same value again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Changes, Finding, Period, Submission
from inbox_worker.deciding.alike import restore_codes
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.standing_again import arrival_of, find_standing_again
from inbox_worker.deciding.table import CheckedTable, show, sign_rows
from inbox_worker.ledger.facts import KNOWN
from inbox_worker.month.office import Office
from inbox_worker.settings.form_rules import FormRule

Mask = npt.NDArray[np.bool_]
_MOST_NAMED = 5
_KEEPS_UNSAID = "customers"
_PLACE = ("submission", "sheet", "row", "month")


@dataclass(frozen=True)
class Matched:
    """Rows left to post, with the earlier rows they replace, what there is to say, and the difference in figures."""

    rows: pa.Table
    findings: tuple[Finding, ...]
    changes: Changes


@dataclass(frozen=True)
class _Compared:
    """A form's rows beside earlier ones: which have an earlier row of their key, which say the same, and which say
    what stands in a later month only."""

    merged: pd.DataFrame | None
    known: Mask
    same: Mask
    later: Mask


def match_earlier(
    table: CheckedTable,
    keep: Mask,
    earlier: pa.Table,
    replaced: pa.Table,
    month: Period | None,
    came_later: Callable[[str], bool] = lambda submission: False,
) -> Matched:
    """Compares the rows kept for posting with the open earlier facts of the Customer and form.

    `earlier` and `replaced` (the rows of the submission replaced whole, which do not stand any more) have the
    form's key and compared columns and `submission, sheet, row, month`; `keep` is a mask over the form's rows.
    `month`: the form's month of account, None for a form that counts in none. A row that stands in a later month only
    does not act in the form's: the new row is posted and takes its place. `came_later`: whether another submission came
    after this form, which was held meanwhile: what that one says of a key stands, and the form's own row is left out.
    """
    rows: pa.Table = table.form.rows
    rule = table.rule
    found = _compare(table, earlier, month)
    whole = _compare(table, replaced, None)
    gone = _gone(table, keep, earlier, replaced)
    if found.merged is None:
        findings = []
    else:
        changed = keep & found.known & ~found.same & ~found.later
        holders = found.merged["old_submission"].where(changed)
        newer = holders.isin([one for one in holders.dropna().unique() if came_later(one)]).to_numpy(dtype=bool)
        findings = _say(table, found.merged, keep & found.same, changed & ~newer, month)
        findings += _say_changed(table, found.merged, newer, "row.overtaken", None)
        keep = keep & ~newer
        findings += _say_later(table, found.merged, keep & found.later, rule.compares[0])
    changes = _changes(keep, found, whole, gone)  # of what acts
    if replaced.num_rows:
        facts = {name: str(count) for name, count in vars(changes).items()}
        old = str(replaced.column("submission")[0].as_py())
        findings += [Finding("rows.compared", value=old, facts=facts)]
        findings += find_standing_again(table, keep, earlier, replaced)
    left = _with_replaced(rows, found.merged).filter(pa.array(keep & ~found.same))
    return Matched(left, tuple(findings), changes)


def overtaken(case: Case) -> Finding | None:
    """Compare the rows of the earlier submission of these bytes, read again, with what acts now; None when all of
    them still act (money.md, duplicate).

    A row acts when a row of its key with the same values is in force, whichever form brought it.
    """
    first = case.same_as
    if first is None or case.form.form != first.form:
        return _overtaken(case, first, first.rows_read, [first.replaced_by]) if first and first.replaced_by else None
    customer = case.customers.get(first.customer)
    past = replace(case, complete_at=first.complete_at, customer=customer)
    table = CheckedTable(past)
    restore_codes(table, past, lambda: past.in_force)
    found = match_earlier(table, np.ones(len(table), np.bool_), past.in_force, pa.table({}), None)
    holders = [f.facts["submission"] for f in found.findings if f.code == "row.replaced"]
    others = [holder for holder in holders if holder != first.id]  # of two rows of a key in one form the last acts
    refused = first.rows_read - first.changes.added - first.changes.changed - first.changes.unchanged
    gone = max(0, found.changes.added - refused)
    by = [*others, *([first.replaced_by] if gone and first.replaced_by else [])]
    return _overtaken(case, first, len(others) + gone, by) if others or gone else None


def may_be_overtaken(office: Office, first: Submission) -> bool:
    """Return whether anything was posted that may stand in the way of its rows: else it need not be read again."""
    facts = office.journal.facts.files(first.form, customer=first.customer)
    return bool(first.replaced_by or first.changes.unchanged) or any(file.submission != first.id for file in facts)


def _overtaken(case: Case, first: Submission, rows: int, by: Sequence[str]) -> Finding:
    """How many rows of an earlier submission do not act any more, and the submissions whose rows act instead."""
    named = ", ".join(list(dict.fromkeys(by))[:_MOST_NAMED]) or "—"
    facts = {"first": first.id, "rows": str(rows), "read": str(first.rows_read), "by": named}
    return Finding("submission.overtaken", value=case.file.name, facts=facts)


def _compare(table: CheckedTable, earlier: pa.Table, month: Period | None) -> _Compared:
    rule = table.rule
    key, compares = list(rule.key), list(rule.compares)
    for part in key:  # most forms correct nothing: what cannot match is left out before the dear comparison
        if earlier.num_rows:
            own, others = table.form.rows.column(part), earlier.column(part)
            earlier = earlier.filter(pc.is_in(others, value_set=pc.unique(own).cast(others.type)))
    if earlier.num_rows == 0:
        nothing = np.zeros(len(table), np.bool_)
        return _Compared(None, nothing, nothing, nothing)
    if month:  # of several rows of a key, one that counts in the form's month is met before one that does not
        after = pc.greater(earlier.column("month"), pa.scalar(month.first_day, pa.date32()))
        earlier = pa.concat_tables([earlier.filter(after), earlier.filter(pc.invert(after))])
    before = earlier.select([*key, *compares, *_PLACE]).to_pandas(types_mapper=pd.ArrowDtype)
    key = sign_rows(before, rule)
    before = before.rename(columns={c: f"old_{c}" for c in (*compares, *_PLACE)})
    merged = _null_safe_merge(table.frame[[*key, *compares]], before, key)
    known = merged["old_submission"].notna().to_numpy(dtype=bool)
    same = known.copy()
    for column in compares:
        new, old = merged[column], merged[f"old_{column}"]
        same &= ((new == old).fillna(False) | (new.isna() & old.isna())).to_numpy(dtype=bool)
    return _in_months(merged, known, same, rule, month)


def _in_months(merged: pd.DataFrame, known: Mask, same: Mask, rule: FormRule, month: Period | None) -> _Compared:
    """Tells rows that stand in a later month from those that count already. Where the month belongs to the key, only
    the very same row of a later month is met; another one is that month's own."""
    if month is None:
        return _Compared(merged, known, same, np.zeros(len(merged), np.bool_))
    after = (merged["old_month"] > month.first_day).fillna(False).to_numpy(dtype=bool)
    if rule.per_month:
        known = known & (same | ~after)
        merged = merged.assign(**{f"old_{name}": merged[f"old_{name}"].where(known) for name in _PLACE})
    return _Compared(merged, known, same & ~after, same & after)


def _null_safe_merge(frame: pd.DataFrame, before: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Left merge in row order; an empty key part equals an empty one (a tariff without a house)."""
    return frame.merge(before.drop_duplicates(key, keep="last"), on=key, how="left")


def _gone(table: CheckedTable, keep: Mask, earlier: pa.Table, replaced: pa.Table) -> int:
    """Count rows of the submission replaced whole that have no row of their key any more, neither here nor in one that
    came after it and stands."""
    if replaced.num_rows == 0:
        return 0
    key = list(table.rule.key)
    before = replaced.select(key).to_pandas(types_mapper=pd.ArrowDtype).drop_duplicates()
    now = table.frame.loc[keep, key]
    if earlier.num_rows:
        own, submissions = arrival_of(replaced.column("submission")[0].as_py()), pc.unique(earlier.column("submission"))
        after = pa.array([one for one in submissions.to_pylist() if arrival_of(one) > own], pa.string())
        stands = earlier.filter(pc.is_in(earlier.column("submission"), value_set=after)).select(key)
        now = pd.concat([now, stands.to_pandas(types_mapper=pd.ArrowDtype)], ignore_index=True)
    now = now.drop_duplicates()
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


def _say(table: CheckedTable, merged: pd.DataFrame, same: Mask, changed: Mask, month: Period | None) -> list[Finding]:
    findings = _say_changed(table, merged, changed, "row.replaced", month)
    for index in table.where(same):
        submission = str(merged["old_submission"].iloc[index])
        taken_back = table.rule.form == "bank_register" and table.value(index, "amount") < 0
        code = "register.reversal_same" if taken_back else "row.unchanged"
        findings.append(table.make_finding(code, index, table.rule.compares[0], submission=submission))
    return findings


def _say_changed(
    table: CheckedTable, merged: pd.DataFrame, changed: Mask, code: str, month: Period | None
) -> list[Finding]:
    """Tell both values of each of those rows, in the first column that differs; of the register of Customers in one
    that its sheet has, for what it does not say stays as it is known. `month`: in which the new ones count."""
    if not changed.any():
        return []
    compares, findings = table.rule.compares, list[Finding]()
    columns = {name: merged[name].tolist() for name in merged.columns}
    for index in table.where(changed):
        row = {name: values[index] for name, values in columns.items()}
        differ = [c for c in compares if show(row[c]) != show(row[f"old_{c}"])]
        if table.rule.form == _KEEPS_UNSAID and differ:
            differ = [c for c in differ if table.place(index, c)[1]]
            if not differ:
                continue
        shown = (differ or compares)[0]
        facts = {**_both_values(table, row, shown), **_both_months(table, row, month)}
        findings.append(table.make_finding(code, index, shown, **facts))
    return findings


def _both_months(table: CheckedTable, row: Mapping[str, Any], month: Period | None) -> dict[str, str]:
    """Say that a row leaves the month in which the earlier one counted, for another. What counts from a month on stays
    in that month."""
    if month is None or table.rule.form in KNOWN or (old := Period.of(row["old_month"])) == month:
        return {"counted": "", "counted_kk": ""}
    return table.texts.words("fact.counted_in", old_month=old.form_text, month=month.form_text).facts("counted")


def _both_values(table: CheckedTable, row: Mapping[str, Any], column: str) -> dict[str, str]:
    return {
        "old": table.show_value(column, row[f"old_{column}"]) or "—",
        "new": table.show_value(column, row[column]) or "—",
        "old_kk": table.show_value(column, row[f"old_{column}"], kk=True) or "—",
        "new_kk": table.show_value(column, row[column], kk=True) or "—",
        "submission": str(row["old_submission"]),
        "old_row": str(int(row["old_row"])),
    }


def _say_later(table: CheckedTable, merged: pd.DataFrame, later: Mask, column: str) -> list[Finding]:
    """One finding a row that stood in a later month and counts from the form's month now."""
    found = []
    for index in table.where(later):
        old = merged.iloc[index]
        facts = {"submission": str(old["old_submission"]), "old_month": Period.of(old["old_month"]).form_text}
        found.append(table.make_finding("row.counts_earlier", index, column, **facts))
    return found


def _with_replaced(rows: pa.Table, merged: pd.DataFrame | None) -> pa.Table:
    for name, kind in (("submission", pa.string()), ("sheet", pa.string()), ("row", pa.int32())):
        column = (
            pa.nulls(rows.num_rows, kind)
            if merged is None
            else pa.array(merged[f"old_{name}"], from_pandas=True).cast(kind)
        )
        rows = rows.append_column(f"replaces_{name}", column)
    return rows
