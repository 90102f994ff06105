"""Payments of a whole register at once are what each payment by itself would be, in plain fractions (money.md)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_worker.month.allocate import MONEY, PARTS, allocate, money_of, tiyn_of
from tests.support.oracle_facts import shares

Dues = dict[str, list[dict[str, Any]]]
ALL = (*PARTS, "advance")


@settings(deadline=None, derandomize=True, max_examples=200, suppress_health_check=list(HealthCheck), database=None)
@given(seed=st.integers(0, 2**32), most=st.sampled_from([3, 100, 10**6, 10**10, 10**16]))
def test_a_register_at_once_equals_payment_by_payment(seed: int, most: int) -> None:
    """Also several payments of an account, with Customer, service or both named, and products far over 2^53."""
    dice = Random(seed)
    dues = {f"{account}": town_lines(dice, most) for account in range(dice.randint(1, 5))}
    payments = [town_payment(dice, most) for _ in range(dice.randint(0, 25))]
    found = allocate(payment_table(payments), line_table(dues))
    ours = {
        (int(payment), int(line)): [int(found.paid[what][place]) for what in ALL]
        for place, (payment, line) in enumerate(zip(found.payment, found.line, strict=True))
    }
    assert ours == slowly(payments, dues)
    lost = {place for place, payment in enumerate(payments) if not lines_of(payment, dues)}
    assert set(found.unknown.tolist()) == lost
    assert [bool(flag) for flag in found.no_account] == [payments[place][0] not in dues for place in sorted(lost)]


def test_many_payments_of_one_account_in_a_register() -> None:
    """A thousand payments of 0.01 over three charges of 3.00: each by itself fills them, the rest is the first's."""
    dues: Dues = {"1": [line("A", service, month=300) for service in ("maintenance", "lift", "cleaning")]}
    payments = [("1", "", "", 1) for _ in range(1000)]
    found = allocate(payment_table(payments), line_table(dues))
    assert found.paid["month"].sum() == 900 and found.paid["advance"].sum() == 100
    by_line = [int(found.paid["month"][found.line == place].sum()) for place in range(3)]
    assert by_line == [300, 300, 300]
    assert set(found.line[found.paid["advance"] > 0].tolist()) == {0}


def test_balances_beyond_64_bits_are_refused_in_words() -> None:
    """numpy would wrap around silently and give a debt as an advance."""
    dues: Dues = {"1": [line("A", f"s{n}", opening=10**18 - 1) for n in range(5)]}
    with pytest.raises(OverflowError, match="look at the directory"):
        allocate(payment_table([("1", "", "", 100)]), line_table(dues))


def line(customer: str, service: str, **due: int) -> dict[str, Any]:
    return {"customer": customer, "service": service, "named": 0, **dict.fromkeys((*PARTS, "charged"), 0), **due}


def town_lines(dice: Random, most: int) -> list[dict[str, Any]]:
    lines = [line(customer, service) for service in ("maintenance", "lift", "heating") for customer in "AB"]
    chosen = [one for one in lines if dice.random() < 0.6] or lines[:1]
    for one in chosen:
        for what in (*PARTS, "charged"):
            one[what] = dice.choice([0, 0, 1, dice.randint(0, most)])
        one["named"] = int(dice.random() < 0.1)
    return chosen


def town_payment(dice: Random, most: int) -> tuple[str, str, str, int]:
    payee, service = dice.choice(["", "", "A", "B", "C"]), dice.choice(["", "", "maintenance", "heating"])
    return (
        f"{dice.randint(0, 5)}",
        payee,
        service,
        dice.choice([1, 2, dice.randint(1, most), dice.randint(1, 3 * most)]),
    )


def payment_table(payments: list[tuple[str, str, str, int]]) -> pa.Table:
    columns = list(zip(*payments, strict=True)) or [(), (), (), ()]
    names = ("account", "payee", "service")
    texts = {
        name: pa.array([t or None for t in column], pa.string())
        for name, column in zip(names, columns[:3], strict=True)
    }
    return pa.table({**texts, "amount": money(list(columns[3]))})


def line_table(dues: Dues) -> pa.Table:
    rows = [{"account": account, **one} for account in sorted(dues) for one in dues[account]]
    texts = {name: pa.array([row[name] for row in rows], pa.string()) for name in ("account", "customer", "service")}
    named = pa.array([bool(row["named"]) for row in rows], pa.bool_())
    sums = {what: money([row[what] for row in rows]) for what in (*PARTS, "charged")}
    return pa.table({**texts, "named_only": named, **sums})


def money(tiyn: list[int]) -> pa.Array:
    return pa.array([Decimal(amount) / 100 for amount in tiyn], MONEY)


def lines_of(payment: tuple[str, str, str, int], dues: Dues) -> list[dict[str, Any]]:
    account, payee, service, _ = payment
    lines = [one for one in dues.get(account, []) if payee == one["customer"] or not (payee or one["named"])]
    return [one for one in lines if one["service"] == service] if service else lines


def slowly(payments: list[tuple[str, str, str, int]], dues: Dues) -> dict[tuple[int, int], list[int]]:
    """Payment by payment, step by step; what lines await is taken off `dues`."""
    places = {id(one): n for n, one in enumerate(one for account in sorted(dues) for one in dues[account])}
    found: dict[tuple[int, int], list[int]] = {}
    for number, payment in enumerate(payments):
        lines, left = lines_of(payment, dues), payment[3]
        for what in PARTS:
            awaited = [Fraction(one[what]) for one in lines]
            taken = min(left, int(sum(awaited)))
            for one, part in zip(lines, split(taken, awaited), strict=True):
                put(found, number, places[id(one)], what, part)
                one[what] -= part
            left -= taken
        weights = [Fraction(one["charged"]) for one in lines]
        if lines and not any(weights):
            weights[0] = Fraction(1)
        for one, part in zip(lines, split(left if lines else 0, weights), strict=True):
            put(found, number, places[id(one)], "advance", part)
    return found


def split(amount: int, weights: list[Fraction]) -> list[int]:
    if not amount:
        return [0] * len(weights)
    return [int(part * 100) for part in shares(Fraction(amount, 100), weights)]


def put(found: dict[tuple[int, int], list[int]], payment: int, line: int, what: str, part: int) -> None:
    if part:
        found.setdefault((payment, line), [0] * len(ALL))[ALL.index(what)] += part


@pytest.mark.parametrize("tiyn", [0, 1, -1, 10**17 + 1, -(10**18) + 1])
def test_tiyn_and_back(tiyn: int) -> None:
    assert tiyn_of(pa.chunked_array([money([tiyn])])).tolist() == [tiyn]
    assert money_of(tiyn_of(pa.chunked_array([money([tiyn])]))).equals(money([tiyn]))


def test_tiyn_of_a_part_of_columns_in_pieces() -> None:
    pieces = [money([1, -2, 3, 4]).slice(1, 2), money([]), money([5, 10**17]).slice(1)]
    assert tiyn_of(pa.chunked_array(pieces)).tolist() == [-2, 3, 10**17]
    assert tiyn_of(pa.chunked_array([], MONEY)).tolist() == money_of(tiyn_of(pa.chunked_array([], MONEY))).to_pylist()


@pytest.mark.parametrize("tiyn", [10**18, -(10**18), 2**63 - 1, -(2**63)])
def test_a_sum_that_money_does_not_hold_is_an_error(tiyn: int) -> None:
    with pytest.raises(pa.ArrowInvalid):
        money_of(np.array([0, tiyn]))
