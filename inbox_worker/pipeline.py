"""One arrival through the stages: raw bytes -> forms -> decisions -> facts. Every step can be repeated.

An arrival is stored and numbered first. Each form's decision is one transaction that also names its facts;
what was decided before a kill is not decided again, what was not is taken up by `resume`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from inbox_worker.answering.replies import Then, may_answer, queue_release, queue_reply
from inbox_worker.calendar import to_almaty
from inbox_worker.context import Office
from inbox_worker.decision.words import word_all
from inbox_worker.dispatch.bounces import meant, naming, record
from inbox_worker.files import sha256, sync_folder, write_atomic
from inbox_worker.form.workbook import CellReader
from inbox_worker.intake.ahead import Ahead, Lying
from inbox_worker.intake.casework import Desk, Judged, Paper, Read
from inbox_worker.intake.opening import Opened, customers_of, instead_of_a_form, open_arrival
from inbox_worker.intake.quarantine import put_aside, settle
from inbox_worker.intake.releases import documents_for, held_by_number, release_moment
from inbox_worker.model import Arrival, Finding, Outcome, Submission, WordedFinding

_Thing = TypeVar("_Thing")


class ReleaseError(Exception):
    """A submission cannot be released as asked; the text tells what to do."""


@dataclass(frozen=True)
class Preview:
    """What would become of an arrival; its number is 0, for it has none."""

    arrival: Arrival
    findings: tuple[WordedFinding, ...]
    judged: tuple[Judged, ...]


class Pipeline:
    """Takes arrivals in one home. Use inside `context.writing`."""

    def __init__(self, office: Office, reader: CellReader, ahead: Ahead | None = None) -> None:
        """`ahead` reads the next things while one is decided, for what comes through `in_turn` and `files_in_turn`;
        not where a virus scanner must see them first."""
        self.office = office
        self._ahead = None if office.home.config.scanner else ahead
        self._desk = Desk(office, reader, self._ahead)

    def ingest(self, raw: bytes, source: str, mailbox: str, received_at: datetime, stated_sender: str = "") -> Arrival:
        """Stores an arrival and decides it. `source` is the file's name as people know it."""
        return self.decide(self.store(raw, source, mailbox, received_at, stated_sender))

    def store(self, raw: bytes, source: str, mailbox: str, received_at: datetime, stated_sender: str) -> Arrival:
        """Raw bytes first: into the archive by their hash, then into the journal by number."""
        return self.office.journal.register(self.keep(raw, source, mailbox, received_at, stated_sender))

    def keep(
        self, raw: bytes, source: str, mailbox: str, received_at: datetime, stated_sender: str, *, alone: bool = True
    ) -> Arrival:
        """The first half of `store`: the bytes are durable, the arrival has no number yet.

        `alone`: False for one of many, whose names are made durable together by `keep_names` before they are numbered.
        """
        digest, received_at = sha256(raw), to_almaty(received_at)
        place = Path(str(received_at.year), f"{received_at.month:02d}", digest)
        path = self.office.home.archive / place
        if not path.exists():
            write_atomic(path, raw, name_durable=alone)
        return Arrival(0, digest, mailbox, source, received_at, stated_sender, place.as_posix())

    def keep_names(self, arrivals: Iterable[Arrival]) -> None:
        """Makes the names of kept arrivals durable, also of those whose bytes lay in the archive already."""
        for folder in sorted({(self.office.home.archive / arrival.raw).parent for arrival in arrivals}):
            sync_folder(folder)

    def in_turn(self, arrivals: Sequence[Arrival]) -> Iterator[Arrival]:
        """Stored arrivals one after another, to be decided; the next ones are read meanwhile."""
        archive, known = self.office.home.archive, self._addresses()
        return self._in_turn(arrivals, lambda arrival: Lying(archive / arrival.raw, arrival.source, known))

    def files_in_turn(self, files: Sequence[Path]) -> Iterator[Path]:
        """Files one after another, to be ingested under their own names; the next ones are read meanwhile."""
        known = self._addresses()
        return self._in_turn(files, lambda path: Lying(path, path.name, known))

    def _addresses(self) -> frozenset[str]:
        return frozenset(email.casefold() for c in self.office.journal.customers().values() for email in c.emails)

    def _in_turn(self, things: Sequence[_Thing], lies: Callable[[_Thing], Lying]) -> Iterator[_Thing]:
        return self._ahead.in_turn(things, lies, self.office.rules) if self._ahead else iter(things)

    def resume(self) -> list[Arrival]:
        """Decides what was stored but not decided when the program ended."""
        return [self.decide(arrival) for arrival in self.office.journal.undecided()]

    def decide(self, arrival: Arrival) -> Arrival:
        """Gives a stored arrival its one outcome."""
        opened = self._open(arrival)
        if opened.verdict is not None:
            return self._finish(arrival, opened, opened.verdict, opened.findings)
        if opened.forms:
            return self._decide_forms(arrival, opened)
        released = self._release_by_reply(arrival, opened)
        if released:
            return self._finish(arrival, opened, Outcome.worst(released), opened.findings)
        none = Finding("message.without_form", value=arrival.source)
        return self._finish(arrival, opened, Outcome.IGNORED, (*opened.findings, none, *instead_of_a_form(opened)))

    def preview(self, raw: bytes, source: str, mailbox: str, received_at: datetime, stated_sender: str = "") -> Preview:
        """What would be decided about an arrival if it came now. Nothing is written: it gets no number, and several
        previews do not see each other."""
        arrival = Arrival(0, sha256(raw), mailbox, source, received_at, stated_sender, "")
        office = self.office
        opened = open_arrival(arrival, raw, office.home, office.rules, office.journal.customers())
        judged: list[Judged] = []
        findings = list(opened.findings)
        if opened.verdict is None:
            papers, beside = self._papers(arrival, opened)
            findings += beside
            papers = papers or [self._held(held, opened, arrival) for held in self._waiting(opened)]
            judged = [self._desk.judge(paper, read) for paper, read in papers]
        outcomes = [one.submission.outcome for one in judged]
        outcome = opened.verdict or (Outcome.worst(outcomes) if outcomes else Outcome.IGNORED)
        if opened.verdict is None and not outcomes:
            findings += [Finding("message.without_form", value=source), *instead_of_a_form(opened)]
        shown = replace(arrival, sender=opened.sender, outcome=outcome)
        return Preview(shown, tuple(word_all(findings, office.rules)), tuple(judged))

    def release(self, identifier: str, documents: str, now: datetime) -> list[Submission]:
        """Staff: the awaited documents are here. A date in the words is the day they came (money.md, held)."""
        held = held_by_number(self.office.journal, identifier)
        if not held:
            raise ReleaseError(f"{identifier} names no submission that is held; `ingest --json` shows the numbers")
        moment = release_moment(documents, now)
        return [
            self._desk.decide(*self._again(submission, documents, moment), self._answer(submission, now))
            for submission in held
        ]

    def form_of(self, data: bytes, name: str) -> str:
        """Code of the form in a workbook; '' when it is none of ours."""
        return self._desk.form_of(data, name)

    def _open(self, arrival: Arrival) -> Opened:
        customers = self.office.journal.customers()
        foreseen = self._ahead.of(arrival.sha256) if self._ahead else None
        message = foreseen.message if foreseen else None
        return open_arrival(arrival, self._raw(arrival), self.office.home, self.office.rules, customers, message)

    def _raw(self, arrival: Arrival) -> bytes:
        return (self.office.home.archive / arrival.raw).read_bytes()

    def _decide_forms(self, arrival: Arrival, opened: Opened) -> Arrival:
        """Every form by itself; a workbook that is no form, beside one that is, counts as a document.

        The arrival's outcome stands in the transaction of its last form.
        """
        decided = {s.ordinal: s for s in self.office.journal.submissions_of(arrival.number)}
        papers, found = self._papers(arrival, opened, frozenset(decided))
        outcomes = [submission.outcome for submission in decided.values()]
        findings = (*opened.findings, *found)
        if not papers:
            return self._finish(arrival, opened, Outcome.worst(outcomes), findings)
        *first, (last, read) = papers
        outcomes += [self._desk.decide(*case).outcome for case in first]
        self._tidy(arrival)
        worded = word_all(findings, self.office.rules)

        def finish(connection: Connection, submission: Submission) -> None:
            worst = Outcome.worst([*outcomes, submission.outcome])
            self._finish_in(connection, arrival, opened, worst, findings, worded)

        outcomes.append(self._desk.decide(last, read, finish).outcome)
        return _finished(arrival, opened, Outcome.worst(outcomes))

    def _papers(
        self, arrival: Arrival, opened: Opened, decided: frozenset[int] = frozenset()
    ) -> tuple[list[tuple[Paper, Read]], list[Finding]]:
        """The forms of an arrival that wait for a decision, read, each with the documents beside it."""
        names = tuple(document.name for document in opened.documents)
        papers = [
            Paper(arrival, place, file, opened.sender, names, arrival.received_at)
            for place, file in enumerate(opened.forms, 1)
            if place not in decided
        ]
        read = [(paper, self._desk.read(paper)) for paper in papers]
        forms = bool(decided) or any(result.is_form for _, result in read)
        traces = [paper for paper, result in read if forms and result.is_trace]
        beside = [paper for paper, result in read if forms and result.is_stranger and paper not in traces]
        names += tuple(paper.file.name for paper in beside)
        findings = [Finding("attachment.not_a_form", value=paper.file.name) for paper in beside]
        findings += [Finding("workbook.lock_file", value=paper.file.name) for paper in traces]
        beside += traces
        return [(replace(p, documents=names), result) for p, result in read if p not in beside], findings

    def _release_by_reply(self, arrival: Arrival, opened: Opened) -> list[Outcome]:
        """Documents that arrive in reply to a held form, or name its number, release it (4.3.2).

        What this letter released before a kill counts, too.
        """
        before = self.office.journal.released_by(arrival.id)
        held = [(self._held(one, opened, arrival), one) for one in self._waiting(opened)]
        released = [
            self._desk.decide(*case, self._answer(one, arrival.received_at, beside=opened.sender)) for case, one in held
        ]
        return [submission.outcome for submission in (*before, *released)]

    def _waiting(self, opened: Opened) -> list[Submission]:
        """Held forms of the sender's Customers that this letter's documents are for."""
        if not opened.documents or not opened.sender:
            return []
        own = {c.bin for c in customers_of(opened.sender, self.office.journal.customers())}
        found = documents_for(self.office.journal, opened.references, opened.text)
        return [submission for submission in found if submission.customer in own]

    def _held(self, held: Submission, reply: Opened, arrival: Arrival) -> tuple[Paper, Read]:
        """A held form with the documents of a reply, read again."""
        names = f"{arrival.id}: " + ", ".join(document.name for document in reply.documents)
        return self._again(held, names, arrival.received_at)

    def _again(self, held: Submission, documents: str, moment: datetime) -> tuple[Paper, Read]:
        arrival = self.office.journal.arrival(held.arrival)
        opened = self._open(arrival)
        file = opened.forms[held.ordinal - 1]
        paper = Paper(arrival, held.ordinal, file, opened.sender, (documents,), max(arrival.received_at, moment))
        return paper, self._desk.read(paper)

    def _answer(self, held: Submission, now: datetime, beside: str = "") -> Then | None:
        """The answer to the sender of a held form, recorded with its release; not to `beside`, who hears of it by
        the answer to the letter that brought the documents."""
        office, arrival = self.office, self.office.journal.arrival(held.arrival)
        if arrival.sender == beside or not may_answer(office, arrival.mailbox, arrival.sender):
            return None
        opened = self._open(arrival)
        return lambda connection, _: queue_release(connection, office, arrival, opened, now)

    def _finish(self, arrival: Arrival, opened: Opened, outcome: Outcome, findings: Sequence[Finding]) -> Arrival:
        journal = self.office.journal
        returned = meant(self.office, self._raw(arrival), findings) if outcome is Outcome.IGNORED else []
        worded = word_all(naming(findings, returned), self.office.rules)
        if outcome is Outcome.QUARANTINED:
            put_aside(self.office.home.outbox, arrival, self._raw(arrival), opened.sender, worded)
        else:
            self._tidy(arrival)
        with journal.transaction() as connection:
            self._finish_in(connection, arrival, opened, outcome, findings, worded)
            record(connection, self.office, arrival, returned)
        return _finished(arrival, opened, outcome)

    def _finish_in(
        self,
        connection: Connection,
        arrival: Arrival,
        opened: Opened,
        outcome: Outcome,
        findings: Sequence[Finding],
        worded: Sequence[WordedFinding],
    ) -> None:
        """The arrival's outcome and its answer, within a transaction."""
        self.office.journal.finish_arrival(
            connection, arrival.number, outcome, opened.sender, opened.message_id, worded
        )
        queue_reply(connection, self.office, arrival, opened, outcome, findings)

    def _tidy(self, arrival: Arrival) -> None:
        """What was put aside of an arrival that staff admitted goes."""
        if arrival.stated_sender:
            settle(self.office.home.outbox, arrival)


def _finished(arrival: Arrival, opened: Opened, outcome: Outcome) -> Arrival:
    return replace(arrival, outcome=outcome, sender=opened.sender, message_id=opened.message_id)
