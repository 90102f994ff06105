"""Control totals that a month must prove before it is drafted or closed (money.md, "Identity"; 4.1.4, 4.1.7, 4.2.5).

Asked of the connection in which the engine has just computed the month. Every proof that fails names its rows: an
identity that holds on each row, each row once, holds in every sum of rows, by account, service, customer and in total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from inbox_worker.core.queries import execute, read_query

SHOWN = 10  # rows named in a refusal


@dataclass(frozen=True)
class Broken:
    """Rows for which something does not hold, in words; `rows` names them, `count` says how many there are."""

    what: str
    count: int
    rows: tuple[str, ...]

    def __str__(self) -> str:
        more = f"; and {self.count - len(self.rows)} more" if self.count > len(self.rows) else ""
        return f"{self.what}: {'; '.join(self.rows)}{more}"


_LINES = {  # what the step `control` calls a broken identity
    "closing": "opening + charged + undelivered + recalculated + penalty - paid + moved is not closing",
    "closing_penalty": "opening_penalty + penalty - paid_penalty is not closing_penalty",
    "opening": "opening is not the closing balance of the month before",
    "before": "the month before does not add up on its own; its close was changed after it was made",
    "paid": "paid is not what payments brought",
    "moved": "moved payments do not add up to zero over the account",
}
_SUMS = read_query(__file__, "proof_sums")
_TWICE = read_query(__file__, "proof_twice")
_PAYMENTS = read_query(__file__, "proof_payments")
_PARTS = read_query(__file__, "proof_parts")
_FEES = read_query(__file__, "proof_fees")


def broken_lines(connection: duckdb.DuckDBPyConnection) -> list[Broken]:
    """Return lines that break an identity (step `control`) or are there twice, and sums by customer and service that
    differ from the entries they were made of."""
    by_what: dict[str, list[str]] = {}
    for account, customer, service, what in execute(connection, read_query(__file__, "broken_lines")).fetchall():
        place = f"account {account}" + (f", customer {customer}, {service}" if customer else "")
        by_what.setdefault(what, []).append(place)
    sums = [
        f"customer {customer}, {service}: {what} {shown} on lines, {entered} in entries"
        for customer, service, what, shown, entered in execute(connection, _SUMS).fetchall()
    ]
    twice = [
        f"account {account}, customer {customer}, {service}"
        for account, customer, service in execute(connection, _TWICE).fetchall()
    ]
    found = [(_LINES[what], places) for what, places in sorted(by_what.items())]
    return [_broken(what, rows) for what, rows in (*found, ("lines stand twice", twice), ("sums differ", sums)) if rows]


def join_broken(parts: Iterable[Broken]) -> list[Broken]:
    """Join what is broken in several ranges of accounts, each kind once."""
    found: dict[str, Broken] = {}
    for part in parts:
        known = found.get(part.what, Broken(part.what, 0, ()))
        found[part.what] = Broken(part.what, known.count + part.count, (*known.rows, *part.rows)[:SHOWN])
    return list(found.values())


def broken_payments(connection: duckdb.DuckDBPyConnection) -> list[Broken]:
    """Return payments of the month received but neither posted nor in suspense (or twice), parts that do not add up
    to their payment, fees that are not the payment's price."""
    received = [
        f"bank {bank}, payment {number}, account {account}: {got} received, {posted} posted, {suspense} in suspense"
        for bank, number, account, got, posted, suspense in execute(connection, _PAYMENTS).fetchall()
    ]
    parts = [f"{_part(row)}: {row[6]} in parts of {row[5]}" for row in execute(connection, _PARTS).fetchall()]
    fees = [
        f"{_part(row)}: fee {row[7]}, but {row[6]} % of {row[5]} is {row[8]}"
        for row in execute(connection, _FEES).fetchall()
    ]
    checks = (
        ("payments received are not posted + suspense", received),
        ("parts of a payment do not add up to it", parts),
        ("fees + transfers are not payments", fees),
    )
    return [_broken(what, rows) for what, rows in checks if rows]


def _part(row: Sequence[object]) -> str:
    return f"bank {row[0]}, payment {row[1]}, account {row[2]}, customer {row[3]}, {row[4]}"


def _broken(what: str, rows: Sequence[str]) -> Broken:
    return Broken(what, len(rows), tuple(rows[:SHOWN]))


def payment_sums(connection: duckdb.DuckDBPyConnection) -> dict[str, Decimal]:
    """Return the month's payments: received (less what went back to its bank), posted, suspense, fees, transfers."""
    values = execute(connection, _TOTALS).fetchall()[0]
    return {name: Decimal(value) for name, value in zip(NO_PAYMENTS, values, strict=True)}


_TOTALS = read_query(__file__, "payment_totals")
PAYMENT_FACTS = frozenset(("every_bank_register", "every_allocations", "every_suspense", "every_reassigned"))
NO_PAYMENTS = dict.fromkeys(("received", "posted", "suspense", "fees", "transfers"), Decimal("0.00"))  # without those
