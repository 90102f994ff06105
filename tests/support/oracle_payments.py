"""The slow accountant at his counter: how a register's payments are posted (money.md, Payments). No code of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from tests.support.oracle import Town
from tests.support.oracle_facts import Key, Part, Payment, TownLine, in_bill, shares, tiyn

PRICE = Fraction(12, 1000)  # the price list's fee
STEPS = ("opening", "current", "old_penalty", "penalty")
Share = tuple[Payment, Key | None]  # of a payment: a line's, or (None) what waits in suspense


def pay(town: Town, register: Sequence[Payment], first: int = 0) -> None:
    """By month: what waits in suspense first, then the register in order of date and number. What waits is tried in its
    own month, if that is open (`first`: the first open one), and in those of the register after it."""
    own = {payment.month for payment in register}
    waited = {max(waiting.month, first) for waiting in town.suspense if waiting.amount > 0}
    for month in sorted(own | {month for month in waited if month < max(own)}):
        for waiting in in_order([w for w in town.suspense if w.amount > 0 and w.month <= month]):
            found = replace(waiting, month=month, paid_in=waiting.paid_in or waiting.month)
            if posted(town, found, town.whose[waiting.name]):
                town.suspense.remove(waiting)
                town.moves.append((month, waiting.number, -waiting.amount))
        for payment in in_order([p for p in register if p.month == month]):
            if payment.amount > 0:
                town.whose[payment.name] = payment
                if not posted(town, payment, payment):
                    wait(town, payment)
            elif not take_back(town, payment):
                wait(town, payment)


def assign(town: Town, waiting: Payment, account: str, customer: str | None, service: str | None, first: int) -> bool:
    """Staff say where a payment that waits belongs: posted in the first open month, or not at all."""
    month = max(first, waiting.month)
    found = replace(waiting, month=month, paid_in=waiting.paid_in or waiting.month,
                    account=account, customer=customer, service=service)  # fmt: skip
    if not posted(town, found, town.whose[waiting.name]):
        return False
    town.suspense.remove(waiting)
    town.moves.append((month, waiting.number, -waiting.amount))
    return True


def in_order(payments: Sequence[Payment]) -> list[Payment]:
    """Date, then number, a reversal after its payment of the same day."""
    return sorted(payments, key=lambda p: (p.paid_on, int(p.number), p.amount < 0))


def wait(town: Town, payment: Payment) -> None:
    town.moves.append((payment.month, payment.number, payment.amount))
    town.suspense.append(payment)


# -- a payment


def posted(town: Town, payment: Payment, of: Payment) -> bool:
    parts = allocated(town, payment, of)
    town.parts += parts
    return bool(parts)


def allocated(town: Town, payment: Payment, of: Payment) -> list[Part]:
    lines = reached(town, payment)
    parts = [Part(payment, line.key, of) for line in lines]
    left = payment.amount
    for step in STEPS:
        due = [awaited(town, line, step, payment.month) for line in lines]
        taken = min(left, sum(due, Fraction(0)))
        if taken:
            for part, share in zip(parts, shares(taken, due), strict=True):
                part.amount += share
                setattr(part, step, share)
        left -= taken
    if left and lines:
        charged = [town.row(line, payment.month)["charged"] for line in lines]
        weights = charged if any(charged) else [Fraction(int(place == 0)) for place in range(len(lines))]
        for part, share in zip(parts, shares(left, weights), strict=True):
            part.amount += share
    for line, part in zip(lines, parts, strict=True):
        part.rate = rate(town, line, payment)
        part.fee = tiyn(part.amount * part.rate)
    return [part for part in parts if part.amount]


def rate(town: Town, line: TownLine, payment: Payment) -> Fraction:
    """The price list's; of a schedule's line both commissions of `Итого` in the row of the payment's month, else of the
    nearest earlier one, else of the first."""
    rows: dict[int, Fraction] = {}
    for told in town.told:
        if told.schedule and told.key == line.key and told.month <= payment.month and told.charged:
            rows[told.of] = told.commission / told.charged
    paid = payment.paid_on.year * 12 + payment.paid_on.month - 1
    earlier = [month for month in rows if month <= paid]
    return rows[max(earlier) if earlier else min(rows)] if rows else PRICE


def reached(town: Town, payment: Payment) -> list[TownLine]:
    """Lines of the bill that fit what the payment names; of a named customer whose contract has ended his lines that
    were there before, too (10.10). Who does not name him pays his lines only what they brought into the month."""
    month, lines = payment.month, town.shown(payment.month)
    if payment.customer:
        if town.over(payment.customer, month):
            lines = [line for line in town.lines if line.versions[0].start <= month]
        lines = [line for line in lines if line.key[1] == payment.customer]
    else:
        lines = [line for line in lines if not town.over(line.key[1], month) or brought(town, line, month)]
    if payment.service:
        lines = [line for line in lines if line.key[2] == payment.service]
    return sorted((line for line in lines if line.key[0] == payment.account), key=in_bill)


def brought(town: Town, line: TownLine, month: int) -> bool:
    row = town.before_moving(line, month)
    return any(value for name, value in row.items() if name not in ("paid", "paid_penalty"))


def awaited(town: Town, line: TownLine, step: str, month: int) -> Fraction:
    """What a step may still take: less what earlier payments of the month took, with what they gave back."""
    row = town.row(line, month)
    earlier = sum((getattr(p, step) for p in town.parts if (p.key, p.payment.month) == (line.key, month)), Fraction(0))
    whole = {
        "opening": row["opening"] - row["opening_penalty"],
        "current": row["charged"] + row["undelivered"] + row["recalculated"],
        "old_penalty": row["opening_penalty"],
        "penalty": row["penalty"],
    }[step]
    return max(max(whole, Fraction(0)) - earlier, Fraction(0))


# -- a payment taken back


def refused(town: Town, register: Sequence[Payment]) -> list[Payment]:
    """Reversals that take back more than is left of what was paid: their register is refused."""
    left: dict[tuple[str, str], Fraction] = {}
    for payment in town.whose.values():
        name = payment.number, payment.account
        left[name] = left.get(name, Fraction(0)) + sum(left_of(town, payment).values())
    wrong = []
    for payment in (p for month in sorted({p.month for p in register})
                    for p in in_order([p for p in register if p.month == month])):  # fmt: skip
        name = payment.number, payment.account
        if payment.amount > 0:
            left[name] = left.get(name, Fraction(0)) + payment.amount
        elif name in left and left[name] < -payment.amount:
            wrong.append(payment)
        elif name in left:
            left[name] += payment.amount
    return wrong


def left_of(town: Town, payment: Payment) -> dict[Share, Fraction]:
    """What is not given back yet of a payment, by line; None: of what waits in suspense."""
    left: dict[Share, Fraction] = {}
    for part in town.parts:
        if part.of.name == payment.name:
            left[payment, part.key] = left.get((payment, part.key), Fraction(0)) + part.amount
    for waiting in town.suspense:
        if waiting.name == payment.name:
            left[payment, None] = waiting.amount
    return {share: amount for share, amount in left.items() if amount}


def take_back(town: Town, reversal: Payment) -> bool:
    """Of the latest payment with exactly that sum, else of all in proportion to what they still have."""
    same = [p for p in town.whose.values() if (p.number, p.account) == (reversal.number, reversal.account)]
    same = sorted(same, key=lambda p: p.paid_on)
    exact = [p for p in same if p.amount == -reversal.amount == sum(left_of(town, p).values())]
    left: dict[Share, Fraction] = {}
    for payment in exact[-1:] or same:
        left |= left_of(town, payment)
    places = {line.key: place for place, line in enumerate(sorted(town.lines, key=in_bill))}
    shared = sorted(left, key=lambda share: places[share[1]] if share[1] else len(places))
    if not shared:
        return False
    for share, amount in zip(shared, shares(-reversal.amount, [left[s] for s in shared]), strict=True):
        payment, key = share
        if amount and key is None:
            town.moves.append((reversal.month, reversal.number, -amount))
            [old] = [w for w in town.suspense if w.name == payment.name]
            town.suspense.remove(old)
            if old.amount > amount:
                town.suspense.append(replace(old, amount=old.amount - amount))
        elif amount:
            kept = [p for p in town.parts if (p.of.name, p.key) == (payment.name, key)]
            town.parts.append(given_back(reversal, kept, amount, amount == left[share]))
    return True


def given_back(reversal: Payment, kept: list[Part], amount: Fraction, whole: bool) -> Part:
    """What was taken last is given back first: advance, penalties, the month, then old debts.

    What paid a debt of an earlier month is now awaited as an old debt.
    """
    withheld = sum((part.fee for part in kept), Fraction(0))
    fee = withheld if whole else min(tiyn(amount * kept[0].rate), withheld)
    given = Part(reversal, kept[0].key, kept[0].of, -amount, fee=-fee)
    had = {step: sum((getattr(part, step) for part in kept), Fraction(0)) for step in STEPS}
    left = amount - min(amount, sum((part.amount for part in kept), Fraction(0)) - sum(had.values()))
    if kept[0].payment.month < reversal.month:
        had["opening"], had["current"] = had["opening"] + had["current"], Fraction(0)
        had["old_penalty"], had["penalty"] = had["old_penalty"] + had["penalty"], Fraction(0)
    for step in ("penalty", "old_penalty", "current", "opening"):
        share = min(left, had[step])
        setattr(given, step, -share)
        left -= share
    return given
