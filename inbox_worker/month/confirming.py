"""The end of payment orders, as a line of the paying account's statement says it, the bank's answer, or a person
(4.1.7)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.banks import find_banks
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.transfers import OrderState, PaymentOrder
from inbox_worker.month.bank_answers import EVERYTHING, Answered, Unheard, find_answered
from inbox_worker.month.office import Office

_SHOWN_FOR = timedelta(days=14)  # so long a rejected order is told of
_MONTHS_ON_THE_WAY = 3  # so long after its order a debit is still looked for

_COLUMNS = ("iban", "day", "reference", "debit", "credit", "reversal", "payer_account", "purpose")
AND = "; "  # between the lines that an order's state stands on
_LONGEST_REASON = 200
_A_DAY = re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b")  # its parts are no numbers of orders
_OURS = re.compile(r"(?<![\w-])IW-(\d+)")
_A_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_Line = dict[str, Any]
_Fits = Callable[[PaymentOrder, _Line], bool]
_Sums = dict[tuple[str, Decimal], list[_Line]]  # by the account that pays, and the sum


def find_ends(office: Office, unheard: Unheard = EVERYTHING) -> list[Answered]:
    """Return what the statements and the banks' answers say of orders that is not recorded yet. Of an order that both
    speak of the statement is heard: there the money is seen."""
    found = list(find_answers(office, unheard))
    heard = {one.order.number for one in found}
    return found + [one for one in find_answered(office, unheard) if one.order.number not in heard]


def unheard_after(office: Office, fresh: str) -> Unheard:
    """Return where something may stand that no order has yet, once a submission of a statement or of answers was
    posted: in it, and in what is of the days of orders that wait. Everything else was heard when it came."""
    waiting = office.journal.transfers.orders([OrderState.ORDERED])
    made = min((to_almaty(order.made_at).date() for order in waiting), default=None)
    return Unheard(fresh, Period.of(made) if made else None)


def record_ends(connection: Connection, office: Office, found: Sequence[Answered]) -> None:
    """Record what was found in the caller's transaction, in its order. A rejected order's money waits again."""
    for one in found:
        office.journal.transfers.settle(connection, one.order.number, one.state, _join_proofs(one))


def lines_of(proofs: Iterable[str]) -> frozenset[str]:
    """Return the lines of statements that orders' ends stand on: submission and line."""
    return frozenset(line for proof in proofs for line in proof.split(AND))


def find_answers(office: Office, unheard: Unheard = EVERYTHING) -> Iterator[Answered]:
    """Yield what lines of statements say that no order has yet: money that left confirms an order to that account of
    that sum, money that came back takes it back. A line speaks of one order, that which it names before any other.

    Money came back by a credit of the order's sum that takes a debit back (`reversal`) or says so in the words of
    rules/orders.yaml. It names the order, or comes from the account that was paid; of an order that no line confirmed
    yet it must name it.
    """
    transfers = office.journal.transfers
    if not transfers.last_order():
        return
    left, back = _sort_lines(office, lines_of(transfers.proofs()), read_lines(office, unheard))
    states = (OrderState.ORDERED, OrderState.TRANSFERRED) if back else (OrderState.ORDERED,)
    known = {order.number: order for order in transfers.orders(states)}
    waiting = [order for order in known.values() if order.state is OrderState.ORDERED]
    for one in _match(waiting, left, _LEAVING, OrderState.TRANSFERRED):
        known[one.order.number] = replace(one.order, state=one.state, proof=_join_proofs(one))
        yield one
    rejected = OrderState.REJECTED
    found = list(_match(known.values(), back, (_is_named_as_ours, _is_named), rejected))
    named = {one.order.number for one in found}
    done = [one for one in known.values() if one.state is OrderState.TRANSFERRED and one.number not in named]
    yield from (*found, *_match(done, back, (_and_paid(_is_unnamed),), rejected))


def _match(
    orders: Iterable[PaymentOrder], lines: _Sums, rounds: Sequence[_Fits], state: OrderState
) -> Iterator[Answered]:
    """Yield the orders that a line speaks of, each line once; the surest ways of naming first."""
    waiting = list(orders)
    for fits in rounds:
        for order in list(waiting):
            fitting = lines.get((order.payer_iban, order.amount))
            if not fitting:
                continue
            made = to_almaty(order.made_at).date()
            line = next((one for one in fitting if one["day"] >= made and fits(order, one)), None)
            if line is not None:
                fitting.remove(line)
                waiting.remove(order)
                reason = (line["purpose"] or "")[:_LONGEST_REASON] if state is OrderState.REJECTED else ""
                yield Answered(order, state, line["name"], reason)


def _and_paid(fits: _Fits) -> _Fits:
    """Return the condition with another: the other side is the account that the order pays."""
    return lambda order, line: line["payer_account"] == order.iban and fits(order, line)


def _is_named_as_ours(order: PaymentOrder, line: _Line) -> bool:
    return order.number in _named_as_ours(line)


def _named_as_ours(line: _Line) -> set[int]:
    """Return the numbers that may be an order's: a line's reference, and those that it has as files of orders write
    them."""
    said = [*_OURS.findall(f"{line['reference']} {line['purpose'] or ''}"), line["reference"].strip()]
    return {int(one) for one in said if _A_NUMBER.fullmatch(one)}


def _is_named(order: PaymentOrder, line: _Line) -> bool:
    """Tell whether a line's reference or purpose has an order's number, dates left out."""
    said = _A_DAY.sub(" ", f"{line['reference']} {line['purpose'] or ''}")
    return bool(re.search(rf"(?<!\d){order.number}(?!\d)", said))


def _is_unnamed(order: PaymentOrder, line: _Line) -> bool:
    return True


def _is_named_to_nobody(order: PaymentOrder, line: _Line) -> bool:
    """Tell whether a line names the order as files of orders do, and no account that was paid: MT940 has none."""
    return not line["payer_account"] and _is_named_as_ours(order, line)


_LEAVING = (*map(_and_paid, (_is_named_as_ours, _is_named, _is_unnamed)), _is_named_to_nobody)


def _sort_lines(office: Office, used: frozenset[str], lines: Iterable[_Line]) -> tuple[_Sums, _Sums]:
    """Return the lines of statements that speak of no order yet, by account and sum: what left, what came back."""
    words = tuple(word.casefold() for word in office.rules.orders.came_back)
    left, back = (
        defaultdict[tuple[str, Decimal], list[_Line]](list),
        defaultdict[tuple[str, Decimal], list[_Line]](list),
    )
    for row in lines:
        if row["name"] in used:
            continue
        if row["debit"] and not row["reversal"]:
            left[row["iban"], row["debit"]].append(row)
        elif row["credit"] and (row["reversal"] or any(word in (row["purpose"] or "").casefold() for word in words)):
            back[row["iban"], row["credit"]].append(row)
    return left, back


def _join_proofs(one: Answered) -> str:
    return AND.join(filter(None, (one.order.proof, one.line, one.reason.replace(AND, ", "))))


def read_lines(office: Office, unheard: Unheard = EVERYTHING) -> list[_Line]:
    """Return the lines of all statements by day, each with its `name`; or of those alone that are `unheard`."""
    files = unheard.select(office.journal.facts.files("bank_statement"))
    return _name_lines(read_facts(office.home.ledger, "bank_statement", files, _COLUMNS).to_pylist() if files else [])


def _name_lines(rows: Iterable[_Line]) -> list[_Line]:
    named = [{**row, "name": f"{row['submission']}/{row['row']}"} for row in rows]
    return sorted(named, key=lambda row: (row["day"], row["name"]))


def find_rejected(office: Office, on: date) -> list[PaymentOrder]:
    """Return the orders of the last days that came back: their money is in the new orders, or waits."""
    rejected = office.journal.transfers.orders([OrderState.REJECTED])
    return [order for order in rejected if to_almaty(order.made_at).date() >= on - _SHOWN_FOR]


def settle_manually(office: Office, number: int, state: OrderState, by: str, now: datetime) -> PaymentOrder:
    """Record what the bank told of an order in another way, in staff's words. Raises UseError."""
    order = find_to_settle(office, (), number, state)
    with office.journal.transaction() as connection:
        office.journal.transfers.settle(connection, number, state, AND.join(filter(None, (order.proof, by))))
        record_act(connection, f"order {state.value}", str(number), now, details=by)
    return order


def find_to_settle(office: Office, heard: Sequence[Answered], number: int, state: OrderState) -> PaymentOrder:
    """Return the order that staff may say this of. `heard`: ends that stand in statements and answers and are not
    recorded yet. Raises UseError."""
    known = {order.number: order for order in office.journal.transfers.orders()}
    known |= {one.order.number: replace(one.order, state=one.state, proof=_join_proofs(one)) for one in heard}
    order = known.get(number)
    if order is None or order.state is OrderState.REJECTED or order.state is state:
        is_there = f"is {order.state} already" if order else "is not there"
        raise UseError(f"order {number} {is_there}; `bank orders --all --json` shows the orders")
    if state is OrderState.REJECTED and (line := _find_debit(office, order)):
        raise UseError(
            f"the statement {line} says that the money of order {number} left, and it would be ordered twice; load the "
            "statement that has it come back"
        )
    return order


def _find_debit(office: Office, order: PaymentOrder) -> str:
    """Return the line of a loaded statement by which the order's money left; '' where none says it."""
    said = set(order.proof.split(AND))
    return next((line["name"] for line in read_lines(office) if line["name"] in said and line["debit"]), "")


@dataclass(frozen=True)
class StrayDebit:
    """Money that left a transit account by a line of its statement and by no order. `orders`: those that the line
    names: of another sum, or not to be paid any more. `own_fee`: the bank says that it took its own fee."""

    iban: str
    day: date
    reference: str
    amount: Decimal
    to: str
    purpose: str
    source: str  # submission and line
    orders: tuple[int, ...]
    own_fee: bool


def find_stray_debits(office: Office, first: date, last: date, account: str = "") -> list[StrayDebit]:
    """Return the debits of these days that no order accounts for; of one `account`, or of all."""
    found = _find_strays(office, read_lines(office))
    return [one for one in found if first <= one.day <= last and account in ("", one.iban)]


def find_fresh_strays(office: Office, rows: Sequence[_Line]) -> list[StrayDebit]:
    """Return the debits of a statement, which the journal does not name yet, that no order accounts for. Debits and
    orders of older days are left out: an order that waits has no debit among them, the others had theirs."""
    if not office.journal.transfers.last_order():
        return []
    fresh = _name_lines(rows)
    names, since = {line["name"] for line in fresh}, Period.of(fresh[0]["day"]).plus(-_MONTHS_ON_THE_WAY)
    lines = [*read_lines(office, Unheard("", since)), *fresh]
    return [one for one in _find_strays(office, lines, since) if one.source in names]


def _find_strays(office: Office, every: Sequence[_Line], since: Period | None = None) -> list[StrayDebit]:
    """Return the debits that no order accounts for; none where money does not leave by orders. Of the operator's own
    account, where it is no bank's transit account, only those to an account of an order: the others are its own.
    `since`: the month in which `every` line begins, None where it is each there is."""
    transfers = office.journal.transfers
    if not transfers.last_order():
        return []
    left, _ = _sort_lines(office, lines_of(transfers.proofs()), every)
    orders = transfers.orders() if since is None else transfers.orders_waiting_or_made_since(since.first_day)
    _drop_accounted(orders, every, left)
    transit = {bank.iban for bank in find_banks(office.journal, office.home.ledger).values()}
    own, paid = {office.home.config.operator.iban} - transit, transfers.paid_accounts()
    lines = sorted(
        (line for of in left.values() for line in of), key=lambda one: (one["day"], len(one["name"]), one["name"])
    )
    return [
        StrayDebit(
            line["iban"], line["day"], line["reference"], line["debit"], line["payer_account"] or "",
            line["purpose"] or "", line["name"],
            named := tuple(transfers.find_numbers(_named_as_ours(line))),
            not named and line["payer_account"] not in paid and _is_own_fee(office, line),
        )
        for line in lines
        if line["iban"] not in own or line["payer_account"] in paid
    ]  # fmt: skip


def _is_own_fee(office: Office, line: _Line) -> bool:
    """Tell whether a debit says that it is the bank's fee, and goes to no account or to one of that very bank."""
    said, to = (line["purpose"] or "").casefold(), line["payer_account"] or line["iban"]
    return to[4:7] == line["iban"][4:7] and any(word.casefold() in said for word in office.rules.orders.own_fee)


def _drop_accounted(orders: Iterable[PaymentOrder], every: Iterable[_Line], left: _Sums) -> None:
    """Take out the debits of orders whose end stands on something else: an answer, staff's words, a return."""
    lines = {line["name"]: line for line in every}
    waiting = []
    for order in orders:
        said = [lines[name] for name in order.proof.split(AND) if name in lines]
        gone = order.state is OrderState.REJECTED and not said
        if not gone and not any(line["debit"] for line in said):
            waiting.append(order)
    list(_match(waiting, left, _LEAVING, OrderState.TRANSFERRED))  # takes each line that it finds out of `left`
