"""Facts and closes written again out of the rows that ledger workbooks carry, and a journal that names them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from inbox_worker.core.hashes import store
from inbox_worker.core.model import Period
from inbox_worker.ledger.closes import CloseRecord
from inbox_worker.ledger.destroyed import StatedCertificate
from inbox_worker.ledger.facts import with_letters, write_facts
from inbox_worker.ledger.journal import open_journal
from inbox_worker.ledger.mark import Mark
from inbox_worker.ledger.rebuilt_journal import CarriedRows, close_of, fill_journal
from inbox_worker.month.frozen import CloseWriter, file_hashes, hash_over
from inbox_worker.month.rewriting import state_destroyed
from inbox_worker.settings.home import Home

Carried = tuple[Mapping[str, str], Mapping[str, pa.Table]]  # what a workbook is known by, and its tables
_FACTS, _CLOSE, _FILES, _FILE = "facts ", "close ", "files", "file"
_NO_ROWS_OF_THE_JOURNAL = ("closes", _FILES)


def write_ledger(
    home: Home, months: Sequence[Carried], why: str, now: datetime, destroyed: Sequence[StatedCertificate] = ()
) -> CarriedRows:
    """Write facts and closes into an empty ledger, then the journal that names them. `months`: the workbooks in order;
    `why`: what is told of letters that no workbook decides; `destroyed`: by certificate."""
    carried = CarriedRows(destroyed=[*destroyed])
    before = {file.new_sha256: file.old_sha256 for _, items in destroyed for file in items.rewritten}
    for _, tables in months:
        for name, table in tables.items():
            if name not in _NO_ROWS_OF_THE_JOURNAL and not name.startswith((_FACTS, _CLOSE)):
                carried.add(name, table.to_pylist())
        _write_facts(home, tables, carried)
        carried.closes.append(_write_close(home, tables, before))
    first, last = months[0][0], months[-1][0]
    details = f"workbooks {first['month']} to {last['month']}, postings to {last['upto']}, close {last['close']}"
    journal, mark = open_journal(home.journal_url), Mark(home.ledger)
    try:
        journal.database.settings = home.version
        fill_journal(journal, carried, last["journal"], why, now, details)
        if destroyed:
            state_destroyed(journal, home)
        mark.write(journal.database.head())
    finally:
        mark.close()
        journal.database.dispose()
    return carried


def _write_facts(home: Home, tables: Mapping[str, pa.Table], carried: CarriedRows) -> None:
    files = tables[_FILES].to_pylist()
    ends: dict[str, int] = {}
    for row in files:
        kind, begin = row["kind"], ends.get(row["kind"], 0)
        ends[kind] = begin + row["rows"]
        facts = tables[f"{_FACTS}{kind}"].slice(begin, row["rows"]).drop_columns([_FILE])
        if kind == "customers":
            carried.loaded += facts.to_pylist()
        letters = json.loads(row["letters"])
        table = with_letters(facts, letters) if letters else facts
        month = Period.parse(row["month"])
        of_form = kind, row["customer"], month, row["submission"]
        carried.files.append(write_facts(home.ledger, *of_form, table, then=row["sha256"]))


def _write_close(
    home: Home, tables: Mapping[str, pa.Table], before: Mapping[str, str]
) -> tuple[CloseRecord, dict[str, str]]:
    """Write the close's files, packed as then if that makes the hash of then. Where the writer of Parquet is another
    one, the hash is of now. `before`: which hash a file had before a certificate wrote it anew: the close is named by
    that of then."""
    record = close_of(tables["closes"].to_pylist()[0])
    parts = {name.removeprefix(_CLOSE): [table] for name, table in tables.items() if name.startswith(_CLOSE)}
    folder, found, then = home.ledger / "closes" / str(record.month), dict[str, str](), dict[str, str]()
    for earlier in (False, True):
        shutil.rmtree(folder, ignore_errors=True)
        with CloseWriter(folder, earlier=earlier) as writer:
            writer.add(parts)
            writer.finish()
        found = file_hashes(folder)
        then = {name: _hash_of_then(of_file, before) for name, of_file in found.items()}
        if hash_over(then) == record.sha256:
            break
    for name, of_file in found.items():
        store(folder / f"{name}.parquet", of_file)
    return replace(record, sha256=hash_over(then)), then


def _hash_of_then(sha256: str, before: Mapping[str, str]) -> str:
    """Return the hash of a file before certificates wrote it anew, more than one perhaps."""
    while sha256 in before:
        sha256 = before[sha256]
    return sha256
