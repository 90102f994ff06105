"""Earlier facts that a form's rows may correct: those in force whose month is still open (interface.md)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from inbox_worker.ledger.facts import register, scratch
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.model import Period
from inbox_worker.rules import FormRule

_OTHER_NAMES = {"bin": "customer"}  # what a form calls otherwise than the facts do


def facts_in_force(
    ledger: Path, journal: Journal, kind: str, customer: str, open_from: Period | None, without: str
) -> pd.DataFrame:
    """All facts of a kind that a Customer has in force, in order of posting; `closed` tells whether the row's
    accounting month is closed. `open_from`: the first open month, None = all are open. `without`: a submission
    being replaced whole."""
    files = [f for f in journal.fact_files(kind, customer=customer) if f.submission != without]
    connection = scratch()
    register(connection, ledger, kind, files)
    first = (open_from or Period(1900, 1)).first_day
    query = f"select *, month < $first as closed from {kind} order by sequence, row"  # noqa: S608
    table: pa.Table = connection.sql(query, params={"first": first}).to_arrow_table()
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def earlier_rows(
    ledger: Path,
    journal: Journal,
    rule: FormRule,
    customer: str,
    open_from: Period | None,
    only: Period | None,
    without: str = "",
    of: str = "",
) -> pa.Table:
    """Rows with the form's key and compared columns and `submission, sheet, row`, in order of posting.

    `customer`: '' for registers of all. `open_from`: the first open month, None = all are open. `only`: rows of
    this month alone, for forms whose key has the month in it. `without`: a submission replaced whole; `of`:
    only that submission.
    """
    columns = [*rule.key, *rule.compares, "submission", "sheet", "row"]
    files = [
        file
        for file in journal.fact_files(rule.form, customer=customer)
        if file.submission != without
        and (not of or file.submission == of)
        and (open_from is None or file.month >= open_from)
        and (only is None or file.month == only)
    ]
    if not files:
        return pa.table({name: pa.nulls(0, pa.string()) for name in columns})
    connection = scratch()
    register(connection, ledger, rule.form, files)
    names = SCHEMAS[rule.form].names
    chosen = ", ".join(
        name if name in names and name not in _OTHER_NAMES else f"{_OTHER_NAMES.get(name, name)} as {name}"
        for name in columns
    )
    return connection.sql(f"select {chosen} from {rule.form} order by sequence, row").to_arrow_table()  # noqa: S608
