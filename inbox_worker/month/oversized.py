"""Names the lines of a month whose charge has more digits than a sum can have."""

from __future__ import annotations

import duckdb

from inbox_worker.core.errors import JobError
from inbox_worker.core.queries import read_query

# tariff x quantity is counted in 64 bits, seven places after the point, so it ends at 92 233 720 368 tenge. A mistyped
# tariff, area or reading would stop the whole month, so it is named.
MOST = 90_000_000_000  # tenge a line
SHOWN = 10
_OVERSIZED = read_query(__file__, "oversized")
_PRODUCTS = read_query(__file__, "charge_products")


class ChargeTooLarge(JobError):
    """The month has charges that cannot be; the text names the lines and tells what to do."""


def refuse_oversized(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise duckdb.OutOfRangeException for what DuckDB refuses: the charges came from another engine, which has more
    digits."""
    connection.execute(_PRODUCTS).fetchall()


def name_oversized(connection: duckdb.DuckDBPyConnection, error: Exception) -> Exception:
    """Return what to raise when a step ran out of digits: the lines to blame, or the error itself where none is
    found."""
    try:
        rows = connection.execute(_OVERSIZED, {"most": MOST, "shown": SHOWN}).fetchall()
    except duckdb.CatalogException:  # the month broke off before its quantities were known
        return error
    if not rows:
        return error
    lines = [
        f"account {account}, customer {customer}, {service}: tariff {tariff} ({submission}) x quantity {quantity}"
        for account, customer, service, tariff, quantity, submission, _ in rows
    ]
    more = f"; and {rows[0][-1] - len(rows)} more" if rows[0][-1] > len(rows) else ""
    return ChargeTooLarge(
        f"charges over {MOST} tenge a line cannot be; correct the tariff, area or reading of {'; '.join(lines)}{more}"
    )
