"""A bank's register -> payments, their allocation over lines and the fee withheld, as facts (4.1.7, 4.2.5).

Each payment counts in the month of its `Дата приёма`, in the first open month when that one is closed. Whole columns
at a time: a bank's day has tens of thousands of payments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.accounts import LISTED_ACCOUNTS
from inbox_worker.core.model import FactFile, MonthState, Period
from inbox_worker.core.queries import parse, read_query
from inbox_worker.ledger.facts import fit, register, write_facts
from inbox_worker.ledger.questions import scratch
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.month.allocate import PARTS, Allocated, Whole, allocate, money_of
from inbox_worker.month.compute import Facts
from inbox_worker.month.engine import Engine
from inbox_worker.month.fees import add_fees
from inbox_worker.month.months import find_first_month, find_first_open_month, gather_facts
from inbox_worker.month.office import Office
from inbox_worker.month.reassigned import MATCHED, add_reassigned, find_changed
from inbox_worker.month.reversals import find_exceeding, find_suspended, reverse
from inbox_worker.month.turns import in_order, is_reversal, turns_of

_DUES = read_query(__file__, "dues")

_WAITING = read_query(__file__, "waiting_accounts")
_BEFORE_FIRST = "payment.before_first"  # why a payment stands in suspense


@dataclass(frozen=True)
class PostedPayments:
    """A register's entries by month and kind of fact, before they are written, and the first month posted;
    `suspense`: its entries in suspense, also of earlier payments that found their line; `unlike`: reversals of a sum
    that was not paid; `moved`: how many payments of each closed month count in `first`."""

    entries: Mapping[Period, Mapping[str, pa.Table]]
    first: Period
    suspense: pa.Table
    unlike: Sequence[Mapping[str, Any]]
    moved: Mapping[Period, int]


@dataclass
class _Posting:
    """The entries that a register has posted so far: they count in what it posts next."""

    allocations: list[pa.Table] = field(default_factory=list)
    suspense: list[pa.Table] = field(default_factory=list)
    reassigned: list[pa.Table] = field(default_factory=list)
    unlike: list[Mapping[str, Any]] = field(default_factory=list)

    def show(self, engine: Engine) -> None:
        """Show it to an engine's connection."""
        for kind, tables in (("allocations", self.allocations), ("suspense", self.suspense)):
            if tables:
                engine.connection.register(f"fresh_{kind}", pa.concat_tables(tables))
                columns = ", ".join(SCHEMAS[kind].names)
                engine.connection.execute(
                    f"create or replace temp view {kind} as select {columns} from every_{kind} "  # noqa: S608
                    f"union all select {columns} from fresh_{kind}"
                )
                engine.forget()


def post_payments(office: Office, posted: PostedPayments, submission: str) -> tuple[FactFile, ...]:
    """Write the register's payments, allocations and suspense."""
    files = [
        file for month, tables in posted.entries.items() for file in write_entries(office, month, submission, tables)
    ]
    mark_drafted(office, sorted({*posted.entries, *(file.month for file in files)}))
    return tuple(files)


def share_payments(office: Office, table: pa.Table, sequence: int) -> PostedPayments:
    """Share a register's payments over the lines that they are for. Nothing is written."""
    paid_on = _count_days(table)
    earliest = _first_month_to_post(office, {Period.of(day) for day in paid_on})
    month_of = {day: max(Period.of(day), earliest) for day in paid_on}
    own_months = sorted(set(month_of.values()))
    waiting = _find_waiting(office)
    of_waiting = {max(Period.of(month), earliest) for month in waiting.column("month").to_pylist()}
    months = sorted({*own_months, *(month for month in of_waiting if month < own_months[-1])})
    rows = in_order(_with(table, payment=_payment_ids(table), month=_looked_up(table.column("paid_on"), month_of)))
    entries: dict[Period, Mapping[str, pa.Table]] = {}
    facts = gather_facts(office, months[-1], months)
    accounts = pa.chunked_array([*rows.column("account").chunks, *waiting.column("account").chunks], pa.string())
    engine, posting = facts.engine_of(add_reassigned(facts, accounts)), _Posting()
    for month in months:
        of_month = rows.filter(pc.equal(rows.column("month"), pa.scalar(month.first_day)))
        before = len(posting.allocations)
        _post_month(office, facts, engine, month, of_month, posting, sequence)
        written = (posting.allocations, posting.suspense, posting.reassigned)
        fresh = [pa.concat_tables(tables[before:]) for tables in written]
        kinds = ("bank_register", "allocations", "suspense", "reassigned")
        entries[month] = dict(zip(kinds, (of_month, *fresh), strict=True))
    first = office.directory.first_month() or earliest
    moved = Counter[Period]()
    for day, count in paid_on.items():
        if first <= Period.of(day) < earliest:
            moved[Period.of(day)] += count
    return PostedPayments(entries, own_months[0], pa.concat_tables(posting.suspense), posting.unlike, moved)


def write_entries(office: Office, month: Period, submission: str, tables: Mapping[str, pa.Table]) -> list[FactFile]:
    """Write a month's entries by kind of fact, under the operator; none for a table without rows."""
    ledger, operator = office.home.ledger, office.home.config.operator.bin
    return [
        write_facts(ledger, kind, operator, month, submission, rows) for kind, rows in tables.items() if rows.num_rows
    ]


def refused_reversals(office: Office, table: pa.Table) -> Sequence[Mapping[str, Any]]:
    """Return the register's reversals of more than is left of their payments; such a register is refused (4.1.7)."""
    if not is_reversal(table).any():
        return ()
    rows = in_order(table)
    months = sorted({Period.of(day) for day in _count_days(table)})
    facts = gather_facts(office, months[-1], months)
    kinds = ("allocations", "suspense", "reassigned")
    asked = pa.table({"account": add_reassigned(facts, rows.column("account")).unique()})
    with facts.connect(LISTED_ACCOUNTS, asked, kinds) as connection:
        return find_exceeding(connection, rows.to_pylist())


def _find_waiting(office: Office) -> pa.Table:
    """Return the account of each payment in suspense, which may find its line now, and the month it came in."""
    files = office.journal.facts.files("suspense")
    connection = scratch(sum(file.rows for file in files))
    register(connection, office.home.ledger, "suspense", files)
    return connection.sql(parse(connection, _WAITING)).to_arrow_table()


def _post_month(
    office: Office, facts: Facts, engine: Engine, month: Period, rows: pa.Table, posting: _Posting, sequence: int
) -> None:
    """Post a month's payments of the register: first those in suspense that found their line by now, then the
    register's own, payments and reversals in order. The few accounts that need more than a turn are computed by
    themselves."""
    posting.show(engine)
    waiting = in_order(_stamp_waiting(find_suspended(engine.connection, month), month, sequence))
    waits = pa.array(np.arange(waiting.num_rows + rows.num_rows) < waiting.num_rows)
    asked = pa.concat_tables([waiting, fit("bank_register", rows)]).append_column("waits", waits)
    changed = find_changed(engine, asked)
    penalties = bool(office.journal.facts.files("penalty_notice"))
    turns = turns_of(_with(asked, account=changed), month, penalties=penalties)
    later = pa.array(turns > 0)
    several = pa.concat_arrays([asked.column("account").filter(later).combine_chunks(), changed.filter(later)])
    for turn in range(int(turns.max(initial=0)) + 1):
        if turn == 1:
            engine = facts.engine_of(several)
        _post_turn(office, engine, month, asked.filter(pa.array(turns == turn)), posting)


def _post_turn(office: Office, engine: Engine, month: Period, rows: pa.Table, posting: _Posting) -> None:
    """Post the payments of a turn, then its reversals."""
    posting.show(engine)
    back, early = is_reversal(rows), _find_early(office, rows)
    own = rows.filter(pa.array(~back & ~early))
    parts, unknown, reasons = allocate_rows(office, engine, month, own)
    lost = np.isin(np.arange(own.num_rows), unknown)
    waited = np.asarray(own.column("waits"))
    strangers = _with(own.take(pa.array(unknown)), reason=reasons).filter(pa.array(~waited[unknown]))
    found = own.filter(pa.array(waited & ~lost))
    matched = _with(found, amount=pc.negate(found.column("amount")), reason=pa.repeat(MATCHED, found.num_rows))
    posting.allocations.append(fit("allocations", parts))
    posting.reassigned.append(SCHEMAS["reassigned"].empty_table())
    held = _hold(rows.filter(pa.array(early & ~back)))
    posting.suspense.append(
        pa.concat_tables([fit("suspense", _to_payee(table)) for table in (held, strangers, matched)])
    )
    if back.any():
        posting.show(engine)
        taken = reverse(engine.connection, rows.filter(pa.array(back)).to_pylist())
        posting.allocations.append(records_of("allocations", taken.parts))
        posting.suspense.append(records_of("suspense", taken.suspense))
        posting.reassigned.append(records_of("reassigned", taken.reassigned))
        posting.unlike += taken.unlike


def _find_early(office: Office, rows: pa.Table) -> npt.NDArray[np.bool_]:
    """Find by a mask the rows of days before the directory's first month: what its lines owed at the beginning may
    know of them already, so a person decides (4.1.7)."""
    first = office.directory.first_month()
    if first is None:
        return np.zeros(rows.num_rows, bool)
    return np.asarray(pc.less(rows.column("paid_on"), pa.scalar(first.first_day)))


def _hold(early: pa.Table) -> pa.Table:
    """Return early payments that are new to suspense, with the reason."""
    fresh = early.filter(pc.invert(early.column("waits")))
    return _with(fresh, reason=pa.repeat(_BEFORE_FIRST, fresh.num_rows))


def first_month_posted(office: Office, table: pa.Table) -> Period:
    """Return the first month that a register's payments would be posted in."""
    paid = {Period.of(day) for day in _count_days(table)}
    return max(min(paid), _first_month_to_post(office, paid))


def _count_days(table: pa.Table) -> dict[date, int]:
    """Return how many rows of a register were paid on each of its days."""
    counted = table.column("paid_on").value_counts()
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _first_month_to_post(office: Office, paid: set[Period]) -> Period:
    """Return the first open month; before any close, the ledger's first month, but none before the directory's: there
    is nothing there that a payment could be for."""
    first = find_first_open_month(office) or find_first_month(office, max(paid), paid)
    return max(first, office.directory.first_month() or first)


def mark_drafted(office: Office, months: Sequence[Period]) -> None:
    """Mark the months as drafted: the draft is made by itself before the month's first payment (money.md, the life
    of a month)."""
    known = office.journal.closes.months()
    with office.journal.transaction() as connection:
        for month in months:
            if month not in known:
                office.journal.closes.set_month(connection, month, MonthState.DRAFT)


def _payment_ids(table: pa.Table) -> pa.ChunkedArray:
    places = (table.column("submission"), table.column("sheet"), pc.cast(table.column("row"), pa.string()))
    return pc.binary_join_element_wise(*places, "/")


def _looked_up(column: pa.ChunkedArray, month_of: Mapping[date, Period]) -> pa.Array:
    """Return the month of each day."""
    known = pa.array(list(month_of), pa.date32())
    months = pa.array([month.first_day for month in month_of.values()], pa.date32())
    return months.take(pc.index_in(column, value_set=known))


def _with(table: pa.Table, **columns: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Return the table with columns added, or put in the place of those of the same name."""
    kept = [name for name in table.column_names if name not in columns]
    made = pa.table({**{name: table.column(name) for name in kept}, **columns})
    return made.replace_schema_metadata(table.schema.metadata)


def _stamp_waiting(waiting: pa.Table, month: Period, sequence: int) -> pa.Table:
    """Return payments in suspense as entries of this register: only their place is their own."""
    stamps = {"month": pa.scalar(month.first_day), "sequence": pa.scalar(sequence, pa.int64())}
    stamped = _with(waiting, **{name: pa.repeat(value, waiting.num_rows) for name, value in stamps.items()})
    return fit("bank_register", stamped)


def _to_payee(rows: pa.Table) -> pa.Table:
    """File entries of suspense under the Customer that the payment names."""
    payee = rows.column("payee")
    return _with(rows, customer=pc.if_else(pc.equal(payee, ""), pa.scalar(None, pa.string()), payee))


def records_of(kind: str, entries: Sequence[Mapping[str, object]]) -> pa.Table:
    """Return entries as rows of a kind of fact; what they lack is null."""
    schema = SCHEMAS[kind]
    return pa.Table.from_pylist([{name: entry.get(name) for name in schema.names} for entry in entries], schema=schema)


def allocate_rows(office: Office, engine: Engine, month: Period, rows: pa.Table) -> tuple[pa.Table, Whole, pa.Array]:
    """Return parts of payments with their fees; the places of rows that no line fits, and why. `rows` are payments of a
    register, in order (4.1.7)."""
    engine.run_steps(month)
    accounts = pc.unique(rows.column("account"))
    engine.connection.register("asked", pa.table({"account": accounts}))
    lines = engine.connection.sql(parse(engine.connection, _DUES)).to_arrow_table()
    allocated = allocate(rows, lines)
    reasons = np.where(allocated.no_account, "account.unknown", "line.unknown")
    return _parts(office, engine, rows, lines, allocated), allocated.unknown, pa.array(reasons, pa.string())


def _parts(office: Office, engine: Engine, rows: pa.Table, lines: pa.Table, allocated: Allocated) -> pa.Table:
    """Return a row a payment and line, with the fee withheld."""
    kept = [name for name in SCHEMAS["allocations"].names if name in rows.column_names]
    own = rows.select(kept).take(pa.array(allocated.payment))
    line = lines.select(["customer", "service"]).take(pa.array(allocated.line))
    parts = _with(
        own,
        customer=line.column("customer"),
        service=line.column("service"),
        amount=money_of(allocated.amount),
        **{f"{what}_part": money_of(allocated.paid[what]) for what in (*PARTS, "advance")},
    )
    return add_fees(office, engine.connection, parts)
