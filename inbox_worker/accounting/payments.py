"""A bank's register -> payments, their allocation over lines and the fee withheld, as facts (4.1.7, 4.2.5).

Each payment counts in the month of its `Дата приёма`, in the first open month when that one is closed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from inbox_worker.accounting.reversals import reverse, suspended
from inbox_worker.close.allocate import Allocated, Due, Payment, allocate
from inbox_worker.close.engine import Engine
from inbox_worker.context import Office
from inbox_worker.ledger.facts import fit, write_facts
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.model import FactFile, MonthState, Period
from inbox_worker.money import round_money

ZERO = Decimal("0.00")
_DUES = """
select l.account, l.customer, l.service, l.opening, l.opening_penalty, l.charged, l.undelivered, l.recalculated,
  l.penalty, coalesce(a.opening_part, 0), coalesce(a.month_part, 0), coalesce(a.opening_penalty_part, 0),
  coalesce(a.penalty_part, 0)
from lines l
semi join asked using (account)
left join (
  select account, customer, service, sum(opening_part) as opening_part, sum(month_part) as month_part,
    sum(opening_penalty_part) as opening_penalty_part, sum(penalty_part) as penalty_part
  from allocations cross join period p where allocations.month = p.month group by account, customer, service
) a using (account, customer, service)
"""


def post_payments(office: Office, table: pa.Table, submission: str, sequence: int) -> tuple[list[FactFile], Period]:
    """Writes the register's payments, allocations and suspense. Returns the files and the first month posted."""
    by_month: dict[Period, list[dict[str, Any]]] = {}
    earliest = _first_month_to_post(office, {Period.of(day) for day in set(table.column("paid_on").to_pylist())})
    for row in table.to_pylist():
        by_month.setdefault(max(Period.of(row["paid_on"]), earliest), []).append(row)
    files: list[FactFile] = []
    engine = office.months.engine(max(by_month), by_month)
    fresh: dict[str, list[pa.Table]] = {"allocations": [], "suspense": []}
    for month in sorted(by_month):
        rows = [{**row, "payment": _payment_id(submission, row)} for row in sorted(by_month[month], key=_order)]
        stamp = {"month": month.first_day, "submission": submission, "sequence": sequence}
        payments = [{**row, "customer": None} for row in rows]
        parts, suspense = _post_month(office, engine, month, rows, stamp, fresh)
        for kind, records in (
            ("bank_register", _table("bank_register", payments, stamp)),
            ("allocations", parts),
            ("suspense", suspense),
        ):
            if records.num_rows:
                operator = office.home.config.operator.bin
                files.append(write_facts(office.home.ledger, kind, operator, month, submission, records))
    _mark_drafted(office, by_month)
    return files, min(by_month)


def _post_month(
    office: Office,
    engine: Engine,
    month: Period,
    rows: Sequence[Mapping[str, Any]],
    stamp: Mapping[str, Any],
    fresh: dict[str, list[pa.Table]],
) -> tuple[pa.Table, pa.Table]:
    """A month's payments of the register: those in suspense that found their line by now first, then the
    register's own, then its reversals. Returns allocations and suspense, and adds them to `fresh`."""
    _show_fresh(engine, fresh)
    waiting = [
        {**row, "origin": {n: row[n] for n in ("submission", "sheet", "row")}}
        for row in suspended(engine.connection, month)
    ]
    parts, still = _allocate(office, engine, month, [*waiting, *(row for row in rows if row["amount"] > 0)])
    old = {row["payment"] for row in waiting}
    found = old - {row["payment"] for row in still}
    suspense = [row for row in still if row["payment"] not in old]
    suspense += [
        {**row, "amount": -row["amount"], "customer": row["payee"], "reason": "payment.matched"}
        for row in waiting if row["payment"] in found
    ]  # fmt: skip
    fresh["allocations"].append(_table("allocations", parts, stamp))
    fresh["suspense"].append(_table("suspense", suspense, stamp))
    back = [row for row in rows if row["amount"] < 0]
    if back:
        _show_fresh(engine, fresh)
        reversed_ = reverse(engine.connection, back)
        fresh["allocations"][-1] = _table("allocations", [*parts, *reversed_.parts], stamp)
        fresh["suspense"][-1] = _table("suspense", [*suspense, *reversed_.suspense], stamp)
    return fresh["allocations"][-1], fresh["suspense"][-1]


def first_month_posted(office: Office, table: pa.Table) -> Period:
    """The first month that a register's payments would be posted in."""
    paid = {Period.of(day) for day in set(table.column("paid_on").to_pylist())}
    return max(min(paid), _first_month_to_post(office, paid))


def _first_month_to_post(office: Office, paid: set[Period]) -> Period:
    """The first open month; before any close, the ledger's first month."""
    return office.months.first_open() or office.months.first_month(max(paid), paid)


def _mark_drafted(office: Office, months: Mapping[Period, object]) -> None:
    """The draft is made by itself before the month's first payment (money.md, the life of a month)."""
    known = office.journal.months()
    with office.journal.transaction() as connection:
        for month in months:
            if month not in known:
                office.journal.set_month(connection, month, MonthState.DRAFT)


def _order(row: Mapping[str, Any]) -> tuple[date, list[tuple[int, int, str]], int]:
    """Order of `Дата приёма`, then number (its digits counted as numbers), then place in the register."""
    pieces = re.findall(r"\d+|\D+", row["number"])
    return row["paid_on"], [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in pieces], row["row"]


def _payment_id(submission: str, row: Mapping[str, Any]) -> str:
    return f"{submission}/{row['sheet']}/{row['row']}"


def _show_fresh(engine: Engine, fresh: Mapping[str, Sequence[pa.Table]]) -> None:
    """What this register posted so far counts in what it posts next."""
    for kind, tables in fresh.items():
        if tables:
            engine.connection.register(f"fresh_{kind}", pa.concat_tables(tables))
            columns = ", ".join(SCHEMAS[kind].names)
            engine.connection.execute(
                f"create or replace temp view {kind} as select {columns} from every_{kind} "  # noqa: S608
                f"union all select {columns} from fresh_{kind}"
            )
            engine.forget()


def _allocate(
    office: Office, engine: Engine, month: Period, rows: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    submission_rows = {row["payment"]: row for row in rows}
    engine.compute(month)
    dues = _dues(office, engine, {row["account"] for row in rows})
    payments = [
        Payment(key, row["account"], row["payee"] or "", row["service"] or "", row["amount"])
        for key, row in submission_rows.items()
    ]
    allocated: Allocated = allocate(payments, dues)
    kinds = {bin: customer.kind for bin, customer in office.journal.customers().items()}
    parts = []
    for part in allocated.parts:
        row = submission_rows[part.payment]
        percent = office.rules.fee_percent(kinds.get(part.customer, ""), part.service, row["paid_on"])
        parts.append(
            {
                **row,
                "payment": part.payment,
                "customer": part.customer,
                "service": part.service,
                "amount": part.amount,
                "opening_part": part.opening,
                "month_part": part.month,
                "opening_penalty_part": part.opening_penalty,
                "penalty_part": part.penalty,
                "advance_part": part.advance,
                "percent": percent,
                "fee": round_money(part.amount * percent / 100),
            }
        )
    suspense = [
        {**submission_rows[p.id], "payment": p.id, "customer": p.payee or None, "reason": why}
        for p, why in allocated.suspense
    ]
    return parts, suspense


def _dues(office: Office, engine: Engine, accounts: set[str]) -> dict[str, list[Due]]:
    """What the asked accounts' lines still await in the month the engine computed last."""
    engine.connection.register("asked", pa.table({"account": pa.array(sorted(accounts), pa.string())}))
    order = office.rules.service_order
    dues: dict[str, list[Due]] = {}
    for row in engine.connection.execute(_DUES).fetchall():
        account, customer, service, opening, opening_penalty, charged, undelivered, recalculated, penalty = row[:9]
        took = row[9:]
        due = Due(
            customer=customer,
            service=service,
            opening=max(opening - opening_penalty, ZERO) - took[0],
            month=max(charged + undelivered + recalculated, ZERO) - took[1],
            opening_penalty=max(opening_penalty, ZERO) - took[2],
            penalty=max(penalty, ZERO) - took[3],
            charged=charged,
        )
        dues.setdefault(account, []).append(_not_below_zero(due))
    for lines in dues.values():
        lines.sort(key=lambda line: (order[line.service], line.customer))
    return dues


def _not_below_zero(due: Due) -> Due:
    """A draft remade smaller than what was already paid awaits nothing more."""
    for what in ("opening", "month", "opening_penalty", "penalty"):
        setattr(due, what, max(getattr(due, what), ZERO))
    return due


def _table(kind: str, records: Sequence[Mapping[str, Any]], stamp: Mapping[str, Any]) -> pa.Table:
    schema = SCHEMAS[kind]
    full = [{**record, **stamp, **record.get("origin", {})} for record in records]
    return fit(kind, pa.Table.from_pylist([{n: r.get(n) for n in schema.names} for r in full], schema=schema))
