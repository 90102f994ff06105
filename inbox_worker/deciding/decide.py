"""Findings, deadline, documents and earlier submissions -> one outcome with its month (money.md, Outcomes)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inbox_worker.core.model import Finding, Outcome
from inbox_worker.deciding.alike import restore_codes
from inbox_worker.deciding.checks import run_checks
from inbox_worker.deciding.corrections import Matched, match_earlier
from inbox_worker.deciding.holds import confirmed, holding
from inbox_worker.deciding.records import Case, Decision
from inbox_worker.deciding.table import CheckedTable, show
from inbox_worker.deciding.wording import is_error

# A cell that could not be read: what stands in it is not known, so no row of the form is sure (money.md)
_UNREAD = frozenset({"value.error_cell", "value.formula_empty"})


def decide(case: Case) -> Decision:
    """One form's outcome. A form that can't be right is rejected even while documents are awaited."""
    findings = [*case.form.findings, *case.findings, *_about_the_whole(case)]
    nothing = case.form.rows.slice(0, 0)
    if any(is_error(f, case.context.rules) and f.row == 0 for f in findings):
        return Decision(Outcome.REJECTED, tuple(findings), nothing)
    form, restored = restore_codes(case.form, case.rule, case.context, case.earlier)
    findings += restored
    table = CheckedTable(form, case.rule, case.context.rules)
    findings += run_checks(table, case.context)
    errors = [f for f in findings if is_error(f, case.context.rules)]
    keep = _rows_without(table, errors)
    whole = any(f.row == 0 or f.code in _UNREAD for f in errors) or (errors and case.rule.policy == "whole")
    if whole or not keep.any():
        return Decision(Outcome.REJECTED, tuple(findings), nothing)
    held_for, told = holding(case, findings)
    findings += told
    if held_for:
        return Decision(Outcome.HELD, tuple(findings), nothing, held_for=held_for)
    counts_in = None if case.rule.operator or case.rule.held else case.month
    matched: Matched = match_earlier(table, keep, case.earlier(), case.replaced(), case.rule, counts_in)
    findings += matched.findings
    if case.rule.corrections == "refuse" and any(f.code == "row.replaced" for f in matched.findings):
        refused = [replace(f, code="row.conflict") if f.code == "row.replaced" else f for f in findings]
        return Decision(Outcome.REJECTED, tuple(refused), nothing)
    findings += confirmed(case)
    findings += _late(case)
    outcome = Outcome.DEFERRED if case.deferred else Outcome.ACCEPTED
    return Decision(outcome, tuple(findings), matched.rows, matched.changes)


def _about_the_whole(case: Case) -> list[Finding]:
    """Findings that concern the form, not one row."""
    found = []
    latest = case.calendar.plus(case.context.rules.deadlines.months_ahead)
    if case.form.rows.num_rows == 0 and not any(is_error(f, case.context.rules) for f in case.form.findings):
        found.append(Finding("form.empty", facts={"form": case.rule.title.ru}))
    if case.stated and case.stated > latest:
        found.append(_at_month(case, "month.too_far", limit=latest.form_text))
    if case.closed:
        found.append(_at_month(case, "month.closed", month=case.month.form_text))
    if case.rule.utilities_only and case.customer and not case.customer.utilities:
        found.append(Finding("customer.no_utilities", value=case.customer.name, facts={"clause": case.rule.clause}))
    return found


def _at_month(case: Case, code: str, **facts: str) -> Finding:
    cell = case.form.header.get("month")
    label = case.context.rules.texts.written.words("fact.month")
    facts = {"column": label.ru, "column_kk": label.kk, **facts}
    if cell is None:
        return Finding(code, facts=facts)
    stated = case.stated.form_text if case.stated else cell.text
    return Finding(code, cell.sheet, cell.cell, stated, facts)


def _late(case: Case) -> list[Finding]:
    """What came after the deadline, and the month that it missed: the form, its documents, or both one after the
    other."""
    found, month = [], case.month.form_text
    first, late = case.at_receipt
    if case.deferred and (late or first == case.month):
        missed = case.stated or first.plus(-1)
        found.append(_at_month(case, "deadline.missed", month=month, stated=missed.form_text))
    if first < case.month:
        facts = {"came": show(case.complete_on), "received": show(case.context.received_on)}
        found.append(Finding("documents.late", facts={**facts, "month": month, "missed": first.form_text}))
    return found


def _rows_without(table: CheckedTable, errors: Sequence[Finding]) -> np.ndarray:
    """Mask of rows that no error stands in."""
    bad = {(f.sheet, f.row) for f in errors if f.row}
    keep = np.ones(len(table.frame), dtype=bool)
    if bad:
        rows = zip(table.frame["sheet"], table.frame["row"], strict=True)
        keep = np.fromiter(((sheet, int(row)) not in bad for sheet, row in rows), bool, len(table.frame))
    return keep
