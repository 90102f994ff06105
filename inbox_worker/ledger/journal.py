"""The journal: small records in one database, one transaction a decision - the only commit point.

A fact file that no transaction names does not exist; an arrival without an outcome is taken up again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text

from inbox_worker.ledger import tables as t
from inbox_worker.ledger.kept import Kept, for_questions
from inbox_worker.ledger.records import (
    arrival_of,
    arrival_values,
    customer_of,
    customer_values,
    file_of,
    file_values,
    finding_of,
    submission_of,
    submission_values,
)
from inbox_worker.model import (
    Arrival,
    Customer,
    FactFile,
    MonthState,
    Outcome,
    Period,
    Submission,
    WordedFinding,
)

REVISION = "0012"


class JournalError(Exception):
    """The journal cannot be used as asked; the text tells what to do."""


def open_journal(url: str) -> Journal:
    """Opens the journal, bringing its tables to the program's shape. SQLite runs in WAL with synchronous=FULL."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True)  # an error's text must not carry rows into a log
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_settings)
        event.listen(engine, "begin", _sqlite_begin)
    _migrate(engine)
    return Journal(engine)


def _sqlite_settings(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver would leave CREATE TABLE out of transactions: `_sqlite_begin`
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {setting}")


def _sqlite_begin(connection: Connection) -> None:
    """A transaction that writes takes the writer's place at once and waits for it; one that read first could not.
    Questions that stand alone have none."""
    writes = connection.get_execution_options().get("writes", False)
    if not connection.get_execution_options().get("alone", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        if inspect(connection).has_table("alembic_version"):
            found = connection.execute(text("select version_num from alembic_version")).scalar()
            if found == REVISION:
                return
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


class Journal:
    """Reads and writes the journal's records, for one thread. Every writing method takes part in `transaction()`.

    Who writes holds the home's lock, so what is asked several times a form (Customers, months, names of facts) is
    read once and kept until this journal changes it.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._asking: Connection | None = None
        self._kept = Kept()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One durable unit: all of it stands, or nothing."""
        try:
            with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
                yield connection
        except BaseException:
            self._kept.forget()
            raise
        self._kept.committed()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for questions, each of which sees what is committed by then; it is kept open, for to open one
        takes longer than most answers."""
        if self._asking is None:
            self._asking = for_questions(self.engine)
        yield self._asking

    def dispose(self) -> None:
        if self._asking is not None:
            self._asking.close()
            self._asking = None
        self.engine.dispose()

    # --- arrivals -------------------------------------------------------------------------------------------

    def register(self, arrival: Arrival) -> Arrival:
        """Gives an arrival its number; the same bytes still undecided are taken up instead of doubled."""
        with self.transaction() as connection:
            [number] = self.register_in(connection, [arrival])
        return self.arrival(number)

    def register_in(self, connection: Connection, arrivals: Sequence[Arrival]) -> list[int]:
        """The same of several within a transaction: their numbers. The same bytes twice get one."""
        hashes = {arrival.sha256 for arrival in arrivals}
        a = t.arrivals.c
        query = select(a.mailbox, a.sha256, a.number).where(a.sha256.in_(hashes), a.outcome.is_(None))
        known = {(row.mailbox, row.sha256): int(row.number) for row in connection.execute(query)}
        last = int(connection.execute(select(func.max(a.number))).scalar() or 0)
        new, numbers = [], []
        for arrival in arrivals:
            key = arrival.mailbox, arrival.sha256
            if key not in known:
                last += 1
                known[key] = last
                new.append(arrival_values(replace(arrival, number=last)))
            numbers.append(known[key])
        if new:
            connection.execute(t.arrivals.insert(), new)
        return numbers

    def arrival(self, number: int) -> Arrival:
        """Raises JournalError when there is no such arrival."""
        with self.reading() as connection:
            row = connection.execute(select(t.arrivals).where(t.arrivals.c.number == number)).first()
        if row is None:
            raise JournalError(f"there is no arrival IW-{number:06d}")
        return arrival_of(row)

    def outcomes(self, numbers: Collection[int]) -> dict[int, Outcome | None]:
        """What became of these arrivals; None: not decided yet."""
        query = select(t.arrivals.c.number, t.arrivals.c.outcome).where(t.arrivals.c.number.in_(numbers))
        with self.reading() as connection:
            return {row.number: Outcome(row.outcome) if row.outcome else None for row in connection.execute(query)}

    def undecided(self) -> list[Arrival]:
        """Arrivals that were stored but not decided: a kill came between."""
        query = select(t.arrivals).where(t.arrivals.c.outcome.is_(None)).order_by(t.arrivals.c.number)
        with self.reading() as connection:
            return [arrival_of(row) for row in connection.execute(query)]

    def every_arrival(self) -> list[Arrival]:
        """All arrivals in order of number."""
        with self.reading() as connection:
            return [arrival_of(row) for row in connection.execute(select(t.arrivals).order_by(t.arrivals.c.number))]

    def every_submission(self) -> list[Submission]:
        """All forms in the order they came."""
        query = select(t.submissions).order_by(t.submissions.c.arrival, t.submissions.c.ordinal)
        with self.reading() as connection:
            return [submission_of(row) for row in connection.execute(query)]

    def arrivals_with_bytes(self, sha256: str) -> list[Arrival]:
        """Every arrival of these bytes, decided or not, in order of number."""
        query = select(t.arrivals).where(t.arrivals.c.sha256 == sha256).order_by(t.arrivals.c.number)
        with self.reading() as connection:
            return [arrival_of(row) for row in connection.execute(query)]

    def arrivals_with_message_id(self, message_ids: Sequence[str]) -> list[Arrival]:
        query = select(t.arrivals).where(t.arrivals.c.message_id.in_(message_ids))
        with self.reading() as connection:
            return [arrival_of(row) for row in connection.execute(query.order_by(t.arrivals.c.number))]

    def finish_arrival(
        self,
        connection: Connection,
        number: int,
        outcome: Outcome,
        sender: str,
        message_id: str,
        findings: Sequence[WordedFinding],
    ) -> None:
        """Writes the arrival's one outcome and its own findings."""
        connection.execute(
            t.arrivals.update()
            .where(t.arrivals.c.number == number)
            .values(outcome=outcome.value, sender=sender, message_id=message_id)
        )
        _add_findings(connection, number, "", findings)

    def admit_arrival(
        self, connection: Connection, number: int, sender: str, findings: Sequence[WordedFinding]
    ) -> None:
        """Staff vouch for a quarantined arrival: it waits for a decision again, sent by `sender`. `findings` take the
        place of its own."""
        of_arrival = (t.findings.c.arrival == number) & (t.findings.c.submission == "")
        connection.execute(t.findings.delete().where(of_arrival))
        connection.execute(
            t.arrivals.update().where(t.arrivals.c.number == number).values(outcome=None, stated_sender=sender)
        )
        _add_findings(connection, number, "", findings)

    # --- submissions ----------------------------------------------------------------------------------------

    def next_sequence(self) -> int:
        """The next place in the order of posting."""
        if self._kept.sequence is None:
            with self.reading() as connection:
                self._kept.sequence = connection.execute(select(func.max(t.submissions.c.sequence))).scalar() or 0
        return self._kept.sequence + 1

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
            self._kept.change()
        connection.execute(t.submissions.delete().where(t.submissions.c.id == submission.id))
        connection.execute(t.findings.delete().where(t.findings.c.submission == submission.id))
        connection.execute(t.submissions.insert().values(**submission_values(submission)))
        if submission.replaces and submission.outcome.posted:
            connection.execute(
                t.submissions.update()
                .where(t.submissions.c.id == submission.replaces)
                .values(replaced_by=submission.id)
            )
        _add_findings(connection, submission.arrival, submission.id, findings)
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

    def posted_with_bytes(self, sha256: str) -> Submission | None:
        """The first posted submission of the same bytes."""
        query = (
            select(t.submissions)
            .where(t.submissions.c.sha256 == sha256, t.submissions.c.sequence > 0)
            .order_by(t.submissions.c.sequence)
        )
        with self.reading() as connection:
            row = connection.execute(query).first()
        return submission_of(row) if row else None

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
            if self._kept.files(kind, customer) is None:
                self._kept.keep_files(customer, self._fact_files("", None, customer))
            return list(self._kept.files(kind, customer) or ())
        return self._fact_files(kind, upto, customer)

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
        self._kept.change()
        for customer in customers:
            connection.execute(t.customers.delete().where(t.customers.c.bin == customer.bin))
            connection.execute(t.customers.insert().values(**customer_values(customer), submission=submission))

    def customers(self) -> dict[str, Customer]:
        """The register of Customers by БИН."""
        if self._kept.customers is None:
            with self.reading() as connection:
                rows = connection.execute(select(t.customers).order_by(t.customers.c.bin))
                self._kept.customers = {row.bin: customer_of(row) for row in rows}
        return self._kept.customers

    # --- months, closes, documents --------------------------------------------------------------------------

    def months(self) -> dict[Period, MonthState]:
        """Every month that has a state, in order."""
        if self._kept.months is None:
            with self.reading() as connection:
                rows = connection.execute(select(t.months).order_by(t.months.c.month))
                self._kept.months = {Period.parse(row.month): MonthState(row.state) for row in rows}
        return dict(self._kept.months)

    def set_month(self, connection: Connection, month: Period, state: MonthState) -> None:
        self._kept.change()
        connection.execute(t.months.delete().where(t.months.c.month == str(month)))
        connection.execute(t.months.insert().values(month=str(month), state=state.value))

    def close_record(self, month: Period) -> Mapping[str, Any] | None:
        """The month's close in force: number, sha256, made_at, rules, sequence."""
        query = select(t.closes).where(t.closes.c.month == str(month), t.closes.c.reopened_at == "")
        with self.reading() as connection:
            row = connection.execute(query).mappings().first()
        return dict(row) if row else None

    def close_count(self, month: Period) -> int:
        """How many closes the month has had, reopened ones included."""
        query = select(func.max(t.closes.c.number)).where(t.closes.c.month == str(month))
        with self.reading() as connection:
            return connection.execute(query).scalar() or 0

    def reopened_closes(self, month: Period) -> dict[str, int]:
        """Hash -> number of the month's closes that were reopened."""
        query = select(t.closes).where(t.closes.c.month == str(month), t.closes.c.reopened_at != "")
        with self.reading() as connection:
            return {row.sha256: row.number for row in connection.execute(query.order_by(t.closes.c.number))}

    def record_close(
        self,
        connection: Connection,
        month: Period,
        number: int,
        sha256: str,
        rules: str,
        sequence: int,
        made_at: datetime,
    ) -> None:
        """Names a close in force. `sequence`: the last posting it could see, so that it can be repeated."""
        connection.execute(
            t.closes.insert().values(
                month=str(month),
                number=number,
                sha256=sha256,
                rules=rules,
                sequence=sequence,
                made_at=made_at.isoformat(),
            )
        )
        self.set_month(connection, month, MonthState.CLOSED)

    def record_reopen(self, connection: Connection, month: Period, reason: str, at: datetime) -> None:
        connection.execute(
            t.closes.update()
            .where(t.closes.c.month == str(month), t.closes.c.reopened_at == "")
            .values(reopened_at=at.isoformat(), reason=reason)
        )
        self.set_month(connection, month, MonthState.DRAFT)

    def document_number(self, month: Period, customer: str, kind: str, dated: date) -> tuple[str, date]:
        """Number and date of a document: given once, without gaps within a kind and year, kept for re-rendering.

        Once the document of an earlier close was sent, that of a later close is its revision: `2026-00001 ред. 2`.
        """
        c = t.documents.c
        with self.transaction() as connection:
            mine = connection.execute(
                select(t.documents).where(c.month == str(month), c.customer == customer, c.kind == kind)
            ).first()
            if mine:
                revision = _sent_before(connection, month, customer, kind) + 1
                marked = f"{mine.number} ред. {revision}" if revision > 1 else mine.number
                return marked, date.fromisoformat(mine.dated)
            base = kind.partition("_cancel")[0]  # a document and its reversal are numbered in one series
            series = (c.kind == base) | c.kind.like(f"{base}_cancel%")
            count = connection.execute(select(func.count()).where(series, c.month.like(f"{month.year}-%"))).scalar_one()
            number = f"{month.year}-{count + 1:05d}"
            connection.execute(
                t.documents.insert().values(
                    month=str(month), customer=customer, kind=kind, number=number, dated=dated.isoformat()
                )
            )
        return number, dated

    def document_numbers(self, customer: str, kind: str) -> set[str]:
        """Numbers of the documents of a kind, and of those that cancel them, that were made for a Customer."""
        c = t.documents.c
        same = (c.kind == kind) | c.kind.like(f"{kind}_cancel%")
        with self.reading() as connection:
            rows = connection.execute(select(c.number).where(c.customer == customer, same))
            return {row.number for row in rows}


def _sent_before(connection: Connection, month: Period, customer: str, kind: str) -> int:
    """The last revision of a document, made of an earlier close, that was sent or is on its way; 0 for none."""
    d, p, closes = t.outbox_documents.c, t.outbox_proofs.c, t.closes.c
    current = select(func.max(closes.number)).where(closes.month == str(month)).scalar_subquery()
    going = select(p.document).where(p.state.not_in(("refused", "dropped")))
    query = select(func.max(d.revision)).where(d.month == str(month), d.bin == customer, d.kind == kind)
    gone = (d.state == "sent") | d.id.in_(going)
    return connection.execute(query.where(d.close_number < current, gone)).scalar() or 0


def _follow(connection: Connection, number: int) -> None:
    """A decided arrival whose held form is released takes the worst outcome of its forms as they now are."""
    of_forms = (
        select(t.submissions.c.outcome)
        .join(t.arrivals, t.arrivals.c.number == t.submissions.c.arrival)
        .where(t.submissions.c.arrival == number, t.arrivals.c.outcome.is_not(None))
    )
    outcomes = [Outcome(outcome) for outcome in connection.execute(of_forms).scalars()]
    if outcomes:
        worst = Outcome.worst(outcomes).value
        connection.execute(t.arrivals.update().where(t.arrivals.c.number == number).values(outcome=worst))


def _add_findings(connection: Connection, number: int, submission: str, findings: Sequence[WordedFinding]) -> None:
    if findings:
        rows = [{"arrival": number, "submission": submission, **finding.as_json()} for finding in findings]
        connection.execute(t.findings.insert(), rows)
