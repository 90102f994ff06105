"""Payments taken back by the bank, and payments in suspense that find their line later (4.1.7).

Both are entries of their own: what was posted once is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from inbox_worker.model import Period
from inbox_worker.money import round_money, split

_NAMES = ("bank", "number", "account")  # what names a payment
PARTS = ("advance_part", "penalty_part", "opening_penalty_part", "month_part", "opening_part")  # taken back in turn
_BECOMES_OLD = (("opening_part", "month_part"), ("opening_penalty_part", "penalty_part"))  # in a later month
_POSTED = """
select bank, number, account, customer, service, min(month) as month, max(percent) as percent, sum(amount) as amount,
  sum(fee) as fee, sum(advance_part) as advance_part, sum(penalty_part) as penalty_part,
  sum(opening_penalty_part) as opening_penalty_part, sum(month_part) as month_part, sum(opening_part) as opening_part
from allocations semi join taken_back using (bank, number, account) join services using (service)
group by bank, number, account, customer, service, place having sum(amount) > 0 order by place, customer
"""
_WAITING = """
select bank, number, account, payment, paid_on, payee, service, sum(amount) as amount
from suspense semi join taken_back using (bank, number, account)
group by bank, number, account, payment, paid_on, payee, service having sum(amount) > 0
order by paid_on desc, payment desc
"""
_SUSPENDED = """
select payment, bank, paid_on, number, account, payee, service, sum(amount) as amount,
  min(submission) as submission, min(sheet) as sheet, min(row) as row
from suspense group by payment, bank, paid_on, number, account, payee, service
having sum(amount) > 0 and min(month) <= $month
order by paid_on, number, payment
"""


@dataclass(frozen=True)
class Reversed:
    """Entries of a register's reversals: parts with the sign turned, and what stands in suspense."""

    parts: tuple[Mapping[str, Any], ...]
    suspense: tuple[Mapping[str, Any], ...]


def reverse(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> Reversed:
    """Takes payments back: a negative sum with the bank, number and account of a payment posted before.

    Every line gives back what it got, in proportion when only a part is taken back (ties by service order, then БИН);
    of a line first what was advance, then penalty, then the month, then the opening debt. What an earlier month's
    charge or penalty got is now awaited as an old one. The fee is given back at the payment's own percent,
    and whole with the last of the payment: of one taken back wholly nothing is withheld (5.1).
    A reversal of a payment in suspense takes it out of there; one that fits no payment waits in suspense itself.
    `rows` have the register's columns and `payment`, their own number. The views `allocations` and `suspense` must
    show what was posted before.
    """
    named = {name: pa.array([row[name] for row in rows], pa.string()) for name in _NAMES}
    connection.register("taken_back", pa.table(named))
    allocated, waiting = _by_name(connection, _POSTED), _by_name(connection, _WAITING)
    parts: list[Mapping[str, Any]] = []
    suspense: list[Mapping[str, Any]] = []
    for row in rows:
        name, amount = tuple(row[part] for part in _NAMES), -row["amount"]
        posted = [line for line in allocated.get(name, []) if line["amount"]]
        if sum((line["amount"] for line in posted), Decimal(0)) >= amount:
            shares = zip(posted, split(amount, [line["amount"] for line in posted]), strict=True)
            parts += [_take_back(row, line, share) for line, share in shares if share]
        else:
            suspense.append(_from_suspense(row, amount, waiting.get(name, [])))
    return Reversed(tuple(parts), tuple(suspense))


def _by_name(connection: duckdb.DuckDBPyConnection, query: str) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Rows by the bank, number and account of the payment."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in connection.sql(query).to_arrow_table().to_pylist():
        found.setdefault(tuple(row[part] for part in _NAMES), []).append(row)
    return found


def _from_suspense(row: Mapping[str, Any], amount: Decimal, waiting: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Takes the amount out of what waits, so that no other reversal does."""
    for one in waiting:
        if one["amount"] >= amount:
            one["amount"] -= amount
            told = {name: one[name] for name in ("payment", "paid_on", "payee", "service")}
            return {**row, **told, "customer": one["payee"], "reason": "payment.reversed"}
    return {**row, "customer": row["payee"], "reason": "payment.unknown"}


def _take_back(row: Mapping[str, Any], line: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    """What a line gives back, taken off what it has left. The last of a payment takes the last of its fee with it."""
    own = round_money(amount * line["percent"] / 100)
    fee = line["fee"] if amount == line["amount"] else min(own, line["fee"])
    found: dict[str, Any] = {**row, "customer": line["customer"], "service": line["service"], "amount": -amount}
    if line["month"] < row["month"]:
        for old, new in _BECOMES_OLD:
            line[old] += line[new]
            line[new] = Decimal(0)
    left = amount
    for name in PARTS:
        share = min(left, line[name])
        found[name] = -share
        line[name] -= share
        left -= share
    line["amount"] -= amount
    line["fee"] -= fee
    return {**found, "percent": line["percent"], "fee": -fee}


def suspended(connection: duckdb.DuckDBPyConnection, month: Period) -> pa.Table:
    """Payments of a month or earlier that stand in suspense, oldest first, with their place in the register."""
    return connection.sql(_SUSPENDED, params={"month": month.first_day}).to_arrow_table()
