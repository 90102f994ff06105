"""What every job of the program works with: the home, its rules, the journal and the directory."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from inbox_worker.accounting.months import Months
from inbox_worker.close.steps import standing_lines
from inbox_worker.config import Home
from inbox_worker.core.errors import JobError
from inbox_worker.files import make_folder, open_lock
from inbox_worker.ledger.belonging import follow_own_files
from inbox_worker.ledger.directory import Directory
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.leftover import set_aside, unnamed_facts
from inbox_worker.ledger.place import journal_of
from inbox_worker.ledger.verify import require_whole
from inbox_worker.model import Period
from inbox_worker.rules import Rules, load_rules
from inbox_worker.texts import Say

_LOCK_SECONDS = 60.0
_LOOKED_THROUGH = 32 << 20  # bytes of a journal: at most 50 ms; a larger one is looked through by run, close and check
_LOCK_LOOK_SECONDS = 0.05
_SWEPT: set[Path] = set()  # ledgers of homes


class Busy(JobError):
    """Another inbox-worker writes in this home; the text tells what to do."""


@dataclass(frozen=True)
class Office:
    """One home, opened."""

    home: Home
    rules: Rules
    journal: Journal
    directory: Directory
    months: Months

    @property
    def say(self) -> Say:
        """What a command says, in the language of whoever reads them."""
        return Say(self.rules.texts.spoken, self.home.language)


def proved_rules(folder: Path) -> Rules:
    """The rules of a folder, compared with the program's checks. Raises RulesError with all mistakes."""
    from inbox_worker.decision.check_rules import check_mistakes  # the checks load pandas; who only reads has no use

    return load_rules(folder, check_mistakes)


@contextmanager
def open_office(home: Home, alone: bool = False, proved: bool = True, tidy: bool = True) -> Iterator[Office]:
    """Opens journal and rules of a home and closes them again. Raises RulesError with all mistakes of the rules.

    `alone`: inside `writing`, so what a kill left between a file and its commit can be told from what another is just
    writing; it is moved aside once a process, but for a dry run (`tidy` False). `proved`: see `proved_rules`; who
    decides nothing needs no proof.
    """
    rules = proved_rules(home.rules) if proved else load_rules(home.rules)
    journal = journal_of(home)
    follow_own_files(journal, home.ledger, home.archive)
    journal.settings = home.version
    if alone and home.ledger not in _SWEPT:
        require_whole(journal, _LOOKED_THROUGH)
        if tidy:
            move_unnamed_aside(journal, home.ledger)
            _SWEPT.add(home.ledger)

    def stand(connection: duckdb.DuckDBPyConnection, month: Period) -> None:
        standing_lines(connection, month, rules)

    directory = Directory(home.ledger, journal, stand, rules.version)
    try:
        yield Office(home, rules, journal, directory, Months(home, rules, journal, directory))
    finally:
        journal.dispose()


def move_unnamed_aside(journal: Journal, ledger: Path) -> list[Path]:
    """Moves fact files that the journal does not name to `ledger/leftover`; where they lie now."""
    return [set_aside(ledger, path) for path in list(unnamed_facts(ledger, journal.named_facts()))]


@contextmanager
def writing(home: Home) -> Iterator[None]:
    """The home's one writer. Waits for another to finish its step; raises Busy when that takes too long."""
    make_folder(home.ledger)
    with open_lock(home.ledger / ".lock") as lock:
        patience = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > patience:
                    raise Busy(f"another inbox-worker is busy in {home.path}; try again when it is done") from None
                time.sleep(_LOCK_LOOK_SECONDS)
        with _alone(home, patience - time.monotonic()):
            yield


@contextmanager
def _alone(home: Home, seconds: float) -> Iterator[None]:
    """Where machines share a database, the lock of the home's disk is not enough."""
    if home.journal_url.startswith("sqlite:"):
        yield
        return
    from inbox_worker.ledger.postgres import deciding_alone

    with deciding_alone(home.journal_url, max(seconds, 1)) as alone:
        if not alone:
            raise Busy("an inbox-worker of another machine is busy with the same journal; try again when it is done")
        yield
