"""Opens a home: its rules compared with the checks of this program, its journal with its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from inbox_worker.core.model import Period
from inbox_worker.ledger.belonging import follow_own_files
from inbox_worker.ledger.directory import Directory
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.lines.steps import standing_lines
from inbox_worker.ledger.place import journal_of
from inbox_worker.ledger.soundness import require_whole
from inbox_worker.month.office import Office, finish_destruction, move_unnamed_aside
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import Rules, load_rules

_LOOKED_THROUGH = 32 << 20  # bytes of a journal: at most 50 ms; a larger one is looked through by run, close and check
_SWEPT: set[Path] = set()  # ledgers of homes


def proved_rules(folder: Path) -> Rules:
    """Return the rules of a folder, compared with the program's checks. Raises RulesError with all mistakes."""
    from inbox_worker.deciding.check_rules import check_mistakes  # the checks load pandas; who only reads has no use

    return load_rules(folder, check_mistakes)


@contextmanager
def open_office(home: Home, alone: bool = False, proved: bool = True, tidy: bool = True) -> Iterator[Office]:
    """Opens journal and rules of a home and closes them again. Raises RulesError with all mistakes of the rules.

    `alone`: under the lock, so what a kill left between a file and its commit can be told from what another is just
    writing; it is moved aside once a process, but for a dry run (`tidy` False). A destruction that was ended is
    finished by every command: else it would read half of it. `proved`: see `proved_rules`; who
    decides nothing needs no proof.
    """
    rules = proved_rules(home.rules) if proved else load_rules(home.rules)
    journal = journal_of(home)
    follow_own_files(journal, home.ledger, home.archive)
    journal.database.settings = home.version
    if alone and home.ledger not in _SWEPT:
        require_whole(journal, _LOOKED_THROUGH)
        if tidy:
            move_unnamed_aside(journal, home.ledger)
            _SWEPT.add(home.ledger)
    try:
        finish_destruction(journal, home, alone)
        yield Office(home, rules, journal, directory_of(home, rules, journal))
    finally:
        journal.database.dispose()


def directory_of(home: Home, rules: Rules, journal: Journal) -> Directory:
    """Return the directory of a home's facts, as far as a journal names them."""

    def stand(connection: duckdb.DuckDBPyConnection, month: Period) -> None:
        standing_lines(connection, month, rules)

    return Directory(home.ledger, journal, stand, rules.version)
