"""Held forms decided again: their documents came, in a reply or by hand, or staff confirm them (4.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival, Outcome, Submission
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.decide import Decision
from inbox_worker.deciding.forms import FormDecider
from inbox_worker.deciding.held_for import CONFIRMATION, DOCUMENTS
from inbox_worker.deciding.held_forms import documents_for, held_by_number, speaks_against, taken_back_by, why_not
from inbox_worker.deciding.payee_accounts import find_doubts
from inbox_worker.deciding.register_changes import LEFT_TO_STAFF
from inbox_worker.deciding.replies import Then, may_answer, queue_release
from inbox_worker.deciding.task_making import settle_task
from inbox_worker.deciding.tries import Faults
from inbox_worker.forms.day_said import UnclearDay, moment_said
from inbox_worker.ledger.acts import record_act
from inbox_worker.month.office import Office
from inbox_worker.receiving.letter_language import languages_of_letter
from inbox_worker.receiving.opening import Opened, customers_for, file_of, open_again
from inbox_worker.receiving.store import raw_of

_BEFORE_FORM = timedelta(days=366)  # documents may have come before the form that they prove


class ReleaseError(UseError):
    """A submission cannot be released as asked; the text tells what to do."""


def release(forms: FormDecider, identifier: str, documents: str, now: datetime) -> list[Submission]:
    """Release held forms: their documents are here. The date in the words is the day they came (money.md, held).
    Raises UnclearDay."""
    held = _find_held(forms, identifier, DOCUMENTS)
    moment = _documents_came(forms.office, held, documents, now)
    return _decide_each(
        forms,
        held,
        lambda one: _take_up(forms, one, documents, moment, now),
        lambda one, decision: _by_staff(forms.office, one, decision, "release", documents, now),
    )


def confirm(forms: FormDecider, identifier: str, by: str, now: datetime) -> list[Submission]:
    """Confirm held forms by another way than their letter; each keeps the month of its receipt (money.md, held)."""
    held = _find_held(forms, identifier, CONFIRMATION)
    return _decide_each(
        forms,
        held,
        lambda one: _take_up(forms, replace(one, confirmed=by), one.documents, one.complete_at, now),
        lambda one, decision: _by_staff(forms.office, one, decision, "confirm", by, now),
    )


def foresee_release(forms: FormDecider, identifier: str, documents: str, now: datetime) -> list[Decision]:
    """Return what `release` would decide; several forms do not see each other. Nothing is written."""
    held = _find_held(forms, identifier, DOCUMENTS)
    moment = _documents_came(forms.office, held, documents, now)
    return [forms.decide(_take_up(forms, one, documents, moment, now)) for one in held]


def foresee_confirmation(forms: FormDecider, identifier: str, by: str, now: datetime) -> list[Decision]:
    """Return what `confirm` would decide; several forms do not see each other. Nothing is written."""
    held = _find_held(forms, identifier, CONFIRMATION)
    cases = [_take_up(forms, replace(one, confirmed=by), one.documents, one.complete_at, now) for one in held]
    return [forms.decide(case) for case in cases]


def find_doubts_of(forms: FormDecider, held: Sequence[Submission], now: datetime) -> list[str]:
    """Return what is suspicious about the accounts that held forms tell, for who confirms them: as the ledger is now,
    not as it was when they came. Nothing is written."""
    cases = [_take_up(forms, replace(one, confirmed="?"), one.documents, one.complete_at, now) for one in held]
    return [f"{case.id}: {doubt}" for case in cases for doubt in find_doubts(forms.decide(case).case)]


def release_by_reply(forms: FormDecider, arrival: Arrival, opened: Opened) -> list[Outcome]:
    """Release the forms that the documents of a letter are for (4.3.2). What it released before a kill counts, too."""
    office = forms.office
    before = office.journal.submissions.released_by(arrival.id)
    released = _decide_each(
        forms,
        waiting_for(forms, arrival, opened),
        lambda one: with_reply(forms, one, arrival, opened),
        lambda one, decision: _by_reply(office, one, decision, arrival, opened.sender),
    )
    return [submission.outcome for submission in (*before, *released)]


def waiting_for(forms: FormDecider, arrival: Arrival, opened: Opened) -> list[Submission]:
    """Return the held forms of the sender's Customers that the documents of a letter are for. None where that letter,
    or an earlier one that nobody has read yet, may take them back: what is posted cannot be taken back."""
    office, words = forms.office, forms.office.rules.tasks.letter
    if not opened.documents or not opened.sender or speaks_against(office.journal, opened.text, words):
        return []
    own = {c.bin for c in customers_for(arrival, opened.sender, office.journal.customers.at(arrival.received_at))}
    found = documents_for(office.journal, opened.references, opened.text, words)
    return [form for form in found if form.customer in own and not taken_back_by(office, form)]


def with_reply(forms: FormDecider, held: Submission, arrival: Arrival, reply: Opened) -> Case:
    """Take up a held form with the documents of a reply."""
    names = ", ".join(document.name for document in reply.documents)
    return _take_up(forms, held, f"{arrival.id}: {names}", arrival.received_at, arrival.received_at)


def _find_held(forms: FormDecider, identifier: str, what: str) -> list[Submission]:
    held = held_by_number(forms.office.journal, identifier, what)
    if not held:
        raise ReleaseError(why_not(forms.office.journal, identifier, what))
    for one in held:
        if letter := taken_back_by(forms.office, one):
            text = f"{one.id} is taken back by a letter that nobody has read: {letter.id}, {letter.source}"
            raise ReleaseError(f"{text}; read it (`tasks show {letter.id}`), close it by `tasks done`, then decide")
    return held


def _documents_came(office: Office, held: Sequence[Submission], documents: str, now: datetime) -> datetime:
    """Return when the documents came: the day staff wrote (to its end), else now. A day long before the form is a
    mistyped year, and what it decides cannot be taken back. Raises UnclearDay."""
    came = moment_said(documents, now)
    for one in held:
        received = office.journal.arrivals.get(one.arrival).received_at
        if came < received - _BEFORE_FORM:
            raise UnclearDay(
                f"{to_almaty(came):%d.%m.%Y} is more than a year before the form came "
                f"({to_almaty(received):%d.%m.%Y}); look at the year"
            )
    return came


def _decide_each(
    forms: FormDecider,
    held: Sequence[Submission],
    take_up: Callable[[Submission], Case],
    then: Callable[[Submission, Decision], Then],
) -> list[Submission]:
    """Decide and commit every one, also where another meets a fault of ours; then raise the first fault."""
    faults, decided = Faults(), []
    for one in held:
        with faults.keep_error():
            decision = forms.decide(take_up(one))
            decided.append(forms.commit(decision, then(one, decision)))
    faults.raise_first()
    return decided


def _take_up(forms: FormDecider, held: Submission, documents: str | None, moment: datetime, now: datetime) -> Case:
    """The case of a held form as it came: the bytes, sender and Customer of its receipt. Nothing is screened anew."""
    office = forms.office
    arrival = office.journal.arrivals.get(held.arrival)
    raw = raw_of(office.home.archive, arrival)
    case = Case(
        office,
        arrival,
        held.ordinal,
        file_of(arrival, raw, held, office.rules),
        arrival.sender,
        kazakh=bool(arrival.sender) and languages_of_letter(raw, office.home)[0] == "kk",
        complete_at=max(arrival.received_at, moment),
        documents=(documents,) if documents else (),
        proven=not held.waits_for(CONFIRMATION),  # else it was not at its receipt
        held=held,
        acted_at=now,
    )
    return forms.read_case(case)


def _by_staff(office: Office, held: Submission, decision: Decision, act: str, details: str, now: datetime) -> Then:
    """What belongs to the transaction of a form that staff release or confirm: the act, its task, its answer."""
    answer = _answer(office, held, now)

    def then(connection: Connection, decided: Submission) -> None:
        record_act(connection, act, decided.id, now, details=details)
        settle_task(connection, office, decided, now, details, _leaves_work(decision))
        if answer:
            answer(connection, decided)

    return then


def _by_reply(office: Office, held: Submission, decision: Decision, arrival: Arrival, sender: str) -> Then:
    """Return what belongs to the transaction of a form that documents release: its answer, its task when nothing is
    awaited any more."""
    answer = _answer(office, held, arrival.received_at, beside=sender)

    def then(connection: Connection, decided: Submission) -> None:
        if decided.outcome.posted:
            settle_task(connection, office, decided, arrival.received_at, f"→ {arrival.id}", _leaves_work(decision))
        if answer:
            answer(connection, decided)

    return then


def _leaves_work(decision: Decision) -> bool:
    return any(finding.code == LEFT_TO_STAFF for finding in decision.findings)


def _answer(office: Office, held: Submission, now: datetime, beside: str = "") -> Then | None:
    """The answer to the sender of a held form, recorded with its release; not to `beside`, who hears of it by the
    answer to the letter that brought the documents."""
    arrival = office.journal.arrivals.get(held.arrival)
    if arrival.sender == beside or not may_answer(office, arrival.mailbox, arrival.sender):
        return None
    opened = open_again(arrival, raw_of(office.home.archive, arrival))
    return lambda connection, _: queue_release(connection, office, arrival, opened, now)
