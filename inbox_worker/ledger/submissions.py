"""The journal's forms: their decisions and findings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, bindparam, select

from inbox_worker.core.model import FactFile, Outcome, Submission, WordedFinding
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.arrivals import add_findings
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.decision_acts import record_decision
from inbox_worker.ledger.fact_files import add_to_kept
from inbox_worker.ledger.records import as_record, as_values

_s = t.submissions.c
_OF_ARRIVAL = select(t.submissions).where(_s.arrival == bindparam("number")).order_by(_s.ordinal)
_WITH_BYTES = select(t.submissions).where(_s.sha256 == bindparam("bytes"), _s.sequence > 0).order_by(_s.sequence)
_WAITING = (
    select(t.submissions)
    .where(_s.outcome == Outcome.HELD, _s.form == bindparam("form"), _s.customer == bindparam("customer"))
    .where(_s.replaced_by == "")
    .order_by(_s.arrival, _s.ordinal)
)


class Submissions:
    """Keep what was decided of each form, and what it posted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_sequence(self) -> int:
        """Return the next place in the order of posting."""
        return self._database.head().sequence + 1

    def record(
        self,
        connection: Connection,
        submission: Submission,
        findings: Sequence[WordedFinding],
        files: Sequence[FactFile],
    ) -> None:
        """Record the decision: the submission (again, when it was held before), its findings, the facts it posts."""
        if submission.replaces:
            self._database.forget_at_commit()
        self._database.note_decision(submission.sequence or 0, partial(add_to_kept, self._database.kept, files))
        again = connection.execute(t.submissions.delete().where(t.submissions.c.id == submission.id)).rowcount
        if again:
            connection.execute(t.findings.delete().where(t.findings.c.submission == submission.id))
        connection.execute(t.submissions.insert(), as_values(submission))
        if submission.replaces and submission.outcome.posted:
            connection.execute(
                t.submissions.update()
                .where(t.submissions.c.id == submission.replaces)
                .values(replaced_by=submission.id)
            )
        add_findings(connection, submission.arrival, submission.id, findings)
        if files:
            connection.execute(t.fact_files.insert(), [as_values(file) for file in files])
        record_decision(connection, submission, files, found=bool(findings))
        if again:
            _follow(connection, submission.arrival)

    def get(self, identifier: str) -> Submission | None:
        return self._database.find(Submission, select(t.submissions).where(t.submissions.c.id == identifier))

    def all(self) -> list[Submission]:
        """Return all forms in the order they came."""
        query = select(t.submissions).order_by(t.submissions.c.arrival, t.submissions.c.ordinal)
        return self._database.find_all(Submission, query)

    def of_arrival(self, number: int) -> list[Submission]:
        return self._database.find_all(Submission, _OF_ARRIVAL, {"number": number})

    def released_by(self, arrival: str) -> list[Submission]:
        """Return held submissions that this arrival's documents released (their proof begins with its number)."""
        query = select(t.submissions).where(t.submissions.c.documents.like(f"{arrival}: %"))
        return self._database.find_all(Submission, query.order_by(t.submissions.c.id))

    def record_answer(self, connection: Connection, submission: str, sha256: str) -> None:
        """Name the marked workbook of a submission by its hash; it takes the place of an earlier decision's."""
        connection.execute(t.answer_files.delete().where(t.answer_files.c.submission == submission))
        connection.execute(t.answer_files.insert().values(submission=submission, sha256=sha256))

    def answer_hash(self, submission: str) -> str | None:
        """Return the hash of a submission's marked workbook; None when there is none, or an earlier version made it."""
        query = select(t.answer_files.c.sha256).where(t.answer_files.c.submission == submission)
        found: str | None = self._database.value(query)
        return found

    def answer_hashes(self) -> dict[str, str]:
        """Return the hash of every marked workbook, by its submission."""
        return {row.submission: row.sha256 for row in self._database.rows(select(t.answer_files))}

    def posted_with_bytes(self, sha256: str) -> list[Submission]:
        """Return the posted submissions of the same bytes, in order of posting."""
        return self._database.find_all(Submission, _WITH_BYTES, {"bytes": sha256})

    def find_waiting(self, form: str, customer: str) -> list[Submission]:
        """Return a Customer's held forms of a kind, in the order they came, without those that others replaced."""
        return self._database.find_all(Submission, _WAITING, {"form": form, "customer": customer})

    def findings_of(self, number: int, submission: str = "") -> list[WordedFinding]:
        """Return the findings of a submission, or the arrival's own when `submission` is ''."""
        return self.every_finding_of(number).get(submission, [])

    def every_finding_of(self, number: int) -> dict[str, list[WordedFinding]]:
        """Return the findings of an arrival by submission; its own under ''."""
        query = select(t.findings).where(t.findings.c.arrival == number).order_by(t.findings.c.id)
        found: dict[str, list[WordedFinding]] = {}
        for row in self._database.rows(query):
            found.setdefault(row.submission, []).append(as_record(WordedFinding, row))
        return found


def _follow(connection: Connection, number: int) -> None:
    """A decided arrival whose held form is released takes the worst outcome of its forms as they now are."""
    of_forms = (
        select(t.submissions.c.outcome)
        .join(t.arrivals, t.arrivals.c.number == t.submissions.c.arrival)
        .where(t.submissions.c.arrival == number, t.arrivals.c.outcome.is_not(None))
        .where(t.arrivals.c.outcome != Outcome.FAILED)  # other forms of it still wait
    )
    if outcomes := list(connection.execute(of_forms).scalars()):
        worst = Outcome.worst(outcomes)
        connection.execute(t.arrivals.update().where(t.arrivals.c.number == number).values(outcome=worst))
