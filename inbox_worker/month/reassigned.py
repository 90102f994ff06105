"""Payments that staff assigned to another account than the bank named, or sent back to it (4.1.7), as entries beside
what the registers say: received with them is posted + suspense, by each account. The entries of an assigned payment,
one an account, have the sum of nothing; one that was sent back is less than nothing, until a register tells it, too."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from inbox_worker.core.queries import read_query
from inbox_worker.month.compute import Facts
from inbox_worker.month.engine import Engine
from inbox_worker.month.turns import is_reversal

ASSIGNED, REVERSED, RETURNED = "payment.assigned", "payment.reversed", "payment.returned"
MATCHED = "payment.matched"  # why it left suspense: its line, or of a reversal its payment, came
Row = Mapping[str, Any]
_ELSEWHERE = read_query(__file__, "assigned_accounts")
_PLACED = read_query(__file__, "placed")


def show_placed(connection: duckdb.DuckDBPyConnection) -> None:
    """Show `placed`, the parts of payments with the account that the bank named and the one where they stand. Needs the
    views `allocations` and `reassigned`."""
    connection.execute(_PLACED)


def reassign(row: Row, account: str, amount: Decimal, reason: str) -> list[Row]:
    """Return both entries of a sum that goes from the account that the bank named to another, or back (below zero)."""
    here = {**row, "other": account, "amount": -amount, "reason": reason}
    return [here, {**here, "account": account, "other": row["account"], "amount": amount}]


def add_reassigned(facts: Facts, accounts: pa.ChunkedArray) -> pa.Array:
    """Return the accounts with those of payments that staff assigned, which a register may take back."""
    with facts.connect(kinds=("reassigned",)) as connection:
        more = connection.sql(read_query(__file__, "reassigned_accounts")).to_arrow_table().column("account")
    return pa.chunked_array([*accounts.chunks, *more.chunks], pa.string()).combine_chunks()


def find_changed(engine: Engine, rows: pa.Table) -> pa.Array:
    """Return the account that each row of a register changes: of a reversal, where staff said that its payment belongs
    (of several of its name the latest)."""
    accounts, elsewhere = rows.column("account"), _find_elsewhere(engine.connection)
    if not elsewhere:
        return accounts.combine_chunks()
    names = zip(*(rows.column(name).to_pylist() for name in ("bank", "number", "account")), strict=True)
    back = is_reversal(rows)
    found = [elsewhere.get(name, name[2]) if back[place] else name[2] for place, name in enumerate(names)]
    return pa.array(found, pa.string())


def _find_elsewhere(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, ...], str]:
    """Return where the assigned payments of a bank, number and account stand."""
    return {tuple(names): other for *names, other in connection.execute(_ELSEWHERE).fetchall()}
