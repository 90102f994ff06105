"""By what a payment was shared over an account's lines when it was posted (4.1.7): the posting is counted again by what
was known then, and tells nothing unless it gives the very same parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.accounts import LISTED_ACCOUNTS
from inbox_worker.core.model import Period
from inbox_worker.core.queries import parse, read_query
from inbox_worker.month.allocate import PARTS, Allocated, allocate, money_of
from inbox_worker.month.asked import AskedMonth
from inbox_worker.month.compute import Facts
from inbox_worker.month.frozen import FrozenClose, frozen_close
from inbox_worker.month.months import gather_facts
from inbox_worker.month.office import Office
from inbox_worker.month.turns import in_order

STEPS = (*PARTS, "advance")
_DUES = read_query(__file__, "dues")
_POSTED = read_query(__file__, "posted_with")
_UNTIL = read_query(__file__, "posted_until")
_DUE = ("account", "customer", "service", "named_only", *PARTS, "charged")  # the columns of dues.sql
_NO_CHARGES = frozenset({  # kinds of facts by which no line is charged
    "allocations", "bank_register", "suspense", "reassigned", "banks", "bank_statement", "statement_balances",
    "order_answers",
})  # fmt: skip
Line = tuple[str, str]  # Customer, service
Row = Mapping[str, Any]


@dataclass(frozen=True)
class PaidStep:
    """A step of a payment: what it paid of all lines, by what each line had a share (nothing where no line was
    charged, and the first took all), and what each got."""

    step: str
    total: Decimal
    weights: Mapping[Line, Decimal]
    parts: Mapping[Line, Decimal]


def find_shares(office: Office, payment: str, account: str, month: Period, sequence: int) -> tuple[PaidStep, ...]:
    """Find the steps of a payment that a posting (`sequence`) put on an account; none where what is known of that
    moment does not give its parts any more."""
    now = gather_facts(office, month, upto=sequence)
    posted = _read_posted(now, account, month, sequence)
    mine = [row for row in posted if row["payment"] == payment]
    for dues in _each_dues(office, account, month, sequence):
        _take_off(dues, _earlier(posted, payment))
        for payee, service in _find_names(mine):
            if shares := _share(mine, dues, account, payee, service):
                return shares
    return ()


def find_earlier_parts(office: Office, payment: str, account: str, month: Period, sequence: int) -> list[Row]:
    """Find the parts of payments that a month had on an account before a payment that a posting (`sequence`) put there,
    in their order: those of earlier postings, then the posting's own."""
    facts = gather_facts(office, month, upto=sequence)
    posted = _read_posted(facts, account, month, sequence)
    before = {row["payment"] for row in _earlier(posted, payment)}
    with facts.connect(LISTED_ACCOUNTS, pa.table({"account": [account]}), ("allocations",)) as connection:
        values = {"account": account, "month": month.first_day, "sequence": sequence}
        rows: list[Row] = connection.sql(_UNTIL, params=values).to_arrow_table().to_pylist()
    return [row for row in rows if row["sequence"] < sequence or row["payment"] in before]


def _each_dues(office: Office, account: str, month: Period, sequence: int) -> Iterator[list[dict[str, Any]]]:
    """Yield what each line of the account may have awaited before a posting: first by the close where nothing but
    payments came since, for its lines need not be computed again; then by the facts and closes of then, and of now."""
    before = gather_facts(office, month, upto=sequence - 1)
    then = _find_closed_then(office, sequence)
    if _is_charged_alike(office, before, then, month):
        yield _find_frozen_dues(before, account, month)
    for closed in (then, before.closed):
        yield _find_dues(replace(before, closed=closed), account, month)


def _is_charged_alike(office: Office, before: Facts, then: Mapping[Period, FrozenClose], month: Period) -> bool:
    """Return whether a month is closed, of the facts that were there before and payments alone, and opened with the
    close before it that stands."""
    record, opened = office.journal.closes.in_force(month), month.plus(-1)
    if record is None or then.get(opened) != before.closed.get(opened):
        return False
    seen = gather_facts(office, month, upto=record.sequence)
    known, counted = (
        {kind: [file for file in files if file.month <= month] for kind, files in facts.by_kind.items()}
        for facts in (before, seen)
    )
    return all(known[kind] == files for kind, files in counted.items() if kind not in _NO_CHARGES)


def _read_posted(facts: Facts, account: str, month: Period, sequence: int) -> list[Row]:
    listed = pa.table({"account": [account]})
    with facts.connect(LISTED_ACCOUNTS, listed, ("allocations", "bank_register")) as connection:
        values = {"account": account, "month": month.first_day, "sequence": sequence}
        rows: list[Row] = connection.sql(_POSTED, params=values).to_arrow_table().to_pylist()
        return rows


def _earlier(posted: Sequence[Row], payment: str) -> list[Row]:
    """Return the parts of payments that the posting had put on the account before: those that waited in suspense, then
    the register's own in order."""
    last = max(row["submission"] for row in posted)
    rows = {row["payment"]: {**row, "waits": row["submission"] != last} for row in posted}
    names = ("payment", "paid_on", "number", "amount", "row", "waits")
    table = pa.Table.from_pylist([{name: row[name] for name in names} for row in rows.values()])
    waits = table.column("waits")
    ordered = [*in_order(table.filter(waits)).column("payment").to_pylist(),
               *in_order(table.filter(pc.invert(waits))).column("payment").to_pylist()]  # fmt: skip
    before = set(ordered[: ordered.index(payment)])
    return [row for row in posted if row["payment"] in before]


def _find_closed_then(office: Office, sequence: int) -> dict[Period, FrozenClose]:
    """Find the last close of each month that was made before a posting, also one that was reopened since."""
    found, files = {}, office.journal.closes.files_of()
    for record in office.journal.closes.all():
        folder = office.home.ledger / "closes" / str(record.month)
        kept = folder.with_name(f"{record.month}.{record.number}")
        if record.sequence < sequence and (kept.is_dir() or not record.reopened_at):
            place = kept if kept.is_dir() else folder
            found[record.month] = frozen_close(record, place, files[record.month, record.number])
    return found


def _find_dues(facts: Facts, account: str, month: Period) -> list[dict[str, Any]]:
    with facts.engine_of(pa.array([account])) as engine:
        engine.run_steps(month)
        engine.connection.register("asked", pa.table({"account": [account]}))
        asked = engine.connection.sql(parse(engine.connection, _DUES)).to_arrow_table()
        dues: list[dict[str, Any]] = asked.to_pylist()
    return dues


def _find_frozen_dues(facts: Facts, account: str, month: Period) -> list[dict[str, Any]]:
    limited = facts.limit_to(month)
    with limited.asked_engine(pa.array([account]), every_kind=False) as engine:
        asked = AskedMonth(limited, engine, month, made=False, kept=True)
        engine.connection.register("asked", pa.table({"account": [account]}))
        return [dict(zip(_DUE, row, strict=True)) for row in asked.rows(_DUES, {})]


def _take_off(dues: Sequence[dict[str, Any]], earlier: Sequence[Row]) -> None:
    """Lessen what lines await by what the earlier payments of the posting took."""
    for line in dues:
        for row in earlier:
            if (row["customer"], row["service"]) == (line["customer"], line["service"]):
                line |= {step: max(line[step] - row[step], Decimal("0.00")) for step in PARTS}


def _find_names(mine: Sequence[Row]) -> list[tuple[str, str]]:
    """Find which Customer and service a payment may have been for, '' for any: those that the bank named, or staff, who
    tell only where it went."""
    payees, services = ({row[name] for row in mine} for name in ("customer", "service"))
    payee, service = (values.pop() if len(values) == 1 else "" for values in (payees, services))
    stated = mine[0]["payee"] or "", mine[0]["named_service"] or ""
    return list(dict.fromkeys((stated, ("", ""), (payee, ""), ("", service), (payee, service))))


def _share(mine: Sequence[Row], dues: Sequence[Row], account: str, payee: str, service: str) -> tuple[PaidStep, ...]:
    """Share a payment again; nothing where that does not give its parts."""
    if not dues or (amount := sum(row["amount"] for row in mine)) <= 0:
        return ()
    columns = {"account": account, "payee": payee, "service": service, "amount": amount}
    lines = pa.Table.from_pylist(list(dues))
    allocated = allocate(pa.table({name: [value] for name, value in columns.items()}), lines)
    parts = _parts_of(allocated, dues)
    posted = {(row["customer"], row["service"]): {step: row[step] for step in STEPS} for row in mine}
    if parts != posted:
        return ()
    fitting = [
        line for line in dues
        if payee in ("", line["customer"]) and service in ("", line["service"]) and (payee or not line["named_only"])
    ]  # fmt: skip
    return tuple(_steps(parts, fitting))


def _parts_of(allocated: Allocated, dues: Sequence[Row]) -> dict[Line, dict[str, Decimal]]:
    paid = {step: money_of(allocated.paid[step]).to_pylist() for step in STEPS}
    names = [(dues[place]["customer"], dues[place]["service"]) for place in allocated.line.tolist()]
    return {name: {step: paid[step][place] for step in STEPS} for place, name in enumerate(names)}


def _steps(parts: Mapping[Line, Mapping[str, Decimal]], dues: Sequence[Row]) -> Iterator[PaidStep]:
    for step in STEPS:
        got = {line: of[step] for line, of in parts.items() if of[step]}
        weight = "charged" if step == "advance" else step
        weights = {(line["customer"], line["service"]): line[weight] for line in dues if line[weight]}
        if got:
            yield PaidStep(step, sum(got.values(), Decimal("0.00")), weights, got)
