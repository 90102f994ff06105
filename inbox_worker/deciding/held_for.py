"""Reasons for which a form without errors may still wait: documents, a person's confirmation, or a person's work
(money.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Severity, Submission
from inbox_worker.deciding.act_answers import tell_answers
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.payee_accounts import find_doubts
from inbox_worker.deciding.register_changes import tell_changes
from inbox_worker.deciding.requests import is_made_by_program, tell_requests
from inbox_worker.deciding.table import CheckedTable, show
from inbox_worker.ledger.tasks import Task
from inbox_worker.settings.calendar import add_working_days
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.task_rules import TaskTerm

DOCUMENTS, CONFIRMATION, TASK = "documents", "confirmation", "task"
LONGEST_TASK = 500  # letters of what a task says


def task_term(rules: Rules, kind: str, received_on: date, values: Iterable[object] = ()) -> tuple[str, date]:
    """Return clause and day of a task of a kind that came on a day; `values`: those that may have terms of their own.

    Of several the earliest counts. Days off are those of the calendar (rules/calendar.yaml).
    """
    rule = rules.tasks.rule(kind)
    terms: list[TaskTerm] = [rule.of[str(value)] for value in dict.fromkeys(values) if str(value) in rule.of] or [rule]
    days = [(_due(term, received_on, rules), term.clause) for term in terms]
    due, clause = min(days)
    return clause, due


def form_task(case: Case, held: Submission) -> Task | None:
    """Return the task of a form that waits for a person; None when it waits for none, or has its task."""
    if held.task or not (held.waits_for(CONFIRMATION) or held.waits_for(TASK)):
        return None
    kind, clause, due = _task_of(case)
    doubts = find_doubts(case)  # first: a sender's long name of a file must not push them out
    what = "; ".join([*doubts, f"{case.office.say.of(case.rule.title)}: {held.attachment}"])[:LONGEST_TASK]
    return Task(kind, held.customer, case.sender, what, held.arrival, held.id, clause, due, case.came_at)


def find_hold_reasons(case: Case, findings: Sequence[Finding]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return what the form waits for and the findings that say so."""
    rules, rule = case.rules, case.rule
    waits, notes = [], tell_answers(case)
    wanted = find_wanted_documents(case)
    if wanted and not case.documents:
        waits.append(DOCUMENTS)
        notes.append(wanted)
    if wanted:
        notes += case.broken
    trust = any(rules.findings[finding.code].holds for finding in findings)
    if rule.held == TASK and _acts_by_itself(case, findings):
        return tuple(waits), (*notes, *(tell_requests(case) if is_made_by_program(case) else ()))
    if rule.held == TASK:
        waits.append(TASK)
        notes.append(_until(case, "task.received"))
    elif not case.confirmed and (trust or (rule.held == CONFIRMATION and not _says_only(case))):
        waits.append(CONFIRMATION)
        notes.append(_until(case, "confirmation.awaited"))
    return tuple(waits), tuple(notes)


def _acts_by_itself(case: Case, findings: Sequence[Finding]) -> bool:
    """Return whether a form says only what needs no person, and nothing about it is warned of (`held_unless`)."""
    known = case.rules.findings
    if any(known[finding.code].severity is not Severity.INFO for finding in findings):
        return False
    return is_made_by_program(case) or _says_only(case)


def _says_only(case: Case) -> bool:
    """Return whether every row has one of the values that nobody need look at (`held_unless`)."""
    rows, unless = case.form.rows, case.rule.held_unless
    return bool(unless) and all(set(rows.column(name).to_pylist()) <= set(allowed) for name, allowed in unless.items())


def find_confirmations(case: Case) -> list[Finding]:
    """Return what a form changes in the register of Customers, what of it needs a person still, and that staff
    confirmed it."""
    given = [Finding("confirmation.given", facts={"clause": case.rule.clause})] if case.confirmed else []
    return [*given, *tell_changes(case)]


def _task_of(case: Case) -> tuple[str, str, date]:
    """Return kind, clause and day of the task that a held form makes."""
    kind, rows = case.rules.tasks.kind(case.rule.form), case.form.rows
    values = rows.column("kind").to_pylist() if "kind" in rows.column_names else ()
    clause, due = task_term(case.rules, kind, case.received_on, values)
    return kind, (case.rule.clause if kind == CONFIRMATION else clause), due


def _until(case: Case, code: str) -> Finding:
    _, clause, due = _task_of(case)
    facts = {"form": case.rule.title.ru, "form_kk": case.rule.title.kk, "due": show(due), "clause": clause}
    return Finding(code, facts=facts)


def _due(term: TaskTerm, received_on: date, rules: Rules) -> date:
    if term.count == "working":
        return add_working_days(received_on, term.days, rules)
    return received_on + timedelta(days=term.days)


def find_wanted_documents(case: Case) -> Finding | None:
    """Find what the form must be proved by: documents with it always, or for any plus (4.3.2, 4.3.2.4)."""
    if case.rule.documents == "never":
        return None
    if case.rule.documents == "always":
        return Finding(
            "documents.awaited",
            facts={"form": case.rule.title.ru, "form_kk": case.rule.title.kk, "clause": case.rule.clause},
        )
    amounts = case.form.rows.column("amount")
    plus = pc.index_in(pa.scalar(True), pc.greater(amounts, pa.scalar(Decimal(0), amounts.type))).as_py()
    if plus is None:
        return None
    table = CheckedTable(case)
    return Finding(
        **{**vars(table.make_finding("documents.awaited_plus", int(plus), "amount")), "row": 0},
    )
