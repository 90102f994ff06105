"""Accounts that a payment in suspense may belong to, beside what else agrees: the sum due, earlier payments (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import pyarrow as pa

from inbox_worker.core.model import MonthState
from inbox_worker.core.queries import execute, read_query
from inbox_worker.ledger.facts import register
from inbox_worker.ledger.questions import scratch
from inbox_worker.month.allocate import MONEY
from inbox_worker.month.months import find_close
from inbox_worker.month.office import Office

DUE, USUAL = "due", "usual"  # as the texts `suspense.agrees.*` tell them
_MONTHS = 3  # of earlier payments
_ASKED = pa.schema({
    "payment": pa.string(), "account": pa.string(), "bank": pa.string(), "payee": pa.string(), "service": pa.string(),
    "amount": MONEY,
})  # fmt: skip
_OWED = read_query(__file__, "owed_exactly")
_PAID = read_query(__file__, "paid_before")
Asked = tuple[str, str, str, str, str, Decimal]  # payment, account, bank, БИН, service, sum


def find_agreements(office: Office, asked: Iterable[Asked]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return what agrees of each payment and account: DUE, the account owes exactly that sum by the last close; USUAL,
    the same bank brought exactly that sum for it in one of the last months."""
    rows = [dict(zip(_ASKED.names, one, strict=True)) for one in asked]
    connection = scratch()
    connection.register("agreeing", pa.Table.from_pylist(rows, schema=_ASKED))
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    closed = [month for month, state in office.journal.closes.months().items() if state is MonthState.CLOSED]
    if rows and closed:
        path = find_close(office, closed[-1]).files_needed("lines")["lines"]
        connection.read_parquet(str(path)).create_view("owed", replace=True)
        for payment, account in execute(connection, _OWED).fetchall():
            found[payment, account] = (DUE,)
    files = office.journal.facts.files("bank_register")
    if rows and files:
        last = max(file.month for file in files)
        register(connection, office.home.ledger, "bank_register",
                 [file for file in files if file.month >= last.plus(-_MONTHS)])  # fmt: skip
        for payment, account in execute(connection, _PAID).fetchall():
            found[payment, account] = (*found.get((payment, account), ()), USUAL)
    return found
