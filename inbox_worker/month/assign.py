"""Payments in suspense, allocated where staff say that they belong, or sent back to their bank (4.1.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import FactFile, Period
from inbox_worker.month.months import find_first_open_month, gather_facts
from inbox_worker.month.office import Office
from inbox_worker.month.payments import allocate_rows, records_of, write_entries
from inbox_worker.month.reassigned import ASSIGNED, MATCHED, RETURNED, add_reassigned, reassign
from inbox_worker.month.reversals import reverse
from inbox_worker.month.suspense import WaitingPayment

_Entry = Mapping[str, Any]
ANY = "any"  # instead of a Customer or service: whatever the account has


class NotAssigned(UseError):
    """A payment cannot be posted where staff say; nothing was posted."""


@dataclass(frozen=True)
class Belongs:
    """The lines that staff say a payment is for; of Customer and service '' is what the payment names, `any` all."""

    account: str
    customer: str = ""
    service: str = ""


@dataclass(frozen=True)
class AssignedPayment:
    """Entries of an assignment, before they are written: allocations, suspense and reassigned, in their month."""

    month: Period
    tables: Mapping[str, pa.Table]

    def write(self, office: Office, submission: str) -> list[FactFile]:
        """Write the fact files; they count when the journal names them."""
        return write_entries(office, self.month, submission, self.tables)


def assign(office: Office, payment: WaitingPayment, to: Belongs, sequence: int) -> AssignedPayment:
    """Allocate a payment in suspense over the lines of the account, by the same rule as a register's payments, in the
    first open month, not before the one that it waits in. A reversal is taken of its payment, which came after it.
    Nothing is written. Raises NotAssigned when no line fits, or no payment."""
    if payment.amount < 0:
        return _take_back(office, payment, to, sequence)
    month = _open_month(office, payment)
    engine = gather_facts(office, month, [month]).engine_of(pa.array([to.account]))
    row = _row_of(payment, month, sequence)
    names = {"payee": _choose(to.customer, payment.payee), "service": _choose(to.service, payment.service)}
    rows = records_of("bank_register", [{**row, **names, "account": to.account}])
    parts, unknown, _ = allocate_rows(office, engine, month, rows)
    if len(unknown):
        named = " ".join(filter(None, names.values()))
        what = f"account {to.account} has no line in {month}" + (f" of {named}" if named else "")
        raise NotAssigned(f"{what}; name another --account, or --customer and --service (`any`: whatever it has)")
    return _take_out(payment, row, ASSIGNED, reassign(row, to.account, payment.amount, ASSIGNED), parts.to_pylist())


def _take_back(office: Office, payment: WaitingPayment, to: Belongs, sequence: int) -> AssignedPayment:
    month = _open_month(office, payment)
    row, facts = _row_of(payment, month, sequence), gather_facts(office, month, [month])
    accounts = add_reassigned(facts, pa.chunked_array([[payment.account]], pa.string()))
    engine = facts.engine_of(accounts)
    engine.run_steps(month)
    taken = reverse(engine.connection, [row])
    if to.account != payment.account or any(entry["payment"] == payment.payment for entry in taken.suspense):
        what = f"{payment.id} takes back {-payment.amount} of payment {payment.number} to account {payment.account}"
        raise NotAssigned(f"{what}, of which not so much came; name that account when the payment is there")
    found = _take_out(payment, row, MATCHED, taken.reassigned, taken.parts)
    suspense = [*found.tables["suspense"].to_pylist(), *taken.suspense]
    return replace(found, tables={**found.tables, "suspense": records_of("suspense", suspense)})


def give_back(office: Office, payment: WaitingPayment, sequence: int) -> AssignedPayment:
    """Take a payment out of suspense that goes back to its bank: from then on it counts as not received. A reversal of
    the same payment that a later register brings takes nothing more. Nothing is written. Raises NotAssigned for a
    reversal."""
    if payment.amount < 0:
        raise NotAssigned(f"{payment.id} takes a payment back; when that has come, `bank suspense assign` takes it off")
    row = _row_of(payment, _open_month(office, payment), sequence)
    gone = [{**row, "other": "", "amount": -payment.amount, "reason": RETURNED}]
    return _take_out(payment, row, RETURNED, gone)


def _open_month(office: Office, payment: WaitingPayment) -> Period:
    """Return the month in which it is posted."""
    first = office.directory.first_month() or payment.month
    return max(find_first_open_month(office) or payment.month, payment.month, first)


def _take_out(
    payment: WaitingPayment, row: _Entry, reason: str, moved: Sequence[_Entry], parts: Sequence[_Entry] = ()
) -> AssignedPayment:
    left = [{**row, "amount": -payment.amount, "customer": payment.payee or None, "reason": reason}]
    tables = {"allocations": parts, "suspense": left, "reassigned": moved}
    month = Period.of(row["month"])
    return AssignedPayment(month, {kind: records_of(kind, found) for kind, found in tables.items()})


def _row_of(payment: WaitingPayment, month: Period, sequence: int) -> _Entry:
    """Return the payment as its register has it, as an entry of this posting."""
    names = ("payment", "bank", "paid_on", "number", "account", "payee", "service", "amount", "submission", "sheet")
    row = {name: getattr(payment, name) for name in names}
    return {**row, "row": payment.row, "month": month.first_day, "sequence": sequence}


def _choose(stated: str, named: str | None) -> str:
    return "" if stated == ANY else stated or named or ""
