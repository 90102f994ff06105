"""Earlier facts that a form's rows may correct: those in force whose month is still open (interface.md)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Period, Submission
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.journal import Journal
from inbox_worker.settings.form_rules import FormRule

_OTHER_NAMES = {"bin": "customer"}  # what a form calls otherwise than the facts do


def facts_in_force(
    ledger: Path, journal: Journal, kind: str, customer: str, open_from: Period | None, without: str
) -> pa.Table:
    """Return all facts of a kind that a Customer has in force, in order of posting; `closed` tells whether the row's
    accounting month is closed. `open_from`: the first open month, None = all are open. `without`: a submission being
    replaced whole. Nobody (`''`) has none."""
    files = [f for f in journal.facts.files(kind, customer=customer) if f.submission != without] if customer else []
    table = read_facts(ledger, kind, files)
    first = (open_from or Period(1900, 1)).first_day
    return table.append_column("closed", pc.less(table.column("month"), pa.scalar(first, pa.date32())))


def earlier_rows(
    ledger: Path,
    journal: Journal,
    rule: FormRule,
    customer: str,
    open_from: Period | None,
    only: Period | None,
    without: str = "",
    of: str = "",
    copies: Collection[str] = (),
    months: Collection[Period] | None = None,
) -> pa.Table:
    """Return rows with the form's key and compared columns and `submission, sheet, row, month`, in order of posting.

    `customer`: '' for registers of all. `open_from`: the first open month, None = all are open. `only`: rows of
    this month alone, for forms whose key has the month in it, and of later months those of `copies` (submissions) and
    of what `happens_once`. `without`: a submission replaced whole; `of`:
    only that submission. `months`: rows of these alone.
    """
    columns = [*rule.key, *rule.compares, "submission", "sheet", "row", "month"]
    files = [
        file
        for file in journal.facts.files(rule.form, customer=customer)
        if file.submission != without
        and (not of or file.submission == of)
        and (open_from is None or file.month >= open_from)
        and (months is None or file.month in months)
        and (
            only is None
            or file.month == only
            or (file.month > only and (rule.happens_once or file.submission in copies))
        )
    ]
    if not files:
        return pa.table({name: pa.nulls(0, pa.string()) for name in columns})
    stored = [_OTHER_NAMES.get(name, name) for name in columns]
    return read_facts(ledger, rule.form, files, stored).select(stored).rename_columns(columns)


def find_replacements(ledger: Path, journal: Journal, submission: Submission) -> dict[str, int]:
    """Return the submissions whose rows in force replace rows of this one, and how many."""
    found: dict[str, int] = {}
    for file in journal.facts.files(submission.form, customer=submission.customer):
        if file.submission != submission.id:
            rows = read_facts(ledger, submission.form, [file], ["replaces_submission"])
            count = pc.sum(pc.equal(rows.column("replaces_submission"), submission.id)).as_py()
            if count:
                found[file.submission] = found.get(file.submission, 0) + count
    return found
