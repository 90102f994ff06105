"""Payment orders: what statements of distribution pass on, an order a bank, Customer, account and КНП (4.1.7); what is
withheld goes to the operator's own account, where the bank pays from another (4.2.5).

A part of a statement is in one order, or waits in sight: for an account that is vouched for, or for more money where it
is not above the bank's fee. What a bank rejected waits again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from inbox_worker.core.text import one_line
from inbox_worker.ledger.banks import Bank, bank_of, find_banks
from inbox_worker.ledger.transfers import Distribution, PartKind, PaymentOrder, Transfer
from inbox_worker.month.office import Office
from inbox_worker.month.payees import Payee, find_payees

_ZERO = Decimal("0.00")
_LONGEST_PURPOSE = 140  # of pain.001; no other format has less
_SMALL, _TAKEN_BACK, _NO_CODE = "payee.small", "payee.taken_back", "payee.no_fee_code"


@dataclass(frozen=True)
class Held:
    """Money that no order passes on now. `why`: a code of texts; `task`: what a person has to do first."""

    bank: str
    customer: str
    knp: str
    amount: Decimal
    why: str
    task: str = ""


@dataclass
class _Group:
    """The waiting parts of a bank, account of a Customer and КНП."""

    bank: Bank
    payee: Payee
    knp: str
    payer_iban: str
    parts: list[Transfer]
    days: list[date]

    @property
    def amount(self) -> Decimal:
        return sum((part.amount for part in self.parts), _ZERO)

    @property
    def held(self) -> Held | None:
        """Why it waits; None when it can go."""
        lack = _TAKEN_BACK if self.amount < 0 else _SMALL if self.amount <= self.bank.transfer_fee else ""
        why = self.payee.waits or lack or ("" if self.knp else _NO_CODE)
        return Held(self.bank.bic, self.payee.bin, self.knp, self.amount, why, self.payee.task) if why else None


def find_held(office: Office, on: date) -> list[Held]:
    """Return what would wait if orders were made on a day, and why."""
    return [held for group in _groups(office, on, None) if group.amount and (held := group.held)]


def make_orders(office: Office, now: datetime, upto: date | None = None) -> list[PaymentOrder]:
    """Record orders for all parts that can go (`upto`: of statements of that day and before), in one transaction, and
    return them. Their files are made of what is recorded: a kill between the two loses and doubles nothing."""
    transfers, orders = office.journal.transfers, list[PaymentOrder]()
    groups = [group for group in _groups(office, now.date(), upto) if not group.held]
    number, batches = transfers.last_order(), dict[str, int]()
    with office.journal.transaction() as connection:
        for group in groups:
            for parts in fill_orders(group.parts, group.bank.order_limit):
                number += 1
                batch = batches.setdefault(group.bank.bic, number)
                order = _order(office, group, parts, number, batch, now)
                transfers.order(connection, order, parts)
                orders.append(order)
    return orders


def find_misdirected(office: Office, orders: Sequence[PaymentOrder], on: date) -> set[int]:
    """Return the numbers of orders that would not go to their account on a day: another one counts now, or a person has
    to confirm it first (4.3.3, 7.1)."""
    numbers = {order.number: order for order in orders}
    parts = [part for part in office.journal.transfers.parts() if part.payment_order in numbers] if numbers else []
    payees, found = find_payees(office, {(part.customer, part.what) for part in parts}, on), set[int]()
    for part in parts:
        payee, order = payees[part.customer, part.what], numbers[part.payment_order]
        if payee.waits or (payee.bic, payee.iban) != (order.bic, order.iban):
            found.add(order.number)
    return found


def fill_orders(parts: Sequence[Transfer], limit: Decimal | None) -> list[list[Transfer]]:
    """Return parts by order, none above the limit; a part too large is split, and only its first piece keeps its
    number. What was taken back lessens the first order. The parts add up to more than zero."""
    orders: list[list[Transfer]] = [[]]
    room = limit
    for part in sorted(parts, key=lambda one: (one.amount > 0, one.number)):
        while room is not None and limit is not None and part.amount > room:
            if room:
                orders[-1].append(replace(part, received=room, fee=_ZERO))
                part = replace(part, number=0, received=part.received - room)
            orders.append([])
            room = limit
        orders[-1].append(part)
        room = None if room is None else room - part.amount
    return orders


def _groups(office: Office, on: date, upto: date | None) -> list[_Group]:
    """Return the waiting parts by bank, Customer, account, КНП and the task that they wait for, in that order. What is
    withheld stays where the bank pays from the operator's own account: it has come there already."""
    statements: Mapping[int, Distribution] = {one.number: one for one in office.journal.transfers.distributions()}
    waiting = office.journal.transfers.parts(waiting=True)
    payees = find_payees(office, {(part.customer, part.what) for part in waiting}, on)
    banks, fee_code = find_banks(office.journal, office.home.ledger), office.rules.orders.fee_code(on)
    found: dict[tuple[str, bool, str, str, str, str], _Group] = {}
    for part in waiting:
        statement, payee = statements[part.distribution], payees[part.customer, part.what]
        bank, fee = bank_of(banks, statement.bank), part.what is PartKind.FEE
        knp, payer = fee_code if fee else part.knp, bank.iban or office.home.operator.iban
        if (upto is None or statement.day <= upto) and not (fee and payer == payee.iban):
            key = bank.bic, fee, payee.bin, payee.iban, knp, payee.task  # of one account a part may wait (7.1)
            group = found.setdefault(key, _Group(bank, payee, knp, payer, [], []))
            group.parts.append(part)
            group.days.append(statement.day)
    return [found[key] for key in sorted(found)]


def _order(
    office: Office, group: _Group, parts: Sequence[Transfer], number: int, batch: int, now: datetime
) -> PaymentOrder:
    payee, code = group.payee, "order.purpose" if group.payee.contract else "order.fee_purpose"
    words = office.rules.texts.written.say(
        "ru", code, first=f"{min(group.days):%d.%m.%Y}", last=f"{max(group.days):%d.%m.%Y}",
        contract=payee.contract, day=payee.day,
    )  # fmt: skip
    return PaymentOrder(
        number=number,
        bank=group.bank.bic,
        batch=batch,
        customer=payee.bin,
        name=payee.name,
        bic=payee.bic,
        iban=payee.iban,
        kbe=payee.kbe,
        knp=group.knp,
        payer_iban=group.payer_iban,
        amount=sum((part.amount for part in parts), _ZERO),
        purpose=one_line(words)[:_LONGEST_PURPOSE],
        made_at=now,
    )
