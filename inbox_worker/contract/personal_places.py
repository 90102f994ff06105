"""Personal data of consumers in the ledger: which files hold a name, an address, a flat or an e-mail of an account.

Names of payers in lines of banks' statements belong to no account, so they are not counted here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from inbox_worker.core.hashes import DamagedFile, lack, require
from inbox_worker.ledger.personal_data import find_named
from inbox_worker.month.office import Office
from inbox_worker.month.rewriting import list_personal_files

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
    found = _find(office, asked, customers)
    return {
        account: PersonalPlaces(*(tuple(sorted(of[account])) for of in found.values()))
        for account in sorted(found["facts"].keys() | found["closes"].keys())
    }


_Found = defaultdict[str, set[str]]  # by account


def _find(office: Office, asked: pa.Array, customers: Mapping[str, Collection[str]]) -> dict[str, _Found]:
    found = {kind: _Found(set) for kind in ("facts", "closes", "books", "forms")}
    home = office.home.path
    for file in list_personal_files(office.journal, home):
        path = require(file.path, file.sha256) if file.has_hash else _require_there(file.path)
        for account in find_named(path, file.kind, asked):
            found["facts" if file.form else "closes"][account].add(path.relative_to(home).as_posix())
            if file.form:
                found["forms"][account].add(file.form)
            else:
                found["books"][account] |= _books_of(home, path.parent.name.partition(".")[0], customers[account])
    return found


def _require_there(path: Path) -> Path:
    """Return the path of a file of a close that an earlier version made; of each file it named no hash."""
    what, remedy = lack(path)
    if what:
        raise DamagedFile(path, what, remedy)
    return path


def _books_of(home: Path, month: str, customers: Collection[str]) -> set[str]:
    """Return the workbooks of a month that hold lines of these Customers."""
    folder = home / "ledger" / "books" / month
    own = {_WHOLE, *(f"{customer}.xlsx" for customer in customers)}
    return {path.relative_to(home).as_posix() for path in folder.glob("*.xlsx") if path.name in own}
