"""Registers of banks beside what came to the transit account, by bank and day (4.1.7)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Period
from inbox_worker.ledger.banks import find_banks
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month.confirming import lines_of
from inbox_worker.month.office import Office
from inbox_worker.settings.bank_codes import find_bank_of

_DAY = re.compile(r"(?<!\d)(\d\d)[./](\d\d)[./](\d{4})(?!\d)")
_NAMED_WITHIN = timedelta(days=10)  # before the money came: an older day in a purpose is a contract's
_ZERO = Decimal(0)
_LINE = ("iban", "day", "reference", "debit", "credit", "reversal", "payer", "purpose", "bank", "submission", "row")


@dataclass(frozen=True)
class Credited:
    """A credit of the account's statement, or (below zero) one that the bank took back. `counts_for`: the day whose
    payments it brings, by the one day that its purpose names, else the day it was booked."""

    iban: str
    booked: date
    counts_for: date
    reference: str
    amount: Decimal
    payer: str
    purpose: str
    source: str  # submission and line


@dataclass(frozen=True)
class BankDay:
    """One bank's day: payments by its registers, credits by the statement, and what they differ by so far.

    `state`: agrees, differs, or `no_statement` where none of this bank's was loaded.
    """

    bank: str
    day: date
    payments: int
    registers: Decimal
    credits: tuple[Credited, ...]
    running: Decimal
    state: str

    @property
    def credited(self) -> Decimal:
        """Return the sum of the day's credits."""
        return sum((one.amount for one in self.credits), _ZERO)

    @property
    def difference(self) -> Decimal:
        """Return what came more than the registers say; below zero, what did not come."""
        return self.credited - self.registers

    def as_json(self) -> dict[str, Any]:
        """Return the day for programs."""
        return {
            "bank": self.bank, "day": self.day, "state": self.state, "payments": self.payments,
            "registers": self.registers, "credited": self.credited, "difference": self.difference,
            "running": self.running, "credits": [vars(one) for one in self.credits],
        }  # fmt: skip


def reconcile_banks(office: Office, first: date, last: date, account: str = "") -> list[BankDay]:
    """Compare registers and statements of these days, bank by bank; of one `account`, or of all that have statements.
    A register's reversals lessen its day. Raises UseError for an account that nothing names."""
    registers = _sum_registers(office, first, last)
    credits, known = _find_credits(office, first, last, account)
    days: list[BankDay] = []
    for bank in sorted({bank for bank, _ in (*registers, *credits)}):
        running = _ZERO
        for day in sorted({day for one, day in (*registers, *credits) if one == bank}):
            count, total = registers.get((bank, day), (0, _ZERO))
            came = tuple(credits.get((bank, day), ()))
            running += sum((one.amount for one in came), _ZERO) - total
            found = BankDay(bank, day, count, total, came, running, "")
            state = "no_statement" if bank not in known else "differs" if found.difference else "agrees"
            days.append(BankDay(bank, day, count, total, came, running, state))
    return days


def find_unexplained(office: Office, month: Period) -> list[BankDay]:
    """Return, of banks whose statements are required, the days of a month that do not agree, where the month's money
    does not agree either: what came a day late is explained by the day after."""
    required = {bic for bic, bank in find_banks(office.journal, office.home.ledger).items() if bank.require_statement}
    if not required:
        return []
    last = month.plus(1).first_day - timedelta(1)
    days = [day for day in reconcile_banks(office, month.first_day, last) if day.bank in required]
    at_end = {day.bank: day for day in days}
    open_ = {bank for bank, day in at_end.items() if day.running or day.state == "no_statement"}
    return [day for day in days if day.bank in open_ and day.state != "agrees"]


def _sum_registers(office: Office, first: date, last: date) -> Mapping[tuple[str, date], tuple[int, Decimal]]:
    """Return how many payments and what sum each bank's registers have for each day."""
    rows = _read(office, "bank_register", ["bank", "paid_on", "amount"])
    rows = rows.filter(_between(rows.column("paid_on"), first, last)) if rows.num_rows else rows
    sums = rows.group_by(["bank", "paid_on"]).aggregate([("amount", "count"), ("amount", "sum")])
    return {
        (row["bank"], row["paid_on"]): (row["amount_count"], row["amount_sum"] or _ZERO) for row in sums.to_pylist()
    }


def _find_credits(
    office: Office, first: date, last: date, account: str
) -> tuple[Mapping[tuple[str, date], list[Credited]], frozenset[str]]:
    """Return the credits of statements by bank and day, and the banks of which there are statements."""
    every = _read(office, "bank_statement", list(_LINE)).to_pylist()
    if account:
        _refuse_unknown(office, account, {row["iban"] for row in every})
    rows = [row for row in every if account in ("", row["iban"])]
    banks, ours = _banks_of(office, rows), lines_of(office.journal.transfers.proofs())
    found: defaultdict[tuple[str, date], list[Credited]] = defaultdict(list)
    for row in rows:
        counts_for = _day_named(row["purpose"] or "", row["day"])
        source = f"{row['submission']}/{row['row']}"
        amount = _ZERO if source in ours else _came(row)  # of our orders: no consumers' money
        if amount and first <= counts_for <= last:
            found[banks[row["iban"]], counts_for].append(
                Credited(
                    row["iban"], row["day"], counts_for, row["reference"], amount, row["payer"] or "",
                    row["purpose"] or "", source,
                )
            )  # fmt: skip
    return found, frozenset(banks.values())


def _refuse_unknown(office: Office, account: str, with_statements: set[str]) -> None:
    stated = {bank.iban for bank in find_banks(office.journal, office.home.ledger).values() if bank.iban}
    known = sorted(with_statements | stated | {office.home.config.operator.iban})
    if account not in known:
        raise UseError(f"no statement and no bank has the account {account}; there are: {', '.join(known)}")


def _came(row: Mapping[str, Any]) -> Decimal:
    """Return what a line brought of consumers' money: a debit that takes a credit back lessens it, and a credit that
    takes a debit back is our own money again."""
    if row["reversal"]:
        return -(row["debit"] or _ZERO)
    return row["credit"] or _ZERO


def _banks_of(office: Office, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the bank of each account, as one of its statements names it, else as the register of banks or the
    operator's own requisites do, else by the code in the account; the account itself where nothing does."""
    stated, banks = _find_stated_banks(office), dict[str, str]()
    for row in rows:
        iban = row["iban"]
        if row["bank"] or iban not in banks:
            by_code = find_bank_of(office.rules.bank_codes, iban)
            banks[iban] = row["bank"] or stated.get(iban) or (by_code.bic if by_code else iban)
    return banks


def _find_stated_banks(office: Office) -> dict[str, str]:
    """Return the banks of accounts that staff told: transit accounts of one bank alone, and the operator's own."""
    owners = defaultdict[str, list[str]](list)
    for bank in find_banks(office.journal, office.home.ledger).values():
        owners[bank.iban].append(bank.bic)
    operator = office.home.config.operator
    return {operator.iban: operator.bic} | {iban: bics[0] for iban, bics in owners.items() if iban and len(bics) == 1}


def _day_named(purpose: str, booked: date) -> date:
    """Return the only day that a purpose names, if it is one of the last; else the day the line was booked."""
    named = set()
    for day, month, year in _DAY.findall(purpose):
        try:
            named.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    only = named.pop() if len(named) == 1 else booked
    return only if booked - _NAMED_WITHIN <= only <= booked else booked


def _read(office: Office, kind: str, columns: Sequence[str]) -> pa.Table:
    return read_facts(office.home.ledger, kind, office.journal.facts.files(kind), list(columns))


def _between(column: pa.ChunkedArray, first: date, last: date) -> pa.ChunkedArray:
    return pc.and_(pc.greater_equal(column, pa.scalar(first)), pc.less_equal(column, pa.scalar(last)))
