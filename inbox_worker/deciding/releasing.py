"""Held forms decided again: their documents came, in a reply or by hand, or staff confirm them (4.3.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival, Outcome, Submission
from inbox_worker.deciding.case import FormDecider
from inbox_worker.deciding.holds import CONFIRMATION, DOCUMENTS
from inbox_worker.deciding.papers import Paper, Read
from inbox_worker.deciding.release import documents_for, held_by_number, release_moment, why_not
from inbox_worker.deciding.replies import Then, may_answer, queue_release
from inbox_worker.deciding.task_making import settle_task
from inbox_worker.deciding.tries import Faults
from inbox_worker.ledger.acts import record_act
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import (
    Opened,
    customers_for,
    file_of,
    open_again,
)
from inbox_worker.receiving.store import raw_of


class ReleaseError(UseError):
    """A submission cannot be released as asked; the text tells what to do."""


class Releaser:
    """Takes held forms up with what was missing."""

    def __init__(self, office: Office, desk: FormDecider) -> None:
        self._office = office
        self._desk = desk

    def release(self, identifier: str, documents: str, now: datetime) -> list[Submission]:
        """Release held forms: their documents are here. A date in the words is the day they came (money.md, held)."""
        held = self._awaiting(identifier, DOCUMENTS)
        moment = release_moment(documents, now)
        faults, released = Faults(), []
        for one in held:
            with faults.kept():
                case = self._again(one, documents, moment)
                released.append(self._desk.decide(*case, self._done(one, "release", documents, now)))
        faults.raise_first()
        return released

    def confirm(self, identifier: str, by: str, now: datetime) -> list[Submission]:
        """Confirm held forms by another way than their letter; each keeps the month of its receipt (money.md, held)."""
        held = [replace(one, confirmed=by) for one in self._awaiting(identifier, CONFIRMATION)]
        faults, confirmed = Faults(), []
        for one in held:
            with faults.kept():
                case = self._again(one, one.documents, one.complete_at)
                confirmed.append(self._desk.decide(*case, self._done(one, "confirm", by, now)))
        faults.raise_first()
        return confirmed

    def _awaiting(self, identifier: str, what: str) -> list[Submission]:
        held = held_by_number(self._office.journal, identifier, what)
        if not held:
            raise ReleaseError(why_not(self._office.journal, identifier, what))
        return held

    def release_by_reply(self, arrival: Arrival, opened: Opened) -> list[Outcome]:
        """Documents that arrive in reply to a held form, or name its number, release it (4.3.2).

        What this letter released before a kill counts, too.
        """
        before = self._office.journal.submissions.released_by(arrival.id)
        faults, released = Faults(), []
        for one in self.waiting(opened, arrival):
            with faults.kept():
                answer = self._answer(one, arrival.received_at, beside=opened.sender)
                released.append(self._desk.decide(*self.take_up(one, opened, arrival), answer))
        faults.raise_first()
        return [submission.outcome for submission in (*before, *released)]

    def waiting(self, opened: Opened, arrival: Arrival) -> list[Submission]:
        """Held forms of the sender's Customers that this letter's documents are for."""
        if not opened.documents or not opened.sender:
            return []
        own = {c.bin for c in customers_for(arrival, opened.sender, self._office.journal.customers.all())}
        found = documents_for(self._office.journal, opened.references, opened.text)
        return [submission for submission in found if submission.customer in own]

    def take_up(self, held: Submission, reply: Opened, arrival: Arrival) -> tuple[Paper, Read]:
        """A held form with the documents of a reply, read again."""
        names = f"{arrival.id}: " + ", ".join(document.name for document in reply.documents)
        return self._again(held, names, arrival.received_at)

    def _again(self, held: Submission, documents: str | None, moment: datetime) -> tuple[Paper, Read]:
        """A held form as it came: the bytes, sender and Customer of its receipt. Nothing is screened anew."""
        arrival = self._office.journal.arrivals.get(held.arrival)
        file = file_of(arrival, raw_of(self._office.home.archive, arrival), held, self._office.rules)
        proof, complete_at = (documents,) if documents else (), max(arrival.received_at, moment)
        proven = not held.waits_for(CONFIRMATION)  # else it was not at its receipt
        known = Paper(arrival, held.ordinal, file, arrival.sender, proof, complete_at, held.customer, proven)
        paper = replace(known, again=held)
        return paper, self._desk.read(paper)

    def _done(self, held: Submission, act: str, details: str, now: datetime) -> Then:
        """What belongs to the transaction of a form that staff release or confirm: the act, its task, its answer."""
        answer = self._answer(held, now)

        def then(connection: Connection, decided: Submission) -> None:
            record_act(connection, act, decided.id, now, details=details)
            settle_task(connection, self._office, decided, now, details)
            if answer:
                answer(connection, decided)

        return then

    def _answer(self, held: Submission, now: datetime, beside: str = "") -> Then | None:
        """The answer to the sender of a held form, recorded with its release; not to `beside`, who hears of it by
        the answer to the letter that brought the documents."""
        office, arrival = self._office, self._office.journal.arrivals.get(held.arrival)
        if arrival.sender == beside or not may_answer(office, arrival.mailbox, arrival.sender):
            return None
        opened = open_again(arrival, raw_of(self._office.home.archive, arrival))
        return lambda connection, _: queue_release(connection, office, arrival, opened, now)
