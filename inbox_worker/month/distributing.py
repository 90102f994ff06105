"""Distribution of a bank's payments to Customers, day by day, as they were allocated on loading (4.1.7).

It does not wait for the close. A payment's part is in one statement only: that of its bank, its day and its month of
account, and the first one made after it was posted. So the statements of a month add up to the month's distribution.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import pyarrow as pa

from inbox_worker.core.model import FactFile, Period
from inbox_worker.core.queries import read_query
from inbox_worker.ledger.facts import register
from inbox_worker.ledger.questions import scratch
from inbox_worker.ledger.transfers import Distribution, PartKind, Transfer
from inbox_worker.month.office import Office

_ZERO = Decimal("0.00")
_NEW = read_query(__file__, "undistributed")
_SHARES: Mapping[tuple[str, ...], str] = {
    ("customer", "service"): read_query(__file__, "shares_by_service"),
    ("submission",): read_query(__file__, "shares_by_submission"),
}
_STATEMENTS = pa.schema({
    "number": pa.int64(), "bank": pa.string(), "day": pa.date32(), "month": pa.date32(), "after": pa.int64(),
    "upto": pa.int64(),
})  # fmt: skip
_REACHED = pa.schema({"bank": pa.string(), "paid_on": pa.date32(), "month": pa.date32(), "upto": pa.int64()})


@dataclass(frozen=True)
class Share:
    """Payments of a statement: `of` says which, a Customer and service or a register's submission."""

    of: tuple[str, ...]
    count: int
    received: Decimal
    fee: Decimal

    @property
    def transfer(self) -> Decimal:
        """Return what is passed on."""
        return self.received - self.fee


def distribute(office: Office, now: datetime, day: date | None = None) -> list[Distribution]:
    """Record a statement for each bank, day and month with payments that are in none yet (`day`: only that day's), all
    in one transaction, and return them. Their documents are made of what is recorded, so a kill loses none."""
    rows = _find_new(office, day)
    if not rows:
        return []
    kinds = {bin_: customer.kind for bin_, customer in office.journal.customers.at(now).items()}
    known = office.journal.transfers.distributions()
    places, reached = Counter((one.bank, one.day) for one in known), _find_reached(known)
    with office.journal.transaction() as connection:
        for (bank, paid_on, first), of in groupby(rows, key=lambda row: (row["bank"], row["paid_on"], row["month"])):
            month, group = Period.of(first), list(of)
            places[bank, paid_on] += 1
            after, upto = reached.get((bank, paid_on, month), 0), max(row["upto"] for row in group)
            one = Distribution(0, bank, paid_on, month, places[bank, paid_on], after, upto, now)
            office.journal.transfers.distribute(connection, one, _parts(office, group, kinds, now.date()))
    return [one for one in office.journal.transfers.distributions() if one.number > len(known)]


def sum_undistributed(office: Office) -> Decimal:
    """Return what was posted and is in no statement yet, fees included."""
    return sum((row["received"] for row in _find_new(office, None)), _ZERO)


def find_shares(
    office: Office, statements: Sequence[Distribution], by: Sequence[str]
) -> Mapping[int, list[Share]]:  # fmt: skip
    """Return the sums of statements, by their number, by columns of allocations (`customer` and `service`, or
    `submission`); the facts are read once for all of them."""
    months = {one.month for one in statements}
    files = [file for file in office.journal.facts.files("allocations") if file.month in months]
    rows = [{name: getattr(one, name) for name in _STATEMENTS.names} for one in statements]
    table = [{**row, "month": row["month"].first_day} for row in rows]
    scratch().register("statements", pa.Table.from_pylist(table, schema=_STATEMENTS))
    found: dict[int, list[Share]] = defaultdict(list)
    for row in _ask(office, files, _SHARES[tuple(by)]):
        share = Share(tuple(row[name] for name in by), row["count"], row["received"], row["fee"])
        found[row["number"]].append(share)
    return found


def part_kind(office: Office, service: str) -> PartKind:
    """Return what payments of a service are (7.1)."""
    return PartKind.UTILITY if office.rules.service(service).utility else PartKind.HOUSE


def _parts(office: Office, rows: Sequence[dict[str, Any]], kinds: dict[str, str], on: date) -> list[Transfer]:
    """Add rows up to a part a Customer, КНП and kind of services; what is withheld of all is a part of its own."""
    sums: dict[tuple[str, str, PartKind], tuple[Decimal, Decimal]] = defaultdict(lambda: (_ZERO, _ZERO))
    for row in rows:
        code = row["service"]
        key = row["customer"], office.rules.knp_code(kinds.get(row["customer"], ""), code, on), part_kind(office, code)
        received, fee = sums[key]
        sums[key] = received + row["received"], fee + row["fee"]
    parts = [Transfer(0, 0, who, knp, *both, what=what) for (who, knp, what), both in sorted(sums.items())]
    fees = sum((part.fee for part in parts), _ZERO)
    own = Transfer(0, 0, office.home.operator.bin, "", fees, _ZERO, what=PartKind.FEE)
    return [*parts, own] if fees else parts


def _find_new(office: Office, day: date | None) -> list[dict[str, Any]]:
    files = office.journal.facts.files("allocations")
    files = [file for file in files if day is None or file.month >= Period.of(day)]
    return _ask(office, files, _NEW, day=day)


def _find_reached(known: Iterable[Distribution]) -> dict[tuple[str, date, Period], int]:
    """Up to which sequence each bank, day and month is distributed."""
    return {(one.bank, one.day, one.month): one.upto for one in known}


def _ask(office: Office, files: Sequence[FactFile], query: str, **values: object) -> list[dict[str, Any]]:
    if not files:
        return []
    connection = scratch()
    register(connection, office.home.ledger, "allocations", files)
    reached = _find_reached(office.journal.transfers.distributions())
    rows = [{"bank": b, "paid_on": d, "month": m.first_day, "upto": upto} for (b, d, m), upto in reached.items()]
    table = pa.Table.from_pylist(rows, schema=_REACHED)
    connection.register("distributed", table)
    return [dict(row) for row in connection.sql(query, params=values or None).to_arrow_table().to_pylist()]
