"""Gather what the workbook of a whole month carries, so that a ledger can be made of it and the archive alone:
decisions and facts posted since the close before, Customers' versions, and the close itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from inbox_worker.core.hashes import require
from inbox_worker.core.model import FactFile, Period
from inbox_worker.ledger.book_rows import book_rows, files_table
from inbox_worker.ledger.closes import CloseRecord
from inbox_worker.ledger.facts import fit, letters_of
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.month.months import MonthError, find_close
from inbox_worker.month.office import Office

FACTS, CLOSE = "facts ", "close "  # so begin the names of tables of facts, and of those of the close
FILES = "files"  # the table of fact files
FILE = "file"  # the column of facts that says in which fact file a row is: its place in the table `files`


@dataclass(frozen=True)
class WholeMonth:
    """A close with all that was posted since the one before. `head`: what it is known by; `tables`: by name."""

    head: Mapping[str, str]
    tables: Mapping[str, pa.Table]


def whole_month(office: Office, month: Period) -> WholeMonth:
    """Return what a closed month's workbook carries. Raises MonthError for a month that is not closed, DamagedFile."""
    closes = office.journal.closes
    record, before = closes.in_force(month), closes.in_force(month.plus(-1))
    if record is None:
        raise MonthError(f"{month} is not closed; ledger workbooks show closes")
    since = before.sequence if before else 0
    tables = book_rows(office.journal.database, record, since)
    files = office.journal.facts.since(since, record.sequence)
    ledger = office.home.ledger
    notes = [json.dumps(letters_of(ledger, file), ensure_ascii=False) for file in files]
    tables[FILES] = files_table(files, notes)
    for kind in SCHEMAS:
        own = [(place, file) for place, file in enumerate(files) if file.kind == kind]
        if own:
            tables[f"{FACTS}{kind}"] = pa.concat_tables([_rows(office, place, file) for place, file in own])
    close = find_close(office, month)
    for name in close.files or ("lines", "recalculations", "payments", "suspense", "places"):
        if path := close.file(name):
            tables[f"{CLOSE}{name}"] = pq.read_table(path).replace_schema_metadata(None)
    return WholeMonth(_head(office, record, before, since), tables)


def _rows(office: Office, place: int, file: FactFile) -> pa.Table:
    stored = fit(file.kind, pq.read_table(require(office.home.ledger / file.path, file.sha256)))
    return stored.add_column(0, FILE, pa.array([place] * stored.num_rows, pa.int32()))


def _head(office: Office, record: CloseRecord, before: CloseRecord | None, since: int) -> dict[str, str]:
    return {
        "month": str(record.month),
        "close": record.sha256,
        "before": before.sha256 if before else "",
        "since": str(since),
        "upto": str(record.sequence),
        "rules": record.rules,
        "journal": office.journal.database.head().journal,
    }
