"""The office that every job works with: the home, its rules, the journal and the directory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import is_read_only, make_folder
from inbox_worker.core.locks import hold_lock, holder_of
from inbox_worker.core.model import Language
from inbox_worker.core.waits import tell_wait
from inbox_worker.ledger.directory import Directory
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.leftover import set_aside, unnamed_facts
from inbox_worker.month.price_lines import record_price_lines
from inbox_worker.month.rewriting import finish_rewriting, is_unfinished
from inbox_worker.month.watched import record_changes
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Say

_LOCK_SECONDS = 60.0


class Busy(JobError):
    """Another inbox-worker writes in this home; the text tells what to do."""


@dataclass(frozen=True)
class Office:
    """One home, opened."""

    home: Home
    rules: Rules
    journal: Journal
    directory: Directory
    language: Language | None = None  # None = that of whoever reads the screens
    as_of: datetime | None = None  # the moment that the journal was cut back to; None = it is that of now

    def record_changes(self, now: datetime) -> list[str]:
        """Record an act for config.yaml, rules and templates, each when it changed since the last command or pass, and
        for each price that is new (10.5)."""
        record_price_lines(self.rules.prices, self.journal.database, now)
        return record_changes(self.home.path, self.journal.database, now)

    @property
    def say(self) -> Say:
        """Say a text of a command in the language of whoever reads them."""
        return Say(self.rules.texts.spoken, self.language or self.home.language)


def move_unnamed_aside(journal: Journal, ledger: Path) -> list[Path]:
    """Moves fact files that the journal does not name to `ledger/leftover`; where they lie now."""
    return [set_aside(ledger, path) for path in list(unnamed_facts(ledger, journal.facts.find_paths()))]


def finish_destruction(journal: Journal, home: Home, alone: bool) -> None:
    """Put what a destruction that was ended wrote anew into its place, before anything is read (4.1.12). `alone`: under
    the home's lock; else it is waited for. Raises Busy."""
    if alone:
        finish_rewriting(journal, home)
    elif is_unfinished(journal, home):
        with lock_for_writing(home):
            finish_rewriting(journal, home)


@contextmanager
def lock_for_writing(home: Home) -> Iterator[None]:
    """Hold the lock of the home's one writer. Waits for another to finish its step; raises Busy when that takes too
    long."""
    make_folder(home.ledger)
    path, begun = home.ledger / ".lock", time.monotonic()
    with hold_lock(path, _LOCK_SECONDS, home.path) as taken:
        if not taken:
            raise Busy(f"another inbox-worker is busy in {home.path}: {holder_of(path)}; try again when it is done")
        with _alone(home, begun + _LOCK_SECONDS - time.monotonic()):
            yield


@contextmanager
def lock_for_copying(home: Home) -> Iterator[None]:
    """Hold the lock while a home is copied. On a read-only disk it cannot be taken, and nobody there could write."""
    with _alone(home, _LOCK_SECONDS) if is_read_only(home.ledger) else lock_for_writing(home):
        yield


@contextmanager
def _alone(home: Home, seconds: float) -> Iterator[None]:
    """Where machines share a database, the lock of the home's disk is not enough."""
    if home.journal_url.startswith("sqlite:"):
        yield
        return
    from inbox_worker.ledger.postgres import deciding_alone

    patience = max(seconds, 1)
    with ExitStack() as stack:
        with tell_wait(lambda: "an inbox-worker of another machine is busy with the same journal", patience):
            alone = stack.enter_context(deciding_alone(home.journal_url, patience))
        if not alone:
            raise Busy("an inbox-worker of another machine is busy with the same journal; try again when it is done")
        yield
