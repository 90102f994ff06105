"""The end of payment orders, as a line of the paying account's statement says it, the bank's answer, or a person
(4.1.7)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from inbox_worker.core.errors import UseError
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.transfers import OrderState, PaymentOrder
from inbox_worker.month.bank_answers import Answered, find_answered
from inbox_worker.month.office import Office

_SHOWN_FOR = timedelta(days=14)  # so long a rejected order is told of

_COLUMNS = ("iban", "day", "reference", "debit", "credit", "reversal", "payer_account", "purpose")
_AND = "; "  # between the lines that an order's state stands on
_Key = tuple[str, str, Decimal]  # account that pays, account that is paid, sum


def confirm_orders(office: Office) -> list[Answered]:
    """Record what the statements and the banks' answers say of orders, in one transaction, and return it. A rejected
    order's money waits again. Of an order that both speak of the statement is heard: there the money is seen."""
    orders = office.journal.transfers.orders()
    found = list(find_answers(office, orders))
    heard = {one.order.number for one in found}
    found += [one for one in find_answered(office, orders) if one.order.number not in heard]
    if found:
        with office.journal.transaction() as connection:
            for one in found:
                proofs = _AND.join(filter(None, (one.order.proof, one.line, one.reason)))
                office.journal.transfers.settle(connection, one.order.number, one.state, proofs)
    return found


def find_answers(office: Office, orders: Sequence[PaymentOrder]) -> Iterator[Answered]:
    """Yield what lines of statements say that no order has yet: money that left confirms an order to that account of
    that sum, money that came back takes it back. A line speaks of one order, that which it names before any other."""
    used = {line for order in orders for line in order.proof.split(_AND)}
    left, back = defaultdict[_Key, list[dict[str, Any]]](list), defaultdict[_Key, list[dict[str, Any]]](list)
    for row in _lines(office):
        if row["name"] not in used and row["payer_account"]:
            lines, amount = (left, row["debit"]) if row["debit"] else (back, row["credit"])
            if bool(row["reversal"]) == (lines is back):  # other money that comes in is no order's
                lines[row["iban"], row["payer_account"], amount].append(row)
    answers = ((OrderState.ORDERED, left, OrderState.TRANSFERRED), (OrderState.TRANSFERRED, back, OrderState.REJECTED))
    for state, lines, follows in answers:
        waiting = [order for order in orders if order.state is state]
        for only_named in (True, False):
            answered = {order.number: line for order in waiting if (line := _take(order, lines, only_named))}
            yield from (
                Answered(order, follows, answered[order.number]) for order in waiting if order.number in answered
            )
            waiting = [order for order in waiting if order.number not in answered]


def _take(order: PaymentOrder, lines: dict[_Key, list[dict[str, Any]]], only_named: bool) -> str:
    """Take the first line that speaks of an order out of the lines and return its name; '' when there is none."""
    fitting = lines.get((order.payer_iban, order.iban, order.amount), [])
    made = to_almaty(order.made_at).date()
    for row in fitting:
        if row["day"] >= made and (not only_named or _names(row, order.number)):
            fitting.remove(row)
            return str(row["name"])
    return ""


def _names(row: dict[str, Any], number: int) -> bool:
    """Whether a line's reference or purpose names an order's number."""
    return bool(re.search(rf"(?<!\d){number}(?!\d)", f"{row['reference']} {row['purpose'] or ''}"))


def _lines(office: Office) -> list[dict[str, Any]]:
    """The lines of all statements by day, each with its `name`."""
    files = office.journal.facts.files("bank_statement")
    rows = read_facts(office.home.ledger, "bank_statement", files, _COLUMNS).to_pylist() if files else []
    named = [{**row, "name": f"{row['submission']}/{row['row']}"} for row in rows]
    return sorted(named, key=lambda row: (row["day"], row["name"]))


def find_rejected(office: Office, on: date) -> list[PaymentOrder]:
    """Return the orders of the last days that came back: their money is in the new orders, or waits."""
    rejected = office.journal.transfers.orders([OrderState.REJECTED])
    return [order for order in rejected if to_almaty(order.made_at).date() >= on - _SHOWN_FOR]


def settle_manually(office: Office, number: int, state: OrderState, by: str, now: datetime) -> PaymentOrder:
    """Record what the bank told of an order in another way, in staff's words. Raises UseError."""
    known = {order.number: order for order in office.journal.transfers.orders()}
    order = known.get(number)
    if order is None or order.state is OrderState.REJECTED or order.state is state:
        is_there = f"is {order.state} already" if order else "is not there"
        raise UseError(f"order {number} {is_there}; `bank orders --all --json` shows the orders")
    with office.journal.transaction() as connection:
        office.journal.transfers.settle(connection, number, state, _AND.join(filter(None, (order.proof, by))))
        record_act(connection, f"order {state.value}", str(number), now, details=by)
    return order
