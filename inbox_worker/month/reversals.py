"""Reversals of payments by the bank, and payments in suspense that find their line later (4.1.7).

Both are entries of their own: what was posted once is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from inbox_worker.core.model import Period
from inbox_worker.core.money import round_money, split
from inbox_worker.core.queries import read_query
from inbox_worker.month.reassigned import RETURNED, REVERSED, reassign, show_placed

NAMES = ("bank", "number", "account")  # what names a payment to the bank
Row = Mapping[str, Any]
PARTS = ("advance_part", "penalty_part", "opening_penalty_part", "month_part", "opening_part")  # taken back in turn
_BECOMES_OLD = (("opening_part", "month_part"), ("opening_penalty_part", "penalty_part"))  # in a later month
_POSTED = read_query(__file__, "reversed_parts")
_WAITING = read_query(__file__, "reversed_waiting")
_RETURNED = read_query(__file__, "reversed_returned")
_SUSPENDED = read_query(__file__, "suspended_upto")
_LEFT = read_query(__file__, "reversed_left")


@dataclass
class Reversed:
    """Entries of a register's reversals: parts with the sign turned, what stands in suspense, and what goes back from
    the account where staff said that a payment belongs to the one that the bank names.

    `unlike`: reversals whose sum is that of no payment of their name; they were taken of all in proportion.
    """

    parts: list[Row] = field(default_factory=list)
    suspense: list[Row] = field(default_factory=list)
    reassigned: list[Row] = field(default_factory=list)
    unlike: list[Row] = field(default_factory=list)


def reverse(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> Reversed:
    """Reverse payments: a negative sum with the bank, number and account of payments posted before.

    It is of the latest payment with exactly that sum, of which nothing was given back yet; else of all of that name,
    in proportion to what is left of them (ties by service order, БИН, then the earlier payment; what waits in
    suspense, and what staff sent back, last). Every line gives back first what was advance, then penalty, then the
    month, then the opening debt. What an earlier month's charge or penalty got is now awaited as an old one. The fee is
    given back at the payment's own rate, and whole with the last of the payment: of one taken back wholly nothing is
    withheld (5.1).
    A reversal that fits no payment waits in suspense itself; one of more than is left is refused beforehand
    (`find_exceeding`). `rows` have the register's columns and `payment`, their own number, in order. The views
    `allocations`, `suspense` and `reassigned` must show what was posted before.
    """
    _ask_for(connection, rows)
    held = _by_name(connection, _POSTED)
    for query, where in ((_WAITING, "waits"), (_RETURNED, "returned")):
        for name, elsewhere in _by_name(connection, query).items():
            held.setdefault(name, []).extend({**one, where: True} for one in elsewhere)
    found = Reversed()
    for row in rows:
        _reverse_one(found, row, [one for one in held.get(_name(row), []) if one["amount"]])
    return found


def _reverse_one(found: Reversed, row: Row, held: Sequence[dict[str, Any]]) -> None:
    amount = -row["amount"]
    left: dict[str, Decimal] = {}
    for one in held:
        left[one["payment"]] = left.get(one["payment"], Decimal(0)) + one["amount"]
    alike = [one for one in held if one["whole"] == left[one["payment"]] == amount]
    if alike:
        latest = max(alike, key=lambda one: (one["paid_on"], one["told"], one["row"]))["payment"]
        held = [one for one in held if one["payment"] == latest]
    elif sum(left.values(), Decimal(0)) >= amount:
        found.unlike.append(row)
    else:
        found.suspense.append({**row, "customer": row["payee"], "reason": "payment.unknown"})
        return
    for one, share in zip(held, split(amount, [one["amount"] for one in held]), strict=True):
        if share and "waits" in one:
            found.suspense.append(_from_suspense(row, one, share))
        elif share and "returned" in one:
            found.reassigned.append(_tell_returned(row, one, share))
        elif share:
            found.parts.append(_take_back(row, one, share))
            if one["stands"] != row["account"]:
                found.reassigned += reassign(row, one["stands"], -share, REVERSED)


def _ask_for(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    named = {name: pa.array([row[name] for row in rows], pa.string()) for name in NAMES}
    connection.register("taken_back", pa.table(named))
    show_placed(connection)


def _name(row: Row) -> tuple[str, ...]:
    return tuple(row[part] for part in NAMES)


def _by_name(connection: duckdb.DuckDBPyConnection, query: str) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Return rows by the bank, number and account of the payment."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in connection.sql(query).to_arrow_table().to_pylist():
        found.setdefault(_name(row), []).append(row)
    return found


def _from_suspense(row: Row, one: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    """Take the amount out of what waits, so that no other reversal does."""
    one["amount"] -= amount
    kept = {name: one[name] for name in ("payment", "paid_on", "payee", "service")}
    return {**row, **kept, "amount": -amount, "customer": one["payee"], "reason": REVERSED}


def _tell_returned(row: Row, one: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    """Undo what staff said when they sent a payment back: the register says it now."""
    one["amount"] -= amount
    kept = {name: one[name] for name in ("payment", "paid_on")}
    return {**row, **kept, "other": "", "amount": amount, "reason": RETURNED}


def _take_back(row: Row, line: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    """Return what a line gives back, taken off what it has left. The last of a payment takes the last of its fee
    with it."""
    fee = line["fee"] if amount == line["amount"] else min(_own_fee(line, amount), line["fee"])
    kept = {name: line[name] for name in ("customer", "service", "percent", "commission", "commission_of")}
    found: dict[str, Any] = {**row, **kept, "account": line["stands"], "amount": -amount, "fee": -fee}
    for old, new in _BECOMES_OLD:
        later = line["month"] < row["month"]
        if later or line[old] < 0:  # below zero: a later month gave back what this one's charge had got
            source, target = (new, old) if later else (old, new)
            line[target] += line[source]
            line[source] = Decimal(0)
    left = amount
    for name in PARTS:
        share = min(left, line[name])
        found[name] = -share
        line[name] -= share
        left -= share
    line["amount"] -= amount
    line["fee"] -= fee
    return {**found, "reverses": line["payment"]}


def _own_fee(line: Row, amount: Decimal) -> Decimal:
    """Return the fee of a part of what a line got, at the rate that was withheld."""
    if line["commission"] is None:
        return round_money(amount * line["percent"] / 100)
    part, whole = (int(line[name] * 100) for name in ("commission", "commission_of"))
    return Decimal((2 * int(amount * 100) * part + whole) // (2 * whole)).scaleb(-2)


def find_exceeding(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> list[Row]:
    """Return the reversals that take back more than is left of the payments of their name: those are refused.

    `rows`: a register in order. The views `allocations`, `suspense` and `reassigned` must show what was posted before.
    """
    _ask_for(connection, [row for row in rows if row["amount"] < 0])
    left = {name: known[0]["amount"] for name, known in _by_name(connection, _LEFT).items()}
    found = []
    for row in rows:
        name, amount = _name(row), row["amount"]
        if amount < 0 and name in left and left[name] < -amount:
            found.append(row)
        elif amount > 0 or name in left:
            left[name] = left.get(name, Decimal(0)) + amount
    return found


def find_suspended(connection: duckdb.DuckDBPyConnection, month: Period) -> pa.Table:
    """Return payments of a month or earlier that stand in suspense, with their place in the register."""
    return connection.sql(_SUSPENDED, params={"month": month.first_day}).to_arrow_table()
