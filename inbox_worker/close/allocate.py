"""Payments over an account's lines, once, on loading (4.1.7, money.md "Payments").

In steps, each in proportion, until nothing is left: opening debts without penalty; the month's charges;
penalty, opening then the month's; advance. A payment that names Customer and service is wholly that line's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from inbox_worker.money import split

ZERO = Decimal("0.00")
PARTS = ("opening", "month", "opening_penalty", "penalty")


@dataclass(frozen=True)
class Payment:
    """A consumer's payment as the bank's register names it. `payee` and `service` may be ''."""

    id: str
    account: str
    payee: str
    service: str
    amount: Decimal


@dataclass
class Due:
    """What a line still awaits in the month, after earlier payments of the month; changes as payments come."""

    customer: str
    service: str
    opening: Decimal
    month: Decimal
    opening_penalty: Decimal
    penalty: Decimal
    charged: Decimal  # this month's charge: the weight of an advance


@dataclass(frozen=True)
class Part:
    """A payment's part that one line got, by what it paid; the parts of a payment add up to it exactly."""

    payment: str
    customer: str
    service: str
    opening: Decimal = ZERO
    month: Decimal = ZERO
    opening_penalty: Decimal = ZERO
    penalty: Decimal = ZERO
    advance: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        return self.opening + self.month + self.opening_penalty + self.penalty + self.advance


@dataclass(frozen=True)
class Allocated:
    """All payments, allocated or in suspense with the reason; none is dropped."""

    parts: tuple[Part, ...]
    suspense: tuple[tuple[Payment, str], ...]


@dataclass
class _Shares:
    parts: dict[tuple[str, str], Part] = field(default_factory=dict)

    def add(self, payment: str, due: Due, what: str, amount: Decimal) -> None:
        key = (due.customer, due.service)
        part = self.parts.get(key) or Part(payment, due.customer, due.service)
        self.parts[key] = replace(part, **{what: getattr(part, what) + amount})
        if what in PARTS:
            setattr(due, what, getattr(due, what) - amount)


def allocate(
    payments: Iterable[Payment],
    dues: Mapping[str, Sequence[Due]],
) -> Allocated:
    """Each payment by itself, in the given order. `dues`: lines by account, in service order, then БИН."""
    parts: list[Part] = []
    suspense: list[tuple[Payment, str]] = []
    for payment in payments:
        lines = dues.get(payment.account, ())
        if payment.payee:
            lines = [line for line in lines if line.customer == payment.payee]
        if payment.payee and payment.service:
            lines = [line for line in lines if line.service == payment.service]
        if not lines:
            suspense.append((payment, _why(payment, dues)))
        elif payment.payee and payment.service:
            parts += _to_line(payment, lines[0])
        else:
            parts += _over(payment, lines)
    return Allocated(tuple(parts), tuple(suspense))


def _why(payment: Payment, dues: Mapping[str, Sequence[Due]]) -> str:
    return "line.unknown" if payment.account in dues else "account.unknown"


def _to_line(payment: Payment, line: Due) -> list[Part]:
    """Wholly the named line's: against its opening, then its month; the excess is its advance."""
    shares, left = _Shares(), payment.amount
    for what in ("opening", "month"):
        taken = min(left, getattr(line, what))
        if taken > 0:
            shares.add(payment.id, line, what, taken)
            left -= taken
    if left > 0:
        shares.add(payment.id, line, "advance", left)
    return list(shares.parts.values())


def _over(payment: Payment, lines: Sequence[Due]) -> list[Part]:
    shares, left = _Shares(), payment.amount
    for what in PARTS:
        left = _step(payment.id, lines, what, left, shares)
    if left > 0:
        weights = [max(line.charged, ZERO) for line in lines]
        if not any(weights):
            weights = [Decimal(1), *[ZERO] * (len(lines) - 1)]
        for line, amount in zip(lines, split(left, weights), strict=True):
            if amount:
                shares.add(payment.id, line, "advance", amount)
    order = {(line.customer, line.service): place for place, line in enumerate(lines)}
    return [shares.parts[key] for key in sorted(shares.parts, key=order.__getitem__)]


def _step(payment: str, lines: Sequence[Due], what: str, left: Decimal, shares: _Shares) -> Decimal:
    """Fills what the lines await of one kind, in proportion when the money does not reach. Returns the rest."""
    awaited: list[Decimal] = [getattr(line, what) for line in lines]
    total = sum(awaited, ZERO)
    if left <= 0 or total <= 0:
        return left
    given = awaited if left >= total else split(left, awaited)
    for line, amount in zip(lines, given, strict=True):
        if amount:
            shares.add(payment, line, what, amount)
    return left - min(left, total)
