"""One arrival through the stages: raw bytes -> forms -> decisions -> facts. Every step can be repeated.

An arrival is stored and numbered first. Each form's decision is one transaction that also names its facts;
what was decided before a kill is not decided again, what was not is taken up by `resume`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from inbox_worker.core.model import Arrival, Finding, Outcome, Submission, WordedFinding
from inbox_worker.deciding.bounces import find_returned_letters, name_letters, record
from inbox_worker.deciding.forms import FormDecider
from inbox_worker.deciding.quarantine import put_aside, settle
from inbox_worker.deciding.release import release_by_reply, waiting_for
from inbox_worker.deciding.replies import queue_reply
from inbox_worker.deciding.robot_letters import settle_robot
from inbox_worker.deciding.task_making import decide_without_form, letter_task, taking_back_task, word_letter
from inbox_worker.deciding.tries import Faults, try_to_decide
from inbox_worker.deciding.wording import word_all
from inbox_worker.ledger.tasks import Task
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import Opened
from inbox_worker.receiving.store import Incoming, keep, raw_of
from inbox_worker.workbooks.cells import CellReader


class Pipeline:
    """Takes arrivals in one home. Use inside `office.lock_for_writing`."""

    def __init__(self, office: Office, reader: CellReader, now: datetime | None = None) -> None:
        self.office = office
        self.forms = FormDecider(office, reader, now)

    def ingest(self, came: Incoming) -> Arrival:
        """Keep an arrival and decide it; one that cannot be decided by a fault of ours is set aside as failed."""
        return self.decide_or_set_aside(keep(self.office.journal, self.office.home.archive, came))

    def decide_or_set_aside(self, arrival: Arrival) -> Arrival:
        """Gives a stored arrival its one outcome: after so many tries in vain `failed` (deciding/tries.py)."""
        while arrival.outcome is None:
            arrival, _ = self.try_to_decide(arrival)
        return arrival

    def try_to_decide(self, arrival: Arrival) -> tuple[Arrival, Exception | None]:
        """Make one of these tries (`tries.py`). Raise what says that nothing works now: a full disk, the journal out of
        reach."""
        return try_to_decide(self.office, arrival, self.decide, self.forms.open)

    def decide(self, arrival: Arrival) -> Arrival:
        """Decides a stored arrival. Raises any fault of ours; its forms that do not meet it are decided even so."""
        opened = self.forms.open(arrival)
        if opened.verdict is Outcome.HELD:
            return self._finish(arrival, opened, *settle_robot(self.forms, arrival, opened))
        if opened.verdict is not None:
            return self._finish(arrival, opened, opened.verdict, opened.findings, self._objection(arrival, opened))
        if opened.forms:
            return self._decide_forms(arrival, opened)
        waits = waiting_for(self.forms, arrival, opened)
        proven, broken = self.forms.prove(opened) if waits else (opened, ())
        noted = (*opened.findings, *broken)
        released = release_by_reply(self.forms, arrival, proven)
        if released:
            return self._finish(arrival, opened, Outcome.worst(released), noted)
        outcome, findings, task = decide_without_form(self.office, arrival, opened)
        return self._finish(arrival, opened, outcome, (*noted, *findings), task)

    def _objection(self, arrival: Arrival, opened: Opened) -> Task | None:
        """The task of a letter that goes no further because nobody knows its sender (his address may have left the
        register) but answers what we wrote to him about something still open."""
        codes = {finding.code for finding in opened.findings}
        found = letter_task(self.office, arrival, opened) if codes == {"sender.unknown"} else None
        return found[0] if found else None

    def _decide_forms(self, arrival: Arrival, opened: Opened) -> Arrival:
        """Every form by itself; a workbook that is no form, beside one that is, counts as a document.

        The arrival's outcome stands in the transaction of its last form.
        """
        decided = {s.ordinal: s for s in self.office.journal.submissions.of_arrival(arrival.number)}
        cases, found = self.forms.read(arrival, opened, decided)
        outcomes = [submission.outcome for submission in decided.values()]
        findings = (*opened.findings, *found)
        if not cases:
            return self._finish(arrival, opened, Outcome.worst(outcomes), findings)
        *first, last = cases
        faults = Faults()
        for case in first:
            with faults.keep_error():
                outcomes.append(self.forms.commit(self.forms.decide(case)).outcome)
        if faults:
            with faults.keep_error():
                self.forms.commit(self.forms.decide(last))
        faults.raise_first()
        self._tidy(arrival)
        taken_back = taking_back_task(self.office, arrival, opened, cases)
        findings = (*findings, taken_back[1]) if taken_back else findings
        worded = word_all(findings, self.office.rules)

        def finish(connection: Connection, submission: Submission) -> None:
            if taken_back:
                self.office.journal.tasks.add(connection, taken_back[0])
            worst = Outcome.worst([*outcomes, submission.outcome])
            self._finish_in(connection, arrival, opened, worst, findings, worded)

        outcomes.append(self.forms.commit(self.forms.decide(last), finish).outcome)
        return _set_outcome(arrival, opened, Outcome.worst(outcomes))

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
            returned = find_returned_letters(
                self.office, raw_of(self.office.home.archive, arrival), findings, arrival.received_at
            )
        worded = word_letter(name_letters(findings, returned), task, self.office.rules)
        if outcome is Outcome.QUARANTINED:
            texts, raw = self.office.rules.texts.written, raw_of(self.office.home.archive, arrival)
            put_aside(self.office.home.outbox, arrival, raw, opened.sender, worded, texts)
        else:
            self._tidy(arrival)
        with journal.transaction() as connection:
            if task:
                journal.tasks.add(connection, task)
            self._finish_in(connection, arrival, opened, outcome, findings, worded)
            record(connection, self.office, arrival, returned)
        return _set_outcome(arrival, opened, outcome)

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
        self.office.journal.arrivals.finish(
            connection, arrival.number, outcome, opened.sender, opened.message_id, worded
        )
        queue_reply(connection, self.office, arrival, opened, outcome, findings)

    def _tidy(self, arrival: Arrival) -> None:
        """What was put aside of an arrival that staff admitted goes."""
        if arrival.stated_sender:
            settle(self.office.home.outbox, arrival)


def _set_outcome(arrival: Arrival, opened: Opened, outcome: Outcome) -> Arrival:
    return replace(arrival, outcome=outcome, sender=opened.sender, message_id=opened.message_id)
