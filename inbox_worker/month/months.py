"""Accounting months of an office: open -> draft -> closed (money.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from inbox_worker.core.errors import JobError
from inbox_worker.core.hashes import store
from inbox_worker.core.model import FactFile, MonthState, Period
from inbox_worker.core.queries import read_query
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.closes import CloseRecord, FilesOfClose, hash_close
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.ledger.soundness import require_whole
from inbox_worker.month.bank_money import find_unexplained
from inbox_worker.month.compute import Facts
from inbox_worker.month.differences import Differences
from inbox_worker.month.engine import Engine
from inbox_worker.month.frozen import CloseWriter, FrozenClose, clear_place, file_hashes, find_reopened, frozen_close
from inbox_worker.month.late_penalties import LatePenalty, find_late_penalties
from inbox_worker.month.left_lines import find_differences_of
from inbox_worker.month.office import Office
from inbox_worker.month.parts import MonthPart, part_of_close, part_of_draft, part_of_dry_run, whole_of
from inbox_worker.month.proofs import Broken
from inbox_worker.month.stopping import StoppingLines, find_stopping_lines

_MOST_NAMED = 5  # days of banks, services without a tariff
_OPENINGS = read_query(__file__, "stated_openings")


class MonthError(JobError):
    """A month cannot be drafted or closed as asked; the text tells what to do."""


@dataclass(frozen=True)
class Closed:
    """A close as made or, in a dry run, as it would be. `payments`: received = posted + suspense.

    `differences` from the month before are told by a dry run alone; `before`: totals of that month.
    """

    month: Period
    state: str
    number: int
    totals: dict[str, Decimal]
    rows: int
    payments: dict[str, Decimal]
    warnings: tuple[str, ...]
    before: dict[str, Decimal]
    differences: Differences | None


@dataclass(frozen=True)
class Draft:
    """The month's charges and the payments posted so far, before its bills, and what differs from the month
    before. `stopping`: lines that it does not have any more, for their contract ended; `untariffed`: how many lines of
    a Customer and service are charged nothing, for no tariff prices them; `late_penalties`: notices whose days begin
    later than they say."""

    month: Period
    totals: dict[str, Decimal]
    rows: int
    before: dict[str, Decimal]
    differences: Differences
    stopping: tuple[StoppingLines, ...]
    untariffed: Mapping[tuple[str, str], int]
    late_penalties: tuple[LatePenalty, ...] = ()


def list_closed_months(office: Office) -> list[Period]:
    """Return the closed months in order."""
    return sorted(m for m, state in office.journal.closes.months().items() if state is MonthState.CLOSED)


def list_months_closed_by(office: Office, day: date) -> list[Period]:
    """Return the closed months, in order, that were over before the day's own, or whose close was made by its end."""
    made = {close.month for close in office.journal.closes.list_in_force() if to_almaty(close.made_at).date() <= day}
    return [month for month in list_closed_months(office) if month < Period.of(day) or month in made]


def find_first_open_month(office: Office) -> Period | None:
    """Return the month after the last close; None before the first close."""
    closed = list_closed_months(office)
    return closed[-1].plus(1) if closed else None


def is_closed(office: Office, month: Period) -> bool:
    """Return whether the month comes before the first open one."""
    first_open = find_first_open_month(office)
    return first_open is not None and month < first_open


def find_first_month(office: Office, asked: Period, working: Iterable[Period] = ()) -> Period:
    """Return the ledger's first month: before it there is nothing to run from.

    The first close if there is one. Else the directory's earliest `Действует с`, if that is the asked month
    or the one before; an earlier one only tells since when lines stand, so work begins with the first month
    that anything was posted in (`working`: months about to be posted).
    """
    closed = list_closed_months(office)
    if closed:
        return closed[0]
    earliest = office.directory.first_month()
    if earliest is None or earliest >= asked.plus(-1):
        return earliest if earliest is not None and earliest <= asked else asked
    return max(earliest, min({*_active(office), *working, asked}))


def find_possible_months(office: Office, now: datetime) -> tuple[Period, Period]:
    """Return the months that can be drafted: the first open one and the month after it, which opens with its closing.

    Before the first close that is the first month that anything was posted in; with a directory alone, this one.
    """
    first = find_first_open_month(office)
    if first is None:
        first = min(_active(office), default=Period.of(to_almaty(now).date()))
        first = max(first, office.directory.first_month() or first)
    return first, first.plus(1)


def _active(office: Office) -> set[Period]:
    """Return the months that something of theirs was posted in; registers of what stands tell none."""
    return {f.month for f in office.journal.facts.files() if f.kind not in ("directory", "customers", "stops", "banks")}


def gather_facts(office: Office, month: Period, working: Iterable[Period] = (), upto: int | None = None) -> Facts:
    """Name what the month is computed of as it is now (`upto`: as it was at a sequence)."""
    by_kind: dict[str, list[FactFile]] = {kind: [] for kind in SCHEMAS}
    for file in office.journal.facts.files(upto=upto):
        by_kind[file.kind].append(file)
    return Facts(office.home, office.rules, by_kind, _find_closes(office), find_first_month(office, month, working))


def find_close(office: Office, month: Period) -> FrozenClose:
    """Return the close of a closed month; its files are compared with the journal when they are read."""
    return _close_of(office, month, office.journal.closes.in_force(month), office.journal.closes.files_of(month))


def _find_closes(office: Office) -> dict[Period, FrozenClose]:
    closes = office.journal.closes
    records, files = {record.month: record for record in closes.list_in_force()}, closes.files_of()
    return {month: _close_of(office, month, records.get(month), files) for month in list_closed_months(office)}


def _close_of(
    office: Office, month: Period, record: CloseRecord | None, files: Mapping[tuple[Period, int], FilesOfClose]
) -> FrozenClose:
    if record is None:
        raise MonthError(f"{month} is closed, and the journal names no close of it; restore it from the backup")
    folder = office.home.ledger / "closes" / str(month)
    kept = folder.with_name(f"{month}.{record.number}")  # in a copy of a home at work
    named = files.get((month, record.number), FilesOfClose())
    return frozen_close(record, kept if kept.is_dir() else folder, named)


def compute_month(office: Office, month: Period) -> Engine:
    """Compute the month: a closed one of the facts that its close saw, an open one of those that there are now."""
    record = office.journal.closes.in_force(month)
    engine = gather_facts(office, month, upto=record.sequence if record else None).limit_to(month).engine()
    engine.run_steps(month)
    return engine


def compute_openings(office: Office, customer: str, month: Period) -> dict[tuple[str, str], Decimal]:
    """Compute the balances at the start of the month, by account and service, of a Customer's lines that an earlier
    month or the register's `Сальдо` knows."""
    accounts = office.directory.lines(customer, month, also="ended")["account"]
    engine = gather_facts(office, month).engine_of(accounts.combine_chunks())
    engine.run_steps(month)
    engine.show_history(month)
    rows = engine.connection.execute(_OPENINGS, {"customer": customer}).fetchall()
    return {(account, service): opening for account, service, opening in rows}


def draft_month(office: Office, month: Period, engine: str = "") -> Draft:
    """Compute the month from what was posted so far and mark it drafted. `engine`: duckdb or spark, '' = what
    config.yaml says. Raises MonthError when closed."""
    if is_closed(office, month):
        raise MonthError(f"{month} is closed; `explain` and `documents` show it, `reopen` opens it")
    facts = replace(gather_facts(office, month), spark=office.home.spark_address(engine))
    whole = whole_of(facts.parts(month, part_of_draft))
    _check(month, whole.broken)
    with office.journal.transaction() as connection:
        office.journal.closes.set_month(connection, month, MonthState.DRAFT)
    found = find_differences_of(office, month, whole.differences)
    return Draft(
        month, whole.totals, whole.rows, whole.before, found, find_stopping_lines(office, month), whole.untariffed,
        find_late_penalties(office, month),
    )  # fmt: skip


def close_month(office: Office, month: Period, now: datetime, dry_run: bool = False, engine: str = "") -> Closed:
    """Sum facts, prove totals, freeze the month. `engine`: duckdb or spark, '' = what config.yaml says; a close is the
    same bytes by either. Raises MonthError while anything does not reconcile."""
    spark = office.home.spark_address(engine)
    require_whole(office.journal)
    facts = replace(_ready_to_close(office, month), spark=spark)
    with CloseWriter(office.home.ledger / "closes" / str(month)) as writer:
        if dry_run:
            whole = whole_of(facts.parts(month, part_of_dry_run))
        else:
            whole = whole_of(facts.parts(month, part_of_close), writer)
        _check(month, whole.broken)
        number = office.journal.closes.count(month) + 1
        state = office.journal.closes.months().get(month, MonthState.OPEN).value
        if not dry_run:
            _freeze(office, month, number, writer, now)
            state = MonthState.CLOSED.value
    found = find_differences_of(office, month, whole.differences) if dry_run else None
    return Closed(
        month, state, number, whole.totals, whole.rows, whole.payments, _warnings(whole, month, now),
        whole.before, found,
    )  # fmt: skip


def reopen_month(office: Office, month: Period, reason: str, now: datetime) -> None:
    """Open the last closed month again; its close stays on disk under its number."""
    require_last_closed(office, month)
    with office.journal.transaction() as connection:
        office.journal.closes.reopen(connection, month, reason, now)
        record_act(connection, "reopen", str(month), now, details=reason)


def require_last_closed(office: Office, month: Period) -> None:
    """Raise MonthError for a month that cannot be reopened."""
    closed = list_closed_months(office)
    if not closed or closed[-1] != month:
        last = f"; the last closed month is {closed[-1]}" if closed else "; no month is closed"
        raise MonthError(f"{month} cannot be reopened: only the last closed month can{last}")


def _ready_to_close(office: Office, month: Period) -> Facts:
    if is_closed(office, month):
        raise MonthError(f"{month} is closed already; `reopen {month} --reason ...` opens the last closed month")
    first_open = find_first_open_month(office)
    if first_open is not None and month > first_open:
        raise MonthError(f"close {first_open} first: {month} opens with its closing balance")
    if office.directory.first_month() is None:
        raise MonthError("the directory is empty; `load` the registers of customers and accounts first")
    if open_days := find_unexplained(office, month):
        named = ", ".join(f"{day.bank} {day.day} by {day.difference}" for day in open_days[:_MOST_NAMED])
        raise MonthError(f"{month}: registers and statements differ: {named}; `bank reconcile` shows them")
    facts = gather_facts(office, month)
    if first_open is None and facts.first < month:
        raise MonthError(f"close {facts.first} first: {month} opens with its closing balance")
    return facts


def _freeze(office: Office, month: Period, number: int, writer: CloseWriter, now: datetime) -> None:
    clear_place(writer.folder, find_reopened(office.journal.closes, month, writer.folder))
    last = office.journal.submissions.next_sequence() - 1
    digest = writer.finish()
    files = file_hashes(writer.folder)
    for name, of_file in files.items():
        store(writer.folder / f"{name}.parquet", of_file)
    with office.journal.transaction() as connection:
        record = CloseRecord(month, number, digest, now, office.rules.version, last)
        office.journal.closes.record(connection, record, files)
        details = f"№ {number}, {digest}"
        record_act(connection, "close", str(month), now, details=details, after=hash_close(record))


def _check(month: Period, broken: Sequence[Broken]) -> None:
    if broken:
        raise MonthError(f"{month} does not reconcile. {'. '.join(map(str, broken))}")


def _warnings(whole: MonthPart, month: Period, now: datetime) -> tuple[str, ...]:
    found = []
    if now.date() < month.first_day:
        found.append(
            f"{month} has not begun, it is {now:%Y-%m-%d}: what customers and banks send for it will count in the next "
            f"open month; `reopen {month} --reason ...` takes this close back"
        )
    elif now.date() < month.plus(1).first_day:
        found.append(
            f"{month} is not over: payments of its days that are still to come will count in the next open month and "
            f"stand in no statement and no act of {month}; `reopen {month} --reason ...` takes this close back"
        )
    if whole.untariffed:
        parts = [f"{service} of {customer} ({lines})" for (customer, service), lines in whole.untariffed.most_common()]
        more = "; ..." if len(parts) > _MOST_NAMED else ""
        named = "; ".join(parts[:_MOST_NAMED]) + more
        found.append(f"lines without a tariff, charged 0.00: {whole.untariffed.total()}: {named}")
    if whole.overpaid:
        named = ", ".join(" ".join(line) for line in whole.overpaid[:_MOST_NAMED])
        more = ", ..." if len(whole.overpaid) > _MOST_NAMED else ""
        found.append(
            f"lines that paid more penalty than they have: {len(whole.overpaid)}; it became less after their payments "
            f"were posted, which stay as they are; it is set off against the next penalty: {named}{more}"
        )
    return tuple(found)
