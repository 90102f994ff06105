"""One arrival through the stages: raw bytes -> forms -> decisions -> facts. Every step can be repeated.

An arrival is stored and numbered first. Each form's decision is one transaction that also names its facts;
what was decided before a kill is not decided again, what was not is taken up by `resume`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival, Finding, Outcome, Submission, WordedFinding
from inbox_worker.deciding.bounces import meant, naming, record
from inbox_worker.deciding.case import FormDecider
from inbox_worker.deciding.papers import Judged, Paper, Preview, Read
from inbox_worker.deciding.quarantine import put_aside, settle
from inbox_worker.deciding.releasing import Releaser
from inbox_worker.deciding.replies import queue_reply
from inbox_worker.deciding.task_making import letter_task, replaced_while_held, word_letter
from inbox_worker.deciding.tries import Faults, try_to_decide
from inbox_worker.deciding.wording import word_all
from inbox_worker.ledger.mail_places import is_fetched
from inbox_worker.ledger.tasks import Task, Tasks
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import (
    Opened,
    customers_for,
    instead_of_a_form,
    open_arrival,
)
from inbox_worker.receiving.store import keep, raw_of
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.supporting_documents import broken_document


class Pipeline:
    """Takes arrivals in one home. Use inside `context.writing`."""

    def __init__(self, office: Office, reader: CellReader) -> None:
        self.office = office
        self._desk = FormDecider(office, reader)
        self._reader = reader
        self._releaser = Releaser(office, self._desk)

    def ingest(
        self, raw: bytes, source: str, mailbox: str, received_at: datetime, stated_sender: str = "", place: str = ""
    ) -> Arrival:
        """Keep an arrival and decide it; one that cannot be decided by a fault of ours is set aside as failed."""
        office = self.office
        kept = keep(office.journal, office.home.archive, raw, source, mailbox, received_at, stated_sender, place)
        return self.decide_or_set_aside(kept)

    def resume(self) -> list[Arrival]:
        """Decides what was stored but not decided when the program ended."""
        return [self.decide_or_set_aside(arrival) for arrival in self.office.journal.undecided()]

    def decide_or_set_aside(self, arrival: Arrival) -> Arrival:
        """Gives a stored arrival its one outcome: after so many tries in vain `failed` (deciding/tries.py)."""
        while arrival.outcome is None:
            arrival, _ = self.try_to_decide(arrival)
        return arrival

    def try_to_decide(self, arrival: Arrival) -> tuple[Arrival, Exception | None]:
        """Make one of these tries (`tries.py`). Raise what says that nothing works now: a full disk, the journal out of
        reach."""
        return try_to_decide(self.office, arrival, self.decide, self._open)

    def decide(self, arrival: Arrival) -> Arrival:
        """Decides a stored arrival. Raises any fault of ours; its forms that do not meet it are decided even so."""
        opened = self._open(arrival)
        if opened.verdict is not None:
            return self._finish(arrival, opened, opened.verdict, opened.findings, self._objection(arrival, opened))
        if opened.forms:
            return self._decide_forms(arrival, opened)
        proven, broken = self._proven(opened) if self._releaser.waiting(opened, arrival) else (opened, ())
        told = (*opened.findings, *broken)
        released = self._releaser.release_by_reply(arrival, proven)
        if released:
            return self._finish(arrival, opened, Outcome.worst(released), told)
        told = (*told, *self._without_form(arrival, opened))
        found = letter_task(self.office, arrival, opened)
        if found:
            return self._finish(arrival, opened, Outcome.HELD, (*told, found[1]), found[0])
        return self._finish(arrival, opened, Outcome.IGNORED, told)

    def _without_form(self, arrival: Arrival, opened: Opened) -> list[Finding]:
        """What there is to say of a letter that has no form and releases none."""
        own = [c.bin for c in customers_for(arrival, opened.sender, self.office.journal.customers())]
        none = Finding("message.without_form", value=arrival.source)
        return [none, *instead_of_a_form(opened), *replaced_while_held(self.office, opened, own)]

    def _objection(self, arrival: Arrival, opened: Opened) -> Task | None:
        """The task of a letter that goes no further because nobody knows its sender (his address may have left the
        register) but answers what we wrote to him about something still open."""
        codes = {finding.code for finding in opened.findings}
        found = letter_task(self.office, arrival, opened) if codes == {"sender.unknown"} else None
        return found[0] if found else None

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
            waits = bool(self._releaser.waiting(opened, arrival))
            proven, broken = self._proven(opened) if not papers and waits else (opened, ())
            findings += broken
            papers = papers or [
                self._releaser.take_up(held, proven, arrival) for held in self._releaser.waiting(proven, arrival)
            ]
            judged = [self._desk.judge(paper, read) for paper, read in papers]
        outcomes = [one.submission.outcome for one in judged]
        outcome = opened.verdict or (Outcome.worst(outcomes) if outcomes else Outcome.IGNORED)
        found = None
        if opened.verdict is None and not outcomes:
            findings += self._without_form(arrival, opened)
            found = letter_task(office, arrival, opened)
            findings += [found[1]] if found else []
            outcome = Outcome.HELD if found else outcome
        shown = replace(arrival, sender=opened.sender, outcome=outcome)
        worded = word_letter(findings, found[0] if found else None, office.rules)
        return Preview(shown, tuple(worded), tuple(judged))

    def release(self, identifier: str, documents: str, now: datetime) -> list[Submission]:
        """Release held forms: their documents are here. A date in the words is the day they came (money.md, held)."""
        return self._releaser.release(identifier, documents, now)

    def confirm(self, identifier: str, by: str, now: datetime) -> list[Submission]:
        """Confirm held forms by another way than their letter; each keeps the month of its receipt (money.md, held)."""
        return self._releaser.confirm(identifier, by, now)

    def form_of(self, data: bytes, name: str) -> str:
        """Code of the form in a workbook; '' when it is none of ours."""
        return self._desk.form_of(data, name)

    def _open(self, arrival: Arrival) -> Opened:
        customers = self.office.journal.customers()
        home, rules = self.office.home, self.office.rules
        fetched = bool(home.config.authserv_id) and is_fetched(arrival)
        return open_arrival(arrival, raw_of(self.office.home.archive, arrival), home, rules, customers, fetched=fetched)

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
        faults = Faults()
        for case in first:
            with faults.kept():
                outcomes.append(self._desk.decide(*case).outcome)
        if faults:
            with faults.kept():
                self._desk.decide(last, read)
        faults.raise_first()
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
        papers = [
            Paper(arrival, place, file, opened.sender, (), arrival.received_at, proven=opened.proven)
            for place, file in enumerate(opened.forms, 1)
            if place not in decided
        ]
        read = [(paper, self._desk.read(paper)) for paper in papers]
        forms = bool(decided) or any(result.is_form for _, result in read)
        traces = [paper for paper, result in read if forms and result.is_trace]
        beside = [paper for paper, result in read if forms and result.is_stranger and paper not in traces]
        proven, broken = self._proven(opened) if self._desk.want_documents(read) else (opened, ())
        names = (*(d.name for d in proven.documents), *(paper.file.name for paper in beside))
        findings = [Finding("attachment.not_a_form", value=paper.file.name) for paper in beside]
        findings += [Finding("workbook.lock_file", value=paper.file.name) for paper in traces]
        left = [*beside, *traces]
        forms_read = [(replace(p, documents=names, broken=broken), r) for p, r in read if p not in left]
        return forms_read, findings

    def _proven(self, opened: Opened) -> tuple[Opened, tuple[Finding, ...]]:
        """The same with only those documents that open as what they are (4.3.2), and findings about the others."""
        limits = self.office.rules.limits
        judged = [(document, broken_document(document, self._reader, limits)) for document in opened.documents]
        sound = tuple(document for document, broken in judged if broken is None)
        return replace(opened, documents=sound), tuple(broken for _, broken in judged if broken)

    def _finish(
        self,
        arrival: Arrival,
        opened: Opened,
        outcome: Outcome,
        findings: Sequence[Finding],
        task: Task | None = None,
    ) -> Arrival:
        journal = self.office.journal
        returned = []
        if outcome is Outcome.IGNORED:
            returned = meant(self.office, raw_of(self.office.home.archive, arrival), findings, arrival.received_at)
        worded = word_letter(naming(findings, returned), task, self.office.rules)
        if outcome is Outcome.QUARANTINED:
            texts, raw = self.office.rules.texts.written, raw_of(self.office.home.archive, arrival)
            put_aside(self.office.home.outbox, arrival, raw, opened.sender, worded, texts)
        else:
            self._tidy(arrival)
        with journal.transaction() as connection:
            if task:
                Tasks(journal).add(connection, task)
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
