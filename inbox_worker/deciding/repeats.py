"""The same bytes again: whether what they said the first time still acts (money.md, duplicate)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from inbox_worker.core.model import Finding, FormTable, Submission
from inbox_worker.deciding.alike import restore_codes
from inbox_worker.deciding.context import what_checks_know
from inbox_worker.deciding.corrections import match_earlier
from inbox_worker.deciding.table import CheckedTable
from inbox_worker.ledger.earlier_facts import earlier_rows
from inbox_worker.month.office import Office
from inbox_worker.settings.calendar import calendar_month

_MOST_NAMED = 5


@dataclass(frozen=True)
class Overtaken:
    """How many rows of an earlier submission do not act any more, and the submissions whose rows act instead."""

    rows: int
    by: tuple[str, ...]

    def finding(self, name: str, first: Submission) -> Finding:
        """What the sender of the copy `name` must hear."""
        by = ", ".join(self.by[:_MOST_NAMED]) or "—"
        facts = {"first": first.id, "rows": str(self.rows), "read": str(first.rows_read), "by": by}
        return Finding("submission.overtaken", value=name, facts=facts)


def may_be_overtaken(office: Office, first: Submission) -> bool:
    """Return whether anything was posted that may stand in the way of its rows: else it need not be read again."""
    facts = office.journal.facts.files(first.form, customer=first.customer)
    return bool(first.replaced_by or first.changes.unchanged) or any(file.submission != first.id for file in facts)


def overtaken(office: Office, first: Submission, form: FormTable, now: datetime) -> Overtaken | None:
    """Compare the rows of an earlier submission, read again, with what acts now; None when all of them still act.

    A row acts when a row of its key with the same values is in force, whichever form brought it.
    """
    rule = office.rules.forms[first.form]
    earlier = earlier_rows(
        office.home.ledger,
        office.journal,
        rule,
        first.customer,
        open_from=None,
        only=first.month if rule.per_month else None,
    )
    customer = office.journal.customers.all().get(first.customer)
    month = first.month or calendar_month(first.complete_at, office.rules)
    context = what_checks_know(office, customer, form.form, month, now, "")
    form, _ = restore_codes(form, rule, context, lambda: earlier)
    table = CheckedTable(form, rule, office.rules)
    keep = np.ones(form.rows.num_rows, np.bool_)
    found = match_earlier(table, keep, earlier, pa.table({}), rule, None)
    holders = [f.facts["submission"] for f in found.findings if f.code == "row.replaced"]
    others = [holder for holder in holders if holder != first.id]  # of two rows of a key in one form the last acts
    refused = first.rows_read - first.changes.added - first.changes.changed - first.changes.unchanged
    gone = max(0, found.changes.added - refused)
    by = dict.fromkeys([*others, *([first.replaced_by] if gone and first.replaced_by else [])])
    return Overtaken(len(others) + gone, tuple(by)) if others or gone else None
