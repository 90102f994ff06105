"""A charge too large to be one: a mistyped tariff, area or reading would stop the whole month; it is named instead.

tariff x quantity is counted in 64 bits, seven places after the point, so it ends at 92 233 720 368 tenge.
"""

from __future__ import annotations

import duckdb

from inbox_worker.core.errors import JobError

MOST = 90_000_000_000  # tenge a line
SHOWN = 10
_OVERSIZED = """
select q.account, q.customer, q.service, t.tariff, q.quantity, t.submission, count(*) over () as many
from quantities q
join tariffs_in_force t on t.customer = q.customer and t.account = q.account and t.service = q.service
where abs(cast(t.tariff as double) * cast(q.quantity as double)) >= $most
order by q.account, q.customer, q.service limit $shown
"""


class ChargeTooLarge(JobError):
    """The month has charges that cannot be; the text names the lines and tells what to do."""


def name_oversized(connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> Exception:
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
