"""Accepted rows -> immutable facts, one way for each kind of form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer, FactFile, Finding, Period
from inbox_worker.core.users import find_user
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.decide import Decision
from inbox_worker.deciding.notices import write_consequences
from inbox_worker.deciding.registers import BY_CUSTOMER, about_register, about_statement
from inbox_worker.deciding.statement_checks import spans_of
from inbox_worker.deciding.table import show
from inbox_worker.ledger.customers import CustomerVersion, LoadedCustomer, changed_fields
from inbox_worker.ledger.facts import with_letters, write_facts
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.month.payments import post_payments, share_payments
from inbox_worker.settings.calendar import calendar_month


@dataclass(frozen=True)
class PostedFacts:
    """Facts that were written and wait to be named in the journal, the Customers that a register tells of, and what
    posting found out that staff must hear."""

    files: tuple[FactFile, ...] = ()
    customers: tuple[LoadedCustomer, ...] = ()
    findings: tuple[Finding, ...] = ()


def post(decision: Decision, sequence: int) -> PostedFacts:
    """Writes the facts of an accepted form; none when every row says what is known already. A Customer's form counts in
    its month; registers carry their own months. `sequence`: its place in the order of posting."""
    case, stamped = decision.case, _stamp(decision, sequence)
    if stamped is None:
        return PostedFacts()
    month = decision.submission.month or calendar_month(case.complete_at, case.rules, case.rule.form)
    if case.rule.form == "customers":
        return _post_customers(case, stamped, month)
    if case.rule.form in BY_CUSTOMER:
        return _post_by_customer(case, stamped)
    if case.rule.form == "bank_register":
        posted = share_payments(case.office, stamped, sequence)
        return PostedFacts(post_payments(case.office, posted, case.id), findings=tuple(about_register(posted, case)))
    if case.rule.form == "bank_statement":
        return _post_statement(case, stamped)
    if case.rule.form in ("banks", "order_answers"):
        operator = _constant(stamped, "customer", case.office.home.config.operator.bin, pa.string())
        table = _constant(operator, "month", month.first_day, pa.date32())
        return PostedFacts((_write(case, case.office.home.config.operator.bin, month, table),))
    if case.customer is None:
        raise ValueError(f"{case.id}: a form of a Customer cannot post without the Customer")
    table = _constant(_constant(stamped, "customer", case.bin, pa.string()), "month", month.first_day, pa.date32())
    if case.rule.form == "tariffs":
        table = table.append_column("applies_from", _applies_from(table, month, case.deferred))
    return PostedFacts((_write(case, case.bin, month, table), *write_consequences(case, table, month)))


def foresee(decision: Decision, sequence: int) -> tuple[Finding, ...]:
    """Find what posting an accepted form would find out. Nothing is written."""
    case, stamped = decision.case, _stamp(decision, sequence)
    if stamped is None:
        return ()
    if case.rule.form == "bank_register":
        return tuple(about_register(share_payments(case.office, stamped, sequence), case))
    if case.rule.form == "bank_statement":
        return about_statement(stamped, case)
    if case.rule.form == "customers":
        return tuple(note for row in stamped.to_pylist() for note in _load(case, row)[1])
    return ()


def _stamp(decision: Decision, sequence: int) -> pa.Table | None:
    """Return the rows of a form with its number and its place in the order of posting; None where it has none."""
    case, rows = decision.case, decision.rows
    if rows is None or not rows.num_rows:
        return None
    rows = with_letters(rows, case.form.letters)
    return _constant(_constant(rows, "submission", case.id, pa.string()), "sequence", sequence, pa.int64())


def _write(case: Case, customer: str, month: Period, table: pa.Table) -> FactFile:
    return write_facts(case.office.home.ledger, case.rule.form, customer, month, case.id, table)


def _constant(table: pa.Table, name: str, value: str | int | date, kind: pa.DataType) -> pa.Table:
    return table.append_column(name, pa.repeat(pa.scalar(value, kind), table.num_rows))


def _applies_from(table: pa.Table, month: Period, deferred: bool) -> pa.ChunkedArray:
    """On time: from its own date, also a past one. Late: not before its own accounting month (money.md)."""
    stated = table.column("from_month")
    if not deferred:
        return stated
    return pc.max_element_wise(stated, pa.scalar(month.first_day, pa.date32()))


def _post_customers(case: Case, table: pa.Table, month: Period) -> PostedFacts:
    stated = _constant(table.append_column("customer", table.column("bin")), "month", month.first_day, pa.date32())
    file = _write(case, case.office.home.config.operator.bin, month, stated)
    made = [_load(case, row) for row in table.to_pylist()]
    return PostedFacts((file,), tuple(one for one, _ in made), tuple(note for _, notes in made for note in notes))


def _load(case: Case, row: dict[str, object]) -> tuple[LoadedCustomer, list[Finding]]:
    """Return what a row tells, which counts from the day it names, else from the day it is loaded.

    What a confirmed form changed since stays where the row only says again what was loaded before it (4.3.3): an old
    export must not send money to an old account. A row that names its day is taken as it stands. A column that the
    sheet does not have says nothing: what is known stays, for an own account that nobody spoke of must not be lost.
    """
    named, kept = row["counts_from"], dict[str, Any]()
    begins = named if isinstance(named, date) else case.received_on
    absent = _find_absent(case, row, begins)
    stated = replace(_customer(row), **absent)
    loaded = case.office.journal.customers.find_loaded(stated.bin)
    if loaded and not named:
        changed = changed_fields(loaded, case.customers[stated.bin])
        kept = {name: value for name, value in changed.items() if getattr(stated, name) == getattr(loaded, name)}
        if stated.own_account != loaded.own_account:
            kept.pop("own_bic", None)  # it is the bank of another account
    teller = case.sender or find_user()
    version = CustomerVersion(replace(stated, **kept), begins, case.arrival.received_at, teller, case.id)
    asked = {column.name for column in case.rule.columns}  # a field that this home's form has not cannot be repeated
    notes = [_tell_kept(case, row, name, value) for name, value in kept.items() if name in asked and name not in absent]
    notes += [_tell_absent(case, row, name, value) for name, value in absent.items()]
    return LoadedCustomer(stated, version), notes


def _find_absent(case: Case, row: dict[str, object], begins: date) -> dict[str, Any]:
    """Return what is known of a Customer on a day and would be lost with the columns that the row's sheet has not."""
    known = case.office.journal.customers.on(begins).get(str(row["bin"]))
    there, nothing = case.form.letters[str(row["sheet"])], _customer(row)
    names = [column.name for column in case.rule.columns if column.name not in there and hasattr(nothing, column.name)]
    stays = {name: getattr(known, name) for name in names} if known else {}
    return {name: value for name, value in stays.items() if value != getattr(nothing, name)}


def _tell_kept(case: Case, row: dict[str, object], name: str, value: object) -> Finding:
    sheet, number = str(row["sheet"]), int(str(row["row"]))
    facts = {**case.rule.column(name).facts, "now": _show(case, value)}
    cell, written = f"{case.form.letters[sheet][name]}{number}", _show(case, row[name])
    return Finding("register.kept", sheet, cell, written, facts, number)


def _tell_absent(case: Case, row: dict[str, object], name: str, value: object) -> Finding:
    facts = {**case.rule.column(name).facts, "now": _show(case, value), "customer": str(row["bin"])}
    return Finding("register.column_absent", str(row["sheet"]), facts=facts, row=int(str(row["row"])))


def _show(case: Case, value: object) -> str:
    """Write a detail of a Customer as people do."""
    if isinstance(value, bool):
        return case.rules.texts.written.both("fact.yes" if value else "answer.no")
    return "; ".join(value) if isinstance(value, tuple) else show(value) or "—"


def _customer(row: dict[str, object]) -> Customer:
    contract_date, valid_until = row["contract_date"], row["valid_until"]
    attested_until = row["attested_until"]
    if not isinstance(contract_date, date):
        raise ValueError(f"contract date {contract_date!r} is no date")
    return Customer(
        bin=str(row["bin"]),
        name=str(row["name"]),
        kind=str(row["kind"]),
        contract=str(row["contract"]),
        contract_date=contract_date,
        valid_until=valid_until if isinstance(valid_until, date) else None,
        emails=tuple(str(row["emails"]).split(";")),
        bic=str(row["bic"]),
        iban=str(row["iban"]),
        kbe=str(row["kbe"]),
        head=str(row["head"] or ""),
        address=str(row["address"] or ""),
        utilities=bool(row["utilities"]),
        attested_until=attested_until if isinstance(attested_until, date) else None,
        own_account=str(row.get("own_account") or ""),
        own_bic=str(row.get("own_bic") or ""),
        no_depersonalised=bool(row.get("no_depersonalised")),
        price=price.normalize() if isinstance(price := row.get("price"), Decimal) else None,
        contact=str(row.get("contact") or ""),
        phone=str(row.get("phone") or ""),
    )


def _post_statement(case: Case, table: pa.Table) -> PostedFacts:
    """A file a month of the statement's days. Its lines are no payments of consumers: they are kept to be compared
    with registers (4.1.7)."""
    operator, warned = case.office.home.config.operator.bin, about_statement(table, case)
    table = _constant(table, "customer", operator, pa.string())
    months = pa.array([day.replace(day=1) for day in table.column("day").to_pylist()], pa.date32())
    table = table.append_column("month", months)
    each = [(day, table.filter(pc.equal(table.column("month"), day))) for day in sorted(set(months.to_pylist()))]
    files = (*(_write(case, operator, Period.of(day), rows) for day, rows in each), *_balances(case, table))
    return PostedFacts(files, findings=warned)


def _balances(case: Case, lines: pa.Table) -> Iterator[FactFile]:
    """Write what the accounts had before and after the lines: the next statement must go on from there."""
    stamp = {name: lines.column(name)[0].as_py() for name in ("submission", "sequence", "customer", "sheet", "row")}
    if spans := [{**stamp, **span, "month": span["last"].replace(day=1)} for span in spans_of(case.form)]:
        kind, month = "statement_balances", Period.of(max(span["last"] for span in spans))
        table = pa.Table.from_pylist([{name: span.get(name) for name in SCHEMAS[kind].names} for span in spans])
        yield write_facts(case.office.home.ledger, kind, stamp["customer"], month, case.id, table)


def _post_by_customer(case: Case, table: pa.Table) -> PostedFacts:
    """A file a Customer; the folder's month is the earliest that its rows begin in."""
    files, start = [], BY_CUSTOMER[case.rule.form]
    table = table.append_column("customer", table.column("bin"))
    table = table.append_column("month", table.column(start))
    for customer in sorted(set(table.column("bin").to_pylist())):
        rows = table.filter(pc.equal(table.column("bin"), customer))
        files.append(_write(case, customer, Period.of(pc.min(rows.column(start)).as_py()), rows))
    return PostedFacts(tuple(files))
