"""The slow accountant at his counter: how a register's payments are posted (money.md, Payments). No code of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from tests.support.oracle import Town
from tests.support.oracle_facts import Key, Part, Payment, TownLine, in_bill, shares, tiyn

FEE = Fraction(12, 1000)
STEPS = ("opening", "current", "old_penalty", "penalty")


def pay(town: Town, register: Sequence[Payment]) -> None:
    """By month: what waits in suspense first, then the register in order of date and number, reversals last."""
    for month in sorted({payment.month for payment in register}):
        for waiting in in_order([w for w in town.suspense if w.amount > 0]):
            found = replace(waiting, month=month, paid_in=waiting.paid_in or waiting.month)
            if posted(town, found):
                town.suspense.remove(waiting)
                town.moves.append((month, waiting.number, -waiting.amount))
        todays = [payment for payment in register if payment.month == month]
        for payment in in_order([p for p in todays if p.amount > 0]) + in_order([p for p in todays if p.amount < 0]):
            if not posted(town, payment):
                wait(town, payment)


def in_order(payments: Sequence[Payment]) -> list[Payment]:
    return sorted(payments, key=lambda p: (p.paid_on, int(p.number)))


def wait(town: Town, payment: Payment) -> None:
    """Into suspense; what takes back a payment that waits there leaves so much less waiting."""
    town.moves.append((payment.month, payment.number, payment.amount))
    same = [w for w in town.suspense if (w.number, w.account) == (payment.number, payment.account)]
    if payment.amount < 0 and same and sum(w.amount for w in same) >= -payment.amount:
        [old] = same
        town.suspense.remove(old)
        if old.amount + payment.amount:
            town.suspense.append(replace(old, amount=old.amount + payment.amount))
    else:
        town.suspense.append(payment)


def posted(town: Town, payment: Payment) -> bool:
    parts = taken_back(town, payment) if payment.amount < 0 else allocated(town, payment)
    town.parts += parts
    return bool(parts)


# -- a payment


def allocated(town: Town, payment: Payment) -> list[Part]:
    lines = reached(town, payment)
    parts = [Part(payment, line.key) for line in lines]
    rows = [town.row(line, payment.month) for line in lines]
    left = payment.amount
    for step in STEPS[:2] if payment.customer and payment.service else STEPS:
        due = [awaited(town, line, step, payment.month) for line in lines]
        taken = min(left, sum(due, Fraction(0)))
        if taken:
            for part, share in zip(parts, shares(taken, due), strict=True):
                part.amount += share
                setattr(part, step, share)
        left -= taken
    if left and lines:
        charged = [row["charged"] for row in rows]
        weights = charged if any(charged) else [Fraction(int(place == 0)) for place in range(len(lines))]
        for part, share in zip(parts, shares(left, weights), strict=True):
            part.amount += share
    for part in parts:
        part.fee = tiyn(part.amount * FEE)
    return [part for part in parts if part.amount]


def reached(town: Town, payment: Payment) -> list[TownLine]:
    """Lines of the bill; of a named customer whose contract has ended his lines that were there before, too (10.10)."""
    month, lines = payment.month, town.shown(payment.month)
    if payment.customer:
        if town.over(payment.customer, month):
            lines = [line for line in town.lines if line.versions[0].start <= month]
        lines = [line for line in lines if line.key[1] == payment.customer]
        if payment.service:
            lines = [line for line in lines if line.key[2] == payment.service]
    return sorted((line for line in lines if line.key[0] == payment.account), key=in_bill)


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


def taken_back(town: Town, reversal: Payment) -> list[Part]:
    """Lines give back in proportion to what they still have of the payment; with the last of it the last of its fee."""
    kept: dict[Key, list[Part]] = {}
    for part in town.parts:
        if (part.payment.number, part.payment.account) == (reversal.number, reversal.account):
            kept.setdefault(part.key, []).append(part)
    lines = sorted((line for line in town.lines if line.key in kept), key=in_bill)
    left = [sum((part.amount for part in kept[line.key]), Fraction(0)) for line in lines]
    if sum(left) < -reversal.amount:
        return []
    back = shares(-reversal.amount, left)
    return [
        given_back(reversal, kept[line.key], amount, amount == whole)
        for line, amount, whole in zip(lines, back, left, strict=True)
        if amount
    ]


def given_back(reversal: Payment, kept: list[Part], amount: Fraction, whole: bool) -> Part:
    """What was taken last is given back first: advance, penalties, the month, then old debts.

    What paid a debt of an earlier month is now awaited as an old debt.
    """
    fee = sum((part.fee for part in kept), Fraction(0)) if whole else tiyn(amount * FEE)
    given = Part(reversal, kept[0].key, -amount, fee=-fee)
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
