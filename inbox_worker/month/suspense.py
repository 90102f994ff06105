"""Payments in suspense: what waits, since when, and which accounts they may belong to (4.1.7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Period
from inbox_worker.core.queries import read_query
from inbox_worker.ledger.facts import read_facts, register
from inbox_worker.ledger.questions import scratch
from inbox_worker.month.agreeing import DUE, find_agreements
from inbox_worker.month.office import Office
from inbox_worker.month.reassigned import ASSIGNED, RETURNED

# Reasons of entries above zero say why a payment waits, of those below zero how it left.
_MOST = 3  # suggestions a payment
_SAME = {"line.unknown": "line", "payment.before_first": "own"}  # reasons for which the account itself may be right
_WAITING = read_query(__file__, "suspended_payments")
_KNOWN = read_query(__file__, "known_places")


class UnknownPayment(UseError):
    """No such payment waits in suspense; the text says what became of it or how to find its number."""


@dataclass(frozen=True)
class Suggestion:
    """An account that a payment may belong to. `reason`: `learnt`, staff assigned one with this account there before;
    `line`, the account is right and the payment names a Customer or service that it does not have; `own`, the account
    is right and the payment is of before the first month; `swapped`, two digits beside each other change places;
    `digit`, one digit differs; `length`, one digit is missing or too many. `agrees`: what else agrees (agreeing.py)."""

    account: str
    reason: str
    address: str
    name: str
    agrees: tuple[str, ...] = ()


@dataclass(frozen=True)
class WaitingPayment:
    """A payment in suspense with what is left of it there, in tenge; a reversal of no known payment is below zero.

    Payee and service are as its entries have them: an entry that takes it out must have the same.
    `month`: in which it came into suspense. `last`: why it left, when nothing is left.
    """

    payment: str
    bank: str
    paid_on: date
    number: str
    account: str
    payee: str | None
    service: str | None
    amount: Decimal
    reason: str
    last: str
    month: Period
    submission: str
    sheet: str
    row: int

    @property
    def id(self) -> str:
        """Return the number that staff name it by: its register and its row."""
        return f"{self.submission}/{self.row}"


def find_waiting(office: Office) -> list[WaitingPayment]:
    """Return what waits, oldest first: its sum is the sum of suspense over all months, to the tiyn."""
    return [one for one in _find_all(office) if one.amount]


def find_payment(office: Office, identifier: str) -> WaitingPayment:
    """Return the waiting payment of a number as `bank suspense list` shows it, or of its full one with the sheet.
    Raises UnknownPayment."""
    found = [one for one in _find_all(office) if identifier in (one.payment, one.id)]
    if not found:
        raise UnknownPayment(f"no payment {identifier!r} was in suspense; `bank suspense list` shows those that are")
    waiting = [one for one in found if one.amount]
    if len(waiting) > 1:
        raise UnknownPayment(f"{identifier} is several payments: {', '.join(repr(one.payment) for one in waiting)}")
    if not waiting:
        raise UnknownPayment(f"{identifier} waits no more: {_became(office, found[0])}")
    return waiting[0]


def suggest(office: Office, waiting: Sequence[WaitingPayment]) -> dict[str, tuple[Suggestion, ...]]:
    """Return the accounts that each payment may belong to, by its full number, at most three: in a small town many
    accounts are one digit away. First where payments were assigned before, then those whose sum due or earlier payments
    agree, then by the slip. Only accounts that the directory knows, and that have the Customer whom the payment names;
    nothing for a reversal."""
    learnt = _find_learnt(office)
    connection = scratch()
    for kind in ("directory", "new_houses"):
        register(connection, office.home.ledger, kind, office.journal.facts.files(kind))
    found: dict[str, list[Suggestion]] = {}
    for one in (one for one in waiting if one.amount > 0):
        reasons = dict(_reasons(one, learnt.get((one.bank, one.account), ())))
        known = _read_places(reasons, "" if one.reason == "line.unknown" else one.payee or "")
        places = {row["account"]: row for row in known}
        found[one.payment] = [
            Suggestion(account, reason, _place_of(places[account]), places[account]["name"] or "")
            for account, reason in reasons.items()
            if account in places
        ]
    return _rank(office, waiting, found)


def _rank(
    office: Office, waiting: Sequence[WaitingPayment], found: Mapping[str, Sequence[Suggestion]]
) -> dict[str, tuple[Suggestion, ...]]:
    """Return the best of each payment's accounts, each with what agrees."""
    agreed = find_agreements(office, (
        (one.payment, account.account, one.bank or "", one.payee or "", one.service or "", one.amount)
        for one in waiting for account in found.get(one.payment, ())
    ))  # fmt: skip
    ranked = {}
    for payment, accounts in found.items():
        with_agreed = [replace(one, agrees=agreed.get((payment, one.account), ())) for one in accounts]
        best = sorted(with_agreed, key=lambda one: (one.reason != "learnt", DUE not in one.agrees, not one.agrees))
        ranked[payment] = tuple(best[:_MOST])
    return ranked


def _find_all(office: Office) -> list[WaitingPayment]:
    connection = scratch()
    register(connection, office.home.ledger, "suspense", office.journal.facts.files("suspense"))
    rows = connection.sql(_WAITING).to_arrow_table().to_pylist()
    return [WaitingPayment(**{**row, "month": Period.of(row["month"])}) for row in rows]


def _became(office: Office, payment: WaitingPayment) -> str:
    """Return what became of a payment that left suspense."""
    if payment.last == RETURNED:
        return "staff returned it to its bank"
    if payment.last != ASSIGNED:
        return f"it left suspense by {payment.last}"
    entries = read_facts(office.home.ledger, "reassigned", office.journal.facts.files("reassigned")).to_pylist()
    mine = [entry for entry in entries if (entry["payment"], entry["reason"]) == (payment.payment, ASSIGNED)]
    return f"staff assigned it to account {next(entry['other'] for entry in mine if entry['amount'] < 0)}"


def _find_learnt(office: Office) -> Mapping[tuple[str, str], Collection[str]]:
    """Return where staff assigned payments of a bank and an account as it writes it; the latest first."""
    entries = read_facts(office.home.ledger, "reassigned", office.journal.facts.files("reassigned")).to_pylist()
    found: dict[tuple[str, str], dict[str, None]] = {}
    for entry in reversed(entries):
        if entry["reason"] == ASSIGNED and entry["amount"] < 0:
            found.setdefault((entry["bank"], entry["account"]), {})[entry["other"]] = None
    return found


def _reasons(payment: WaitingPayment, learnt: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield accounts with their reasons, each once, the surest first."""
    seen: set[str] = set()
    alike = find_alike(payment.account) if payment.account.isdecimal() else ()
    same = [(payment.account, _SAME[payment.reason])] if payment.reason in _SAME else []
    for account, reason in (*((one, "learnt") for one in learnt), *same, *alike):
        if account not in seen:
            seen.add(account)
            yield account, reason


def find_alike(account: str) -> Iterator[tuple[str, str]]:
    """Yield the accounts that one slip turns into this one of digits, with the slip."""
    for place in range(len(account) - 1):
        if account[place] != account[place + 1]:
            yield account[:place] + account[place + 1] + account[place] + account[place + 2 :], "swapped"
    for place, digit in enumerate(account):
        for other in "0123456789":
            if other != digit:
                yield account[:place] + other + account[place + 1 :], "digit"
    for place in range(len(account)):
        yield account[:place] + account[place + 1 :], "length"
    for place in range(len(account) + 1):
        for other in "0123456789":
            yield account[:place] + other + account[place:], "length"


def _read_places(accounts: Iterable[str], payee: str) -> list[dict[str, Any]]:
    connection = scratch()
    connection.register("asked", pa.table({"account": pa.array(list(accounts), pa.string())}))
    found: list[dict[str, Any]] = connection.sql(_KNOWN, params={"payee": payee}).to_arrow_table().to_pylist()
    return found


def _place_of(row: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (row["address"], row["flat"])))
