"""A proof of money that is passed on: statements hold what was allocated, orders what their parts come to, and each
order's end stands on a line of a statement, a bank's answer or an act (4.1.7, 4.2.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from inbox_worker.ledger.acts import RecordedAct, find_acts_named
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.transfers import OrderState, PartKind, PaymentOrder, Transfer
from inbox_worker.month.bank_answers import ORDER_ANSWERS, find_meant, state_of
from inbox_worker.month.confirming import AND, read_lines
from inbox_worker.month.distributing import find_shares
from inbox_worker.month.office import Office

_ZERO = Decimal("0.00")
_BY_ACT = {"order transferred": OrderState.TRANSFERRED, "order rejected": OrderState.REJECTED,
           "order taken back": OrderState.REJECTED}  # fmt: skip
_Sums = dict[tuple[int, str], tuple[Decimal, Decimal]]  # by statement and Customer: received, fee
_Ends = Mapping[tuple[int, str], OrderState]  # by order and line


def find_wrong_transfers(office: Office) -> Iterator[str]:
    """Find statements, parts and orders whose sums or states are not what they come of."""
    parts, orders = office.journal.transfers.parts(), office.journal.transfers.orders()
    yield from _wrong_statements(office, parts)
    yield from _wrong_sums(parts, orders)
    yield from _wrong_returns(parts, orders)
    yield from _wrong_ends(office, orders)


def _wrong_statements(office: Office, parts: list[Transfer]) -> Iterator[str]:
    """The parts of a statement are a Customer's payments as they were allocated; of the fee, what was withheld."""
    statements = office.journal.transfers.distributions()
    allocated, listed, withheld = _Sums(), _Sums(), defaultdict[int, Decimal](lambda: _ZERO)
    for number, shares in find_shares(office, statements, ("customer", "service")).items():
        for share in shares:
            _add(allocated, (number, share.of[0]), share.received, share.fee)
    for part in parts:
        if part.what is PartKind.FEE:
            withheld[part.distribution] += part.amount
        else:
            _add(listed, (part.distribution, part.customer), part.received, part.fee)
    for number, who in sorted(allocated.keys() | listed.keys()):
        if (is_ := listed.get((number, who), (_ZERO, _ZERO))) != (due := allocated.get((number, who), (_ZERO, _ZERO))):
            yield (
                f"the parts of {who} in statement {number} come to {is_[0]} with a fee of {is_[1]}, and its "
                f"payments to {due[0]} with {due[1]}"
            )
    for one in statements:
        fees = sum((both[1] for (number, _), both in allocated.items() if number == one.number), _ZERO)
        if withheld[one.number] != fees and one.number in withheld:
            yield f"the fee of statement {one.number} is {withheld[one.number]}, and {fees} was withheld"


def _add(sums: _Sums, key: tuple[int, str], received: Decimal, fee: Decimal) -> None:
    was = sums.get(key, (_ZERO, _ZERO))
    sums[key] = was[0] + received, was[1] + fee


def _wrong_sums(parts: list[Transfer], orders: list[PaymentOrder]) -> Iterator[str]:
    """An order moves what its parts come to; the parts of a rejected one wait again."""
    sums = defaultdict[int, Decimal](lambda: _ZERO)
    for part in parts:
        sums[part.payment_order] += part.amount
    for order in orders:
        due = _ZERO if order.state is OrderState.REJECTED else order.amount
        if sums[order.number] != due:
            yield f"order {order.number} of {order.amount}, {order.state.value}, holds parts of {sums[order.number]}"


def _wrong_returns(parts: list[Transfer], orders: list[PaymentOrder]) -> Iterator[str]:
    """Parts that waited again keep the number of the rejected order that they were in, and come to what it moved."""
    known, sums = {str(order.number): order for order in orders}, dict[str, Decimal]()
    for part in parts:
        named = part.rejected_orders.split()
        rejected = [one for one in named if one in known and known[one].state is OrderState.REJECTED]
        if part.rejected_orders != "".join(f"{number} " for number in rejected):
            yield (
                f"part {part.number} of statement {part.distribution} was in the orders {part.rejected_orders!r}, and "
                f"of them {' '.join(rejected) or 'none'} was rejected"
            )
        for number in rejected:
            sums[number] = sums.get(number, _ZERO) + part.amount
    for number, amount in sums.items():
        if amount != known[number].amount:
            yield f"order {number} of {known[number].amount}, rejected, stands in parts of {amount}"


def _wrong_ends(office: Office, orders: list[PaymentOrder]) -> Iterator[str]:
    """The state of an order is what the last of its proof says, and an act about it is in its proof."""
    lines, answers = _ends_by_line(office, orders), _ends_by_answer(office, orders)
    acts = defaultdict[str, list[RecordedAct]](list)
    for act in find_acts_named(office.journal.database, *_BY_ACT):
        acts[act.subject].append(act)
    for order in orders:
        found = [(order.proof.find(line), state) for line in order.proof.split(AND)
                 for ends in (lines, answers) if (state := ends.get((order.number, line)))]  # fmt: skip
        own = acts[str(order.number)]
        found += [(order.proof.rfind(act.details), _BY_ACT[act.act]) for act in own]
        if any(place < 0 for place, _ in found):
            yield f"an act about order {order.number} is not in its proof"
        end = max(found, key=lambda one: one[0])[1] if found else OrderState.ORDERED
        if order.state is not end or (not found and order.proof):
            yield f"order {order.number} is {order.state.value} by {order.proof or 'nothing'}, which proves {end.value}"


def _ends_by_line(office: Office, orders: list[PaymentOrder]) -> _Ends:
    """What a line of a statement says of an order of its account and sum."""
    known, found = {line["name"]: line for line in read_lines(office)}, dict[tuple[int, str], OrderState]()
    for order in orders:
        for name in order.proof.split(AND):
            line = known.get(name, {})
            is_back = not line.get("debit") or line.get("reversal")
            sums = (line.get("debit"), line.get("credit"))
            if line and line["iban"] == order.payer_iban and order.amount in sums:
                found[order.number, name] = OrderState.REJECTED if is_back else OrderState.TRANSFERRED
    return found


def _ends_by_answer(office: Office, orders: list[PaymentOrder]) -> _Ends:
    """What a bank's answer says of the orders that it is about."""
    files, found = office.journal.facts.files(ORDER_ANSWERS), dict[tuple[int, str], OrderState]()
    columns = ("scope", "number", "many", "answer", "submission", "row")
    for row in read_facts(office.home.ledger, ORDER_ANSWERS, files, columns).to_pylist() if files else ():
        for order in find_meant(office, orders, row["scope"], row["number"], row["many"]):
            found[order.number, f"{row['submission']}/{row['row']}"] = state_of(office, row["answer"])
    return found
