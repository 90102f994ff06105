"""Accepted rows -> immutable facts, one way for each kind of form. Called by the pipeline after a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from inbox_worker.core.model import Customer, FactFile, Finding, Outcome, Period
from inbox_worker.deciding.records import Decision
from inbox_worker.deciding.register_findings import about_refused, about_register
from inbox_worker.ledger.facts import write_facts
from inbox_worker.month.office import Office
from inbox_worker.month.payments import first_month_posted, post_payments, refused_reversals
from inbox_worker.settings.form_rules import FormRule

_BY_CUSTOMER = {"directory": "from_month", "stops": "from_date"}  # registers of many Customers; when a row begins


@dataclass(frozen=True)
class PostedFacts:
    """Facts that were written and wait to be named in the journal, what else its transaction must do, and what posting
    found out that staff must hear."""

    files: tuple[FactFile, ...]
    month: Period | None
    also: tuple[Callable[[Connection], None], ...] = ()
    findings: tuple[Finding, ...] = ()


def post(
    office: Office,
    rule: FormRule,
    rows: pa.Table,
    customer: Customer | None,
    month: Period,
    deferred: bool,
    submission: str,
    sequence: int,
) -> PostedFacts:
    """Writes the rows' facts. A customer's form counts in `month`; registers carry their own months."""
    stamped = _stamp(rows, submission, sequence)
    if rule.form == "customers":
        return _post_customers(office, stamped, month, submission)
    if rule.form in _BY_CUSTOMER:
        return _post_by_customer(office, rule.form, stamped, submission)
    if rule.form == "bank_register":
        posted = post_payments(office, stamped, submission, sequence)
        return PostedFacts(posted.files, posted.first, findings=about_register(posted, submission, office.rules))
    if customer is None:
        raise ValueError(f"{submission}: a form of a Customer cannot post without the Customer")
    table = _constant(_constant(stamped, "customer", customer.bin, pa.string()), "month", month.first_day, pa.date32())
    if rule.form == "tariffs":
        table = table.append_column("applies_from", _applies_from(table, month, deferred))
    file = write_facts(office.home.ledger, rule.form, customer.bin, month, submission, table)
    return PostedFacts((file,), month)


def month_of_register(office: Office, rule: FormRule, rows: pa.Table) -> Period | None:
    """The month that an operator's register would be filed under, known before anything is written."""
    if rows.num_rows and rule.form in _BY_CUSTOMER:
        return Period.of(pc.min(rows.column(_BY_CUSTOMER[rule.form])).as_py())
    if rows.num_rows and rule.form == "bank_register":
        return first_month_posted(office, rows)
    return None


def refuse_reversals(
    office: Office, rule: FormRule, verdict: Decision, letters: Mapping[str, Mapping[str, str]]
) -> Decision:
    """Refuse a bank's register that takes back more than is left of a payment (4.1.7); else the verdict as it is."""
    if rule.form != "bank_register" or not verdict.rows.num_rows:
        return verdict
    wrong = place_findings(about_refused(refused_reversals(office, verdict.rows)), letters)
    if not wrong:
        return verdict
    return Decision(Outcome.REJECTED, (*verdict.findings, *wrong), verdict.rows.slice(0, 0))


def place_findings(findings: Iterable[Finding], letters: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Findings about a row's account, at its cell."""
    return [replace(f, cell=f"{letters[f.sheet]['account']}{f.row}") if f.row else f for f in findings]


def _stamp(rows: pa.Table, submission: str, sequence: int) -> pa.Table:
    return _constant(_constant(rows, "submission", submission, pa.string()), "sequence", sequence, pa.int64())


def _constant(table: pa.Table, name: str, value: str | int | date, kind: pa.DataType) -> pa.Table:
    return table.append_column(name, pa.repeat(pa.scalar(value, kind), table.num_rows))


def _applies_from(table: pa.Table, month: Period, deferred: bool) -> pa.ChunkedArray:
    """On time: from its own date, also a past one. Late: not before its own accounting month (money.md)."""
    stated = table.column("from_month")
    if not deferred:
        return stated
    return pc.max_element_wise(stated, pa.scalar(month.first_day, pa.date32()))


def _post_customers(office: Office, table: pa.Table, month: Period, submission: str) -> PostedFacts:
    operator = office.home.config.operator.bin
    stated = _constant(table.append_column("customer", table.column("bin")), "month", month.first_day, pa.date32())
    file = write_facts(office.home.ledger, "customers", operator, month, submission, stated)
    customers = [_customer(row) for row in table.to_pylist()]

    def put(connection: Connection) -> None:
        office.journal.customers.put(connection, customers, submission)

    return PostedFacts((file,), None, (put,))


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
    )


def _post_by_customer(office: Office, kind: str, table: pa.Table, submission: str) -> PostedFacts:
    """A file a Customer; the folder's month is the earliest that its rows begin in."""
    files = []
    start = _BY_CUSTOMER[kind]
    table = table.append_column("customer", table.column("bin"))
    table = table.append_column("month", table.column(start))
    for customer in sorted(set(table.column("bin").to_pylist())):
        rows = table.filter(pc.equal(table.column("bin"), customer))
        month = Period.of(pc.min(rows.column(start)).as_py())
        files.append(write_facts(office.home.ledger, kind, customer, month, submission, rows))
    return PostedFacts(tuple(files), min(file.month for file in files))
