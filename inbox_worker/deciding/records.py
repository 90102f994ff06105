"""What decides about one form, and what was decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from inbox_worker.core.model import Changes, Customer, Finding, FormTable, Outcome, Period
from inbox_worker.deciding.table import Context
from inbox_worker.settings.form_rules import FormRule


@dataclass(frozen=True)
class Case:
    """All that decides about one form.

    `calendar`: the calendar's month; `month`, `deferred`: the month of account (calendar.month_of).
    `at_receipt`: both as they were of the form alone, when it came; `complete_on`: the day of the last needed piece.
    `stated`: `Месяц учёта` as written. `documents`: names of what came to prove it; `broken`: findings about files
    that came but do not open. `confirmed`: whether staff confirmed it by another way.
    `closed`: whether the month of account is closed. `earlier`: gives the open earlier facts (corrections);
    `replaced`: those of the submission that the form replaces whole.
    `findings`: what was found before: by reading, and about sender and Customer.
    """

    rule: FormRule
    form: FormTable
    context: Context
    customer: Customer | None
    calendar: Period
    month: Period
    deferred: bool
    stated: Period | None
    documents: Sequence[str]
    closed: bool
    earlier: Callable[[], pa.Table]
    replaced: Callable[[], pa.Table]
    findings: tuple[Finding, ...]
    at_receipt: tuple[Period, bool]
    complete_on: date
    broken: tuple[Finding, ...] = ()
    confirmed: bool = False


@dataclass(frozen=True)
class Decision:
    """Outcome, all findings, the rows to post (empty unless accepted or deferred), what they change, and what a held
    form waits for (`holds.py`)."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    rows: pa.Table
    changes: Changes = Changes()
    held_for: tuple[str, ...] = ()
