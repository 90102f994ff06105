"""The journal's forms: their decisions, findings and facts, and the register of Customers.

A fact file that no transaction names does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from inbox_worker.core.model import (
    Customer,
    FactFile,
    Outcome,
    Submission,
    WordedFinding,
)
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.arrivals import add_findings
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import (
    customer_of,
    customer_values,
    file_of,
    file_values,
    finding_of,
    submission_of,
    submission_values,
)


class Submissions(Database):
    """What was decided of each form, and what it posted."""

    def next_sequence(self) -> int:
        """The next place in the order of posting."""
        return self._kept.answer("sequence", self._last_sequence) + 1

    def _last_sequence(self) -> int:
        with self.reading() as connection:
            return connection.execute(select(func.max(t.submissions.c.sequence))).scalar() or 0

    def record_submission(
        self,
        connection: Connection,
        submission: Submission,
        findings: Sequence[WordedFinding],
        files: Sequence[FactFile],
    ) -> None:
        """The decision: the submission (again, when it was held before), its findings, the facts it posts."""
        self._kept.post(submission.sequence, files)
        if submission.replaces:
            self._kept.changed = True
        connection.execute(t.submissions.delete().where(t.submissions.c.id == submission.id))
        connection.execute(t.findings.delete().where(t.findings.c.submission == submission.id))
        connection.execute(t.submissions.insert().values(**submission_values(submission)))
        if submission.replaces and submission.outcome.posted:
            connection.execute(
                t.submissions.update()
                .where(t.submissions.c.id == submission.replaces)
                .values(replaced_by=submission.id)
            )
        add_findings(connection, submission.arrival, submission.id, findings)
        if files:
            connection.execute(t.fact_files.insert(), [file_values(file) for file in files])
        _follow(connection, submission.arrival)

    def submission(self, identifier: str) -> Submission | None:
        with self.reading() as connection:
            row = connection.execute(select(t.submissions).where(t.submissions.c.id == identifier)).first()
        return submission_of(row) if row else None

    def submissions_of(self, number: int) -> list[Submission]:
        query = select(t.submissions).where(t.submissions.c.arrival == number)
        with self.reading() as connection:
            return [submission_of(row) for row in connection.execute(query.order_by(t.submissions.c.ordinal))]

    def released_by(self, arrival: str) -> list[Submission]:
        """Held submissions that this arrival's documents released (their proof begins with its number)."""
        query = select(t.submissions).where(t.submissions.c.documents.like(f"{arrival}: %"))
        with self.reading() as connection:
            return [submission_of(row) for row in connection.execute(query.order_by(t.submissions.c.id))]

    def record_answer(self, connection: Connection, submission: str, sha256: str) -> None:
        """Names the marked workbook of a submission by its hash; it takes the place of an earlier decision's."""
        connection.execute(t.answer_files.delete().where(t.answer_files.c.submission == submission))
        connection.execute(t.answer_files.insert().values(submission=submission, sha256=sha256))

    def answer_hash(self, submission: str) -> str:
        """The hash of a submission's marked workbook; '' when there is none, or an earlier version made it."""
        query = select(t.answer_files.c.sha256).where(t.answer_files.c.submission == submission)
        with self.reading() as connection:
            return connection.execute(query).scalar() or ""

    def posted_with_bytes(self, sha256: str) -> list[Submission]:
        """The posted submissions of the same bytes, in order of posting."""
        query = (
            select(t.submissions)
            .where(t.submissions.c.sha256 == sha256, t.submissions.c.sequence > 0)
            .order_by(t.submissions.c.sequence)
        )
        with self.reading() as connection:
            return [submission_of(row) for row in connection.execute(query)]

    def findings_of(self, number: int, submission: str = "") -> list[WordedFinding]:
        """Findings of a submission, or the arrival's own when `submission` is ''."""
        return self.every_finding_of(number).get(submission, [])

    def every_finding_of(self, number: int) -> dict[str, list[WordedFinding]]:
        """Findings of an arrival by submission; its own under ''."""
        query = select(t.findings).where(t.findings.c.arrival == number).order_by(t.findings.c.id)
        found: dict[str, list[WordedFinding]] = {}
        with self.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.submission, []).append(finding_of(row))
        return found

    # --- facts, customers -----------------------------------------------------------------------------------

    def fact_files(self, kind: str = "", upto: int | None = None, customer: str = "") -> list[FactFile]:
        """Fact files in force, in order of posting: those of a submission replaced whole are left out.

        `upto`: only postings up to this sequence, as a close saw them.
        """
        if kind and customer and upto is None:
            return list(self._kept.answer(f"files of {customer}", lambda: self._files_by_kind(customer)).get(kind, ()))
        return self._fact_files(kind, upto, customer)

    def last_file(self) -> FactFile | None:
        """A fact file of the last posting that has one; None when nothing was ever posted."""
        query = select(t.fact_files).join(t.submissions, t.submissions.c.id == t.fact_files.c.submission)
        with self.reading() as connection:
            row = connection.execute(query.order_by(t.submissions.c.sequence.desc()).limit(1)).first()
        return file_of(row) if row else None

    def named_facts(self) -> set[str]:
        """Paths of all fact files that the journal names, those of replaced submissions too."""
        with self.reading() as connection:
            return set(connection.execute(select(t.fact_files.c.path)).scalars())

    def facts_since(self, sequence: int) -> list[FactFile]:
        """Fact files of the postings after this one, those of replaced submissions too."""
        query = select(t.fact_files).join(t.submissions, t.submissions.c.id == t.fact_files.c.submission)
        with self.reading() as connection:
            return [file_of(row) for row in connection.execute(query.where(t.submissions.c.sequence > sequence))]

    def _files_by_kind(self, customer: str) -> dict[str, list[FactFile]]:
        found: dict[str, list[FactFile]] = {}
        for file in self._fact_files("", None, customer):
            found.setdefault(file.kind, []).append(file)
        return found

    def _fact_files(self, kind: str, upto: int | None, customer: str) -> list[FactFile]:
        query = (
            select(t.fact_files)
            .join(t.submissions, t.submissions.c.id == t.fact_files.c.submission)
            .where(t.submissions.c.replaced_by == "")
            .order_by(t.submissions.c.sequence, t.fact_files.c.path)
        )
        if kind:
            query = query.where(t.fact_files.c.kind == kind)
        if customer:
            query = query.where(t.fact_files.c.customer == customer)
        if upto is not None:
            query = query.where(t.submissions.c.sequence <= upto)
        with self.reading() as connection:
            return [file_of(row) for row in connection.execute(query)]

    def put_customers(self, connection: Connection, customers: Sequence[Customer], submission: str) -> None:
        """The register's records as last loaded; the facts keep every earlier wording."""
        self._kept.changed = True
        for customer in customers:
            connection.execute(t.customers.delete().where(t.customers.c.bin == customer.bin))
            connection.execute(t.customers.insert().values(**customer_values(customer), submission=submission))

    def customers(self) -> dict[str, Customer]:
        """The register of Customers by БИН."""
        return self._kept.answer("customers", self._customers)

    def _customers(self) -> dict[str, Customer]:
        with self.reading() as connection:
            rows = connection.execute(select(t.customers).order_by(t.customers.c.bin))
            return {row.bin: customer_of(row) for row in rows}

    def register_sequence(self, bin_: str) -> int:
        """Return the place in the order of posting of the register that told of a Customer last; 0 when none did."""
        query = select(t.submissions.c.sequence).join(t.customers, t.customers.c.submission == t.submissions.c.id)
        with self.reading() as connection:
            return connection.execute(query.where(t.customers.c.bin == bin_)).scalar() or 0


def _follow(connection: Connection, number: int) -> None:
    """A decided arrival whose held form is released takes the worst outcome of its forms as they now are."""
    of_forms = (
        select(t.submissions.c.outcome)
        .join(t.arrivals, t.arrivals.c.number == t.submissions.c.arrival)
        .where(t.submissions.c.arrival == number, t.arrivals.c.outcome.is_not(None))
        .where(t.arrivals.c.outcome != Outcome.FAILED.value)  # other forms of it still wait
    )
    outcomes = [Outcome(outcome) for outcome in connection.execute(of_forms).scalars()]
    if outcomes:
        worst = Outcome.worst(outcomes).value
        connection.execute(t.arrivals.update().where(t.arrivals.c.number == number).values(outcome=worst))
