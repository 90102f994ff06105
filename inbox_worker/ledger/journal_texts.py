"""Texts of the journal in which a consumer may be named: findings, tasks, recipients of letters (8.10)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Text, not_, select, true, type_coerce

from inbox_worker.ledger.bill_recipients import find_bill_rows
from inbox_worker.ledger.certificate_tables import metadata
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.text_types import LongText

_OF_CONTRACTS = ("customers", "customer_versions")  # who speaks for a Customer does so by the contract


def read_texts_that_stay(database: Database) -> Iterator[list[str]]:
    """Yield the texts of each column. To whom an account's own bills went is left out: it goes with the account."""
    going = find_bill_rows(true())
    for table in (table for table in metadata.sorted_tables if table.name not in _OF_CONTRACTS):
        stays = not_(going[table.name]) if table.name in going else true()
        for column in (column for column in table.columns if isinstance(column.type, LongText)):
            kept = type_coerce(column, Text())
            yield [row[0] for row in database.rows(select(kept).where(kept != "", stays).distinct())]
