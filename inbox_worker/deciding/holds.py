"""What a form without errors may still wait for: documents, a person's confirmation, or a person's work (money.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.deciding.records import Case
from inbox_worker.deciding.table import CheckedTable, show
from inbox_worker.settings.calendar import add_working_days
from inbox_worker.settings.office_rules import TaskTerm
from inbox_worker.settings.rules import Rules

DOCUMENTS, CONFIRMATION, TASK = "documents", "confirmation", "task"


def task_term(rules: Rules, kind: str, received_on: date, values: Iterable[object] = ()) -> tuple[str, date]:
    """Return clause and day of a task of a kind that came on a day; `values`: those that may have terms of their own.

    Of several the earliest counts. Days off are those of the calendar (rules/calendar.yaml).
    """
    rule = rules.tasks.rule(kind)
    terms: list[TaskTerm] = [rule.of[str(value)] for value in dict.fromkeys(values) if str(value) in rule.of] or [rule]
    days = [(_due(term, received_on, rules), term.clause) for term in terms]
    due, clause = min(days)
    return clause, due


def task_of(rules: Rules, form: str, rows: pa.Table, received_on: date) -> tuple[str, str, date]:
    """Return kind, clause and day of the task that a held form makes."""
    kind = rules.tasks.kind(form)
    values = rows.column("kind").to_pylist() if "kind" in rows.column_names else ()
    clause, due = task_term(rules, kind, received_on, values)
    return kind, (rules.forms[form].clause if kind == CONFIRMATION else clause), due


def holding(case: Case, findings: Sequence[Finding]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return what the form waits for and the findings that say so."""
    rules, rule = case.context.rules, case.rule
    waits, told = [], list[Finding]()
    wanted = _wanted_documents(case)
    if wanted and not case.documents:
        waits.append(DOCUMENTS)
        told.append(wanted)
    if wanted:
        told += case.broken
    trust = any(rules.findings[finding.code].holds for finding in findings)
    if rule.held == TASK:
        waits.append(TASK)
        told.append(_until(case, "task.received"))
    elif not case.confirmed and (trust or rule.held == CONFIRMATION):
        waits.append(CONFIRMATION)
        told.append(_until(case, "confirmation.awaited"))
    return tuple(waits), tuple(told)


def confirmed(case: Case) -> list[Finding]:
    """Return the findings of a form that staff confirmed; of one whose effect needs a person, that it has none yet."""
    if not case.confirmed:
        return []
    facts = {"clause": case.rule.clause}
    by_hand = [Finding("register.by_hand", facts=facts)] if case.rule.held == CONFIRMATION else []
    return [Finding("confirmation.given", facts=facts), *by_hand]


def _until(case: Case, code: str) -> Finding:
    rules = case.context.rules
    _, clause, due = task_of(rules, case.rule.form, case.form.rows, case.context.received_on)
    facts = {"form": case.rule.title.ru, "form_kk": case.rule.title.kk, "due": show(due), "clause": clause}
    return Finding(code, facts=facts)


def _due(term: TaskTerm, received_on: date, rules: Rules) -> date:
    if term.count == "working":
        return add_working_days(received_on, term.days, rules)
    return received_on + timedelta(days=term.days)


def _wanted_documents(case: Case) -> Finding | None:
    """What the form must be proved by: documents with it always, or for any plus (4.3.2, 4.3.2.4)."""
    if case.rule.documents == "never":
        return None
    if case.rule.documents == "always":
        return Finding("documents.awaited", facts={"form": case.rule.title.ru, "clause": case.rule.clause})
    amounts = case.form.rows.column("amount")
    plus = pc.index_in(pa.scalar(True), pc.greater(amounts, pa.scalar(Decimal(0), amounts.type))).as_py()
    if plus is None:
        return None
    table = CheckedTable(case.form, case.rule, case.context.rules)
    return Finding(
        **{**vars(table.finding("documents.awaited_plus", int(plus), "amount")), "row": 0},
    )
