"""A case -> its one outcome with its month (money.md, Outcomes). Nothing is written, and no clock is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from inbox_worker.core.model import Changes, Finding, Outcome, Submission, WordedFinding
from inbox_worker.deciding.all_at_once import find_all_else, find_documents_needed, find_nothing_left
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.checks import run_checks
from inbox_worker.deciding.corrections import Mask, Matched, match_earlier, overtaken
from inbox_worker.deciding.held_for import find_confirmations, find_hold_reasons, form_task
from inbox_worker.deciding.notices import ask_for_stops, tell_last_exit, tell_notices
from inbox_worker.deciding.opposite_checks import (
    find_beyond_letter,
    find_limiting_letter,
    find_not_to_count,
    find_opposite_letter,
    find_other_sign_letter,
)
from inbox_worker.deciding.past_months import tell_past_months
from inbox_worker.deciding.registers import month_of_register, refused_reversals
from inbox_worker.deciding.same_letter import find_contradictions
from inbox_worker.deciding.table import CheckedTable, show
from inbox_worker.deciding.unread_words import find_unread_words
from inbox_worker.deciding.waiting_forms import find_waiting
from inbox_worker.deciding.wording import is_error, tells_effect, word_all
from inbox_worker.ledger.tasks import Task
from inbox_worker.settings.calendar import next_of_number

# A cell that could not be read: what stands in it is not known, so no row of the form is sure (money.md)
_UNREAD = frozenset({"value.error_cell", "value.formula_empty"})


@dataclass(frozen=True)
class Decision:
    """The decision about a case, not committed yet. `rows` wait for posting (None unless accepted or deferred); `task`:
    what a person must see to, new with this decision; `asked`: what staff are asked besides, once it is posted."""

    case: Case
    submission: Submission
    findings: tuple[WordedFinding, ...]
    rows: pa.Table | None = None
    task: Task | None = None
    asked: tuple[Task, ...] = ()


def decide(case: Case) -> Decision:
    """Decide one form: a repetition gets its first answer again, a file that is no form the reasons why."""
    if case.same_as:
        return _repeat(case, case.same_as)
    if not case.form.form:
        return _refuse(case, case.form.findings)
    return _decide_form(case)


def _repeat(case: Case, first: Submission) -> Decision:
    """Same bytes: nothing posts, the first answer is given again, unless it is not true any more (money.md,
    duplicate)."""
    submission = replace(
        _submission(case, Outcome.DUPLICATE),
        form=first.form,
        customer=first.customer,
        month=first.month,
        rows_read=first.rows_read,
        duplicate_of=first.id,
    )
    gone = overtaken(case)
    if gone:
        return Decision(case, submission, _word(case, [gone]))
    again = Finding("submission.duplicate", value=case.file.name, facts={"first": first.id})
    return Decision(case, submission, (*_word(case, [again]), *case.first_answer))


def _decide_form(case: Case) -> Decision:
    """A form that can't be right is rejected even while documents are awaited."""
    findings = [*case.form.findings, *case.about_sender, *_about_the_whole(case)]
    if any(is_error(f, case.rules) and f.row == 0 for f in findings):
        return _refuse(case, [*findings, *find_all_else(case, findings)])
    table = CheckedTable(case)
    findings += [*run_checks(table, case), *find_opposite_letter(case), *find_not_to_count(case, table)]
    findings += [*find_limiting_letter(case, table), *find_other_sign_letter(case, table)]
    findings += [*find_beyond_letter(case), *(beside := find_contradictions(case, table))]
    if case.rule.in_register:
        case = replace(case, form=table.form)  # with what checks put into it
    errors = [f for f in findings if is_error(f, case.rules)]
    keep = _rows_without(table, errors)
    whole = any(f.row == 0 or f.code in _UNREAD for f in errors) or (errors and case.rule.policy == "whole")
    if whole or beside or not keep.any():
        findings += [*find_documents_needed(case), *_find_conflicts(case, table, keep)]
        return _refuse(case, [*findings, *find_nothing_left(case, errors)])
    held_for, reasons = find_hold_reasons(case, findings)
    reasons = (*reasons, *find_waiting(case, table, acts=not held_for))
    if held_for:
        return _hold(case, held_for, [*findings, *reasons])
    matched = _match(case, table, keep)
    findings = [*_without_effects(case, findings, {(f.sheet, f.row) for f in errors}), *reasons, *matched.findings]
    if case.rule.corrections == "refuse" and any(f.code == "row.replaced" for f in matched.findings):
        return _refuse(case, [replace(f, code="row.conflict") if f.code == "row.replaced" else f for f in findings])
    if beside := _of_same_letter(case, matched.findings):
        return _refuse(case, [*findings, *beside])
    if not matched.rows.num_rows and any(f.code == "row.overtaken" for f in matched.findings):
        return _refuse(case, [*findings, Finding("form.overtaken")])
    findings += [*find_confirmations(case), *tell_notices(case), *tell_last_exit(case), *_late(case)]
    findings += tell_past_months(case, matched.rows) if case.rule.operator else []
    wrong = refused_reversals(case, matched.rows)
    if wrong:
        return _refuse(case, [*findings, *wrong])
    return _accept(case, findings, matched.rows, matched.changes)


def _match(case: Case, table: CheckedTable, keep: Mask) -> Matched:
    counts_in = None if case.timeless else case.month
    return match_earlier(table, keep, case.earlier, case.replaced_rows, counts_in, case.came_later)


def _find_conflicts(case: Case, table: CheckedTable, keep: Mask) -> list[Finding]:
    """Return for a form that is refused already what its sound rows would be refused for: other values in a register
    that is never corrected, or in another form of the same letter."""
    corrected = case.rule.corrections != "refuse"
    if not keep.any() or (corrected and case.ordinal == 1):
        return []
    found = _match(case, table, keep).findings
    if corrected:
        return _of_same_letter(case, found)
    return [replace(f, code="row.conflict") for f in found if f.code == "row.replaced"]


def _of_same_letter(case: Case, findings: Sequence[Finding]) -> list[Finding]:
    """Return what says that another form of the same letter tells other values: which is right, no order says."""
    own = f"{case.arrival.id}-"
    beside = [f for f in findings if f.code == "row.replaced" and f.facts["submission"].startswith(own)]
    return [replace(finding, code="row.same_letter") for finding in beside]


def _refuse(case: Case, findings: Iterable[Finding]) -> Decision:
    return Decision(case, _submission(case, Outcome.REJECTED), _word(case, _without_effects(case, findings)))


def _without_effects(
    case: Case, findings: Iterable[Finding], rows: Collection[tuple[str, int]] | None = None
) -> list[Finding]:
    """Leave out what findings say that rows did: of these rows, which do not post, or of all."""
    return [
        f for f in findings if not tells_effect(f, case.rules) or (rows is not None and (f.sheet, f.row) not in rows)
    ]


def _hold(case: Case, held_for: tuple[str, ...], findings: Sequence[Finding]) -> Decision:
    month = None if case.timeless else case.month
    submission = replace(_submission(case, Outcome.HELD), month=month, held_for=held_for)
    return Decision(case, submission, _word(case, _without_effects(case, findings)), task=form_task(case, submission))


def _accept(case: Case, findings: Sequence[Finding], rows: pa.Table, changes: Changes) -> Decision:
    outcome = Outcome.DEFERRED if case.deferred else Outcome.ACCEPTED
    month = month_of_register(case, rows) if case.rule.operator else None if case.timeless else case.month
    posted = replace(_submission(case, outcome), month=month, rows_posted=rows.num_rows, changes=changes)
    worded = _word(case, [*findings, *find_unread_words(case)])
    if case.replaced and case.replaced.outcome is Outcome.HELD:
        worded += _word(case, [Finding("replaces.held", value=case.replaced.id)])
    return Decision(case, posted, worded, rows, asked=ask_for_stops(case, rows))


def _word(case: Case, findings: Iterable[Finding]) -> tuple[WordedFinding, ...]:
    return tuple(word_all(findings, case.rules))


def _submission(case: Case, outcome: Outcome) -> Submission:
    decided = case.form.form and not case.same_as
    return Submission(
        id=case.id,
        arrival=case.arrival.number,
        ordinal=case.ordinal,
        attachment=case.file.name,
        sha256=case.sha256,
        form=case.form.form,
        customer=case.bin,
        outcome=outcome,
        month=None,
        complete_at=case.complete_at,
        rows_read=case.form.rows.num_rows,
        rows_posted=0,
        rules=case.rules.version,
        documents="; ".join(case.documents) or None if decided else None,
        replaces=case.replaces or None,
        task=case.held.task if case.held else None,
        confirmed=case.confirmed,
    )


def _about_the_whole(case: Case) -> list[Finding]:
    """Findings that concern the form, not one row."""
    found = []
    latest = case.calendar.plus(case.rules.deadlines.months_ahead)
    if case.form.rows.num_rows == 0 and not any(is_error(f, case.rules) for f in case.form.findings):
        facts = {"form": case.rule.title.ru, "form_kk": case.rule.title.kk}
        if case.replaces:
            found.append(Finding("form.empty_replacement", value=case.replaces, facts=facts))
        else:
            found.append(Finding("form.empty", facts=facts))
    if case.stated and case.stated > latest:
        found.append(_at_month(case, "month.too_far", limit=latest.form_text))
    found += [] if case.timeless else _without_year(case)
    if case.closed:
        found.append(_at_month(case, "month.closed", month=case.month.form_text))
    until = case.customer.valid_until if case.customer and not case.timeless else None
    of_past = any(entry.check == "past_month_within" for entry in case.rule.checks)  # its rows are asked, each
    if until and until < case.month.first_day and not of_past:
        found.append(_at_month(case, "contract.ended", until=show(until), month=case.month.form_text))
    if case.rule.utilities_only and case.customer and not case.customer.utilities:
        found.append(Finding("customer.no_utilities", value=case.customer.name, facts={"clause": case.rule.clause}))
    return found


def _without_year(case: Case) -> list[Finding]:
    """Tell how a month of account without its year was understood; an error where it is neither the calendar's month
    nor the one before: which year was meant is not ours to guess."""
    cell = case.form.header.get("month")
    if cell is None or not case.month_number:
        return []
    example = case.stated or next_of_number(case.month_number, case.arrival.received_at, case.rules, case.rule.form)
    found = _at_month(case, "header.year_taken" if case.stated else "header.year_missing", month=example.form_text)
    return [replace(found, value=cell.written)]


def _at_month(case: Case, code: str, **facts: str) -> Finding:
    cell = case.form.header.get("month")
    label = case.rules.texts.written.words("fact.month")
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
    day = f"{case.rules.deadlines.of(case.rule.form).day}"
    if case.deferred and (late or first == case.month):
        missed = case.stated or first.plus(-1)
        found.append(_at_month(case, "deadline.missed", month=month, stated=missed.form_text, day=day))
    if first < case.month:
        facts = {"came": show(case.complete_on), "received": show(case.received_on), "day": day}
        found.append(Finding("documents.late", facts={**facts, "month": month, "missed": first.form_text}))
    return found


def _rows_without(table: CheckedTable, errors: Sequence[Finding]) -> np.ndarray:
    """Mask of rows that no error stands in."""
    bad = {(f.sheet, f.row) for f in errors if f.row}
    keep = np.ones(len(table), dtype=bool)
    if bad:
        rows = zip(*(table.form.rows.column(name).to_pylist() for name in ("sheet", "row")), strict=True)
        keep = np.fromiter((place not in bad for place in rows), bool, len(table))
    return keep
