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
_POSTED = """
select bank, number, account, customer, service, max(percent) as percent, sum(amount) as amount,
  sum(advance_part) as advance_part, sum(penalty_part) as penalty_part,
  sum(opening_penalty_part) as opening_penalty_part, sum(month_part) as month_part, sum(opening_part) as opening_part
from allocations semi join taken_back using (bank, number, account)
group by bank, number, account, customer, service having sum(amount) > 0 order by customer, service
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

    Every line gives back what it got, in proportion when only a part is taken back; of a line first what was
    advance, then penalty, then the month, then the opening debt. The fee is given back at the payment's own percent.
    A reversal of a payment in suspense takes it out of there; one that fits no payment waits in suspense itself.
    `rows` have the register's columns and `payment`, their own number. The views `allocations` and `suspense` must
    show what was posted before.
    """
    parts: list[Mapping[str, Any]] = []
    suspense: list[Mapping[str, Any]] = []
    taken: dict[tuple[str, str, str, str, str], Decimal] = {}
    named = {name: pa.array([row[name] for row in rows], pa.string()) for name in _NAMES}
    connection.register("taken_back", pa.table(named))
    allocated, waiting = _by_name(connection, _POSTED), _by_name(connection, _WAITING)
    for row in rows:
        name = tuple(row[part] for part in _NAMES)
        posted = allocated.get(name, [])
        keys = [(row["bank"], row["number"], row["account"], p["customer"], p["service"]) for p in posted]
        left = sum((p["amount"] for p in posted), Decimal(0)) - sum(
            (taken.get(k, Decimal(0)) for k in keys), Decimal(0)
        )
        if left >= -row["amount"]:
            free = [p["amount"] - taken.get(key, Decimal(0)) for p, key in zip(posted, keys, strict=True)]
            for line, key, amount in zip(posted, keys, split(-row["amount"], free), strict=True):
                if amount:
                    parts.append(_part(row, line, amount, taken.get(key, Decimal(0))))
                    taken[key] = taken.get(key, Decimal(0)) + amount
        else:
            suspense.append(_from_suspense(row, waiting.get(name, []), suspense))
    return Reversed(tuple(parts), tuple(suspense))


def _by_name(connection: duckdb.DuckDBPyConnection, query: str) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Rows by the bank, number and account of the payment."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in connection.sql(query).to_arrow_table().to_pylist():
        found.setdefault(tuple(row[part] for part in _NAMES), []).append(row)
    return found


def _from_suspense(
    row: Mapping[str, Any], waiting: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    for one in waiting:
        left = one["amount"] + sum((r["amount"] for r in before if r["payment"] == one["payment"]), Decimal(0))
        if left >= -row["amount"]:
            told = {name: one[name] for name in ("payment", "paid_on", "payee", "service")}
            return {**row, **told, "customer": one["payee"], "reason": "payment.reversed"}
    return {**row, "customer": row["payee"], "reason": "payment.unknown"}


def _part(row: Mapping[str, Any], line: Mapping[str, Any], amount: Decimal, before: Decimal) -> dict[str, Any]:
    found: dict[str, Any] = {**row, "customer": line["customer"], "service": line["service"], "amount": -amount}
    left = amount
    for name in PARTS:  # what earlier reversals of this register took of the line is skipped
        skipped = min(before, line[name])
        before -= skipped
        share = min(left, line[name] - skipped)
        found[name] = -share
        left -= share
    return {**found, "percent": line["percent"], "fee": -round_money(amount * line["percent"] / 100)}


def suspended(connection: duckdb.DuckDBPyConnection, month: Period) -> pa.Table:
    """Payments of a month or earlier that stand in suspense, oldest first, with their place in the register."""
    return connection.sql(_SUSPENDED, params={"month": month.first_day}).to_arrow_table()
