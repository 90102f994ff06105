"""A month in parts: ranges of accounts, computed one after another, so that memory does not grow with the town.

Every step joins within an account; what is told of houses, tariffs and Customers is small and stays whole. The ranges
cover every possible account, and nothing of the answer depends on where they end.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

ROWS = 200_000  # rows of the directory in a part, about
_READ_OFTEN = ("directory", "meter_readings", "previous")  # read from Parquet once a part, not once a step
_READ_ONCE = (
    "recalculations", "allocations", "history_lines", "history_recalculations", "history_estimates",
    "known_new_houses", "known_directory_corrections", "known_service_charges", "known_repair_schedule",
)  # fmt: skip
_BOUNDS = """
select min(account) as account
from (select account, ntile($parts) over (order by account) as part from every_directory where row % 31 = 2) s
group by part
order by account
"""
Range = tuple[str | None, str | None]  # from this account, up to before that one; None = without end


def ranges(connection: duckdb.DuckDBPyConnection, rows: int) -> list[Range]:
    """Ranges of accounts with about so many rows of the directory each, in order; a small town is one range."""
    [[count]] = connection.execute("select count(*) from every_directory").fetchall()
    parts = -(-count // rows)
    if parts <= 1:
        return [(None, None)]
    found = [account for (account,) in connection.execute(_BOUNDS, {"parts": parts}).fetchall()]
    starts: list[str | None] = [None, *sorted(set(found[1:]))]
    return list(zip(starts, [*starts[1:], None], strict=True))


def keep_whole(connection: duckdb.DuckDBPyConnection) -> None:
    """Names the whole town's views `whole_` and the name, to be narrowed; needs the month prepared."""
    for name in (*_READ_OFTEN, *_READ_ONCE):
        connection.execute(f"drop view if exists whole_{name}")
        connection.execute(f"alter view {name} rename to whole_{name}")


def narrow(connection: duckdb.DuckDBPyConnection, accounts: Range) -> None:
    """Lets the steps see only this range of accounts."""
    condition = _condition(accounts)
    for name in _READ_OFTEN:
        connection.execute(f"create or replace temp table part_{name} as {_select('whole_' + name, condition)}")
        connection.execute(f"create or replace temp view {name} as {_select('part_' + name)}")
    for name in _READ_ONCE:
        connection.execute(f"create or replace temp view {name} as {_select('whole_' + name, condition)}")


def widen(connection: duckdb.DuckDBPyConnection) -> None:
    """Lets the steps and questions see the whole town again."""
    for name in (*_READ_OFTEN, *_READ_ONCE):
        connection.execute(f"drop view if exists {name}")
        connection.execute(f"alter view whole_{name} rename to {name}")
    for name in _READ_OFTEN:
        connection.execute(f"drop table if exists part_{name}")


def _select(name: str, condition: Sequence[str] = ()) -> str:
    where = " where " + " and ".join(condition) if condition else ""
    return f"select * from {name}{where}"  # noqa: S608


def _condition(accounts: Range) -> list[str]:
    signs = zip((">=", "<"), accounts, strict=True)
    return [f"account {sign} '{end.replace(chr(39), 2 * chr(39))}'" for sign, end in signs if end is not None]
