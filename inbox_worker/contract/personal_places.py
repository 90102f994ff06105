"""Personal data of consumers in the ledger: which files hold a name, an address, a flat or an e-mail of an account.

Names of payers in lines of banks' statements belong to no account, so they are not counted here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.core.hashes import require
from inbox_worker.month.office import Office
from inbox_worker.month.stored import closes_named

# Columns that make a person known, by kind of fact; a correction with a name has it in `was` and `becomes`, too.
PERSONAL: Mapping[str, Sequence[str]] = {
    "directory": ("name", "address", "flat", "email"),
    "new_houses": ("name", "address", "flat"),
    "directory_corrections": ("name",),
    "repair_schedule": ("flat",),
}
_IN_CLOSES = ("name", "address", "flat")
_WHOLE = "ledger.xlsx"


@dataclass(frozen=True)
class PersonalPlaces:
    """Files below the home that hold personal data of an account, sorted: of facts, closes (reopened ones too) and
    ledger workbooks, and the letters (their numbers) whose forms told it."""

    facts: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    books: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Return every file of the ledger."""
        return (*self.facts, *self.closes, *self.books)


def find_personal_places(office: Office, customers: Mapping[str, Collection[str]]) -> dict[str, PersonalPlaces]:
    """Return where personal data of accounts are; an account without any is left out. `customers`: those who had lines
    on each account asked. Facts of forms that were replaced are read, too. Raises DamagedFile."""
    asked = pa.array(sorted(customers), pa.string())
    facts, forms = _find_in_facts(office, asked)
    closes, books = _find_in_closes(office, asked, customers)
    return {
        account: PersonalPlaces(*(tuple(sorted(of[account])) for of in (facts, closes, books, forms)))
        for account in sorted(facts.keys() | closes.keys())
    }


_Found = defaultdict[str, set[str]]


def _find_in_facts(office: Office, asked: pa.Array) -> tuple[_Found, _Found]:
    facts, forms = _Found(set), _Found(set)
    for file in office.journal.facts.since(0):
        if file.kind in PERSONAL:
            path = require(office.home.ledger / file.path, file.sha256)
            for account in _find_named(path, PERSONAL[file.kind], asked):
                facts[account].add(f"ledger/{file.path}")
                forms[account].add(file.submission)
    return facts, forms


def _find_in_closes(office: Office, asked: pa.Array, customers: Mapping[str, Collection[str]]) -> tuple[_Found, _Found]:
    closes, books = _Found(set), _Found(set)
    for close, _ in closes_named(office.journal, office.home.path):
        path = close.files_needed("places")["places"]
        month = close.folder.name.partition(".")[0]  # a reopened close is under its number
        folder = office.home.ledger / "books" / month
        there = {book.name for book in folder.glob("*.xlsx")}
        for account in _find_named(path, _IN_CLOSES, asked):
            closes[account].add(path.relative_to(office.home.path).as_posix())
            own = {_WHOLE, *(f"{customer}.xlsx" for customer in customers[account])}
            books[account] |= {(folder / name).relative_to(office.home.path).as_posix() for name in own & there}
    return closes, books


def _find_named(path: Path, columns: Sequence[str], asked: pa.Array) -> list[str]:
    """Return which of the accounts asked have a value in any of the columns; a file that an earlier version wrote may
    lack some."""
    there = [name for name in columns if name in pq.read_schema(path).names]
    rows = pq.read_table(path, columns=["account", *there])
    rows = rows.filter(pc.is_in(rows["account"], asked))
    named: set[str] = set()
    for name in there:
        given = rows.filter(pc.not_equal(pc.fill_null(rows[name], ""), ""))
        named |= set(given["account"].to_pylist())
    return sorted(named)
