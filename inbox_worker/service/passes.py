"""One pass: what a kill left undecided, then what each source has, every thing exactly once.

Law of order: the attempt is written, the outcome is committed in the journal, the file (or letter) is moved, the
attempt is forgotten. A kill between any two leads to the same end.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import duckdb
import pyarrow as pa
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from inbox_worker.accounting.months import MonthError
from inbox_worker.close.oversized import TooLarge
from inbox_worker.form.confined import ReaderFailure
from inbox_worker.hashes import DamagedFile
from inbox_worker.intake.report import arrival_json
from inbox_worker.ledger.database import JournalError
from inbox_worker.model import Arrival
from inbox_worker.pipeline import Pipeline
from inbox_worker.rules import RulesError
from inbox_worker.service.attempts import Attempt, Attempts
from inbox_worker.service.health import Pulse
from inbox_worker.service.voice import Fact, Voice, fault_facts

TRIES = 3
OUR_FAULTS = (
    *(OSError, RulesError, JournalError, DamagedFile, MonthError, TooLarge, ReaderFailure),
    *(SQLAlchemyError, duckdb.Error, pa.ArrowException),
)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_NOTHING_WORKS = frozenset({*_NO_ROOM, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE})
_SQLITE_PLACE = frozenset({5, 6, 7, 8, 10, 13, 14})  # busy, locked, no memory, read-only, I/O error, full, cannot open
# away, read-only, not let in, no such database, a tangle of locks, no right, no room, locked, shut down, its disk
_POSTGRES_PLACE = frozenset({"08", "25", "28", "3D", "40", "42501", "53", "55", "57", "58"})


class Source(Protocol):
    """Where arrivals come from: the drop folders, a mailbox.

    A source may have threads of its own to listen, and rings the worker's bell from them. All its deciding goes
    through the `Pass` it is given, on the worker's own thread, under the home's lock.
    """

    def listening(self, ring: Callable[[], None]) -> AbstractContextManager[object]:
        """While in it, the source listens, and calls `ring` from whichever thread when something came."""

    @property
    def pause(self) -> float:
        """Seconds until it wants to be asked again when no bell rings."""

    def ready(self, tick: float) -> bool:
        """Whether it has something to take now; quick. `tick` are seconds of a clock that only grows."""

    def take(self, work: Pass, now: datetime) -> bool:
        """Takes a bounded part of what it has, one by one until `work.stopped`; True when more lies there."""

    def holds(self, attempt: Attempt) -> bool:
        """Whether the thing of this attempt still lies there, or may: then the attempt is not forgotten."""

    def connected(self) -> Mapping[str, bool]:
        """By mailbox, whether its server is reached; empty when there is none to reach."""


@dataclass(frozen=True)
class Thing:
    """Bytes that a source found: in which mailbox, under which name, here since when."""

    mailbox: str
    sha256: str
    name: str
    received_at: datetime


class Pass:
    """Decides things and arrivals in one home. Use inside `context.writing`."""

    def __init__(self, pipeline: Pipeline, voice: Voice, pulse: Pulse, now: datetime, stop: threading.Event) -> None:
        self.pipeline = pipeline
        self.voice = voice
        self.attempts = Attempts(pipeline.office.journal)
        self._journal = pipeline.office.journal
        self._pulse = pulse
        self._now = now
        self._stop = stop
        self._failed: set[str] = set()  # bytes that failed in this pass: one try a pass

    @property
    def stopped(self) -> bool:
        """Whether to end after the thing in hand."""
        return self._stop.is_set()

    def run(self, ready: Sequence[Source], undecided: bool, sources: Sequence[Source]) -> bool:
        """Undecided arrivals first, if asked, then what lies in the sources that are ready; True when more does.

        `sources`: all there are; an attempt that none of them holds is over.
        """
        for arrival in self.pipeline.in_turn(self._journal.undecided() if undecided else []):
            if self.stopped:
                break
            self.take_up(arrival)
        self._sweep(sources)
        more = [source.take(self, self._now) for source in ready if not self.stopped]
        return any(more)

    def decided(
        self, thing: Thing, deciding: Callable[[datetime], Arrival], moved: Callable[[Arrival], bool]
    ) -> tuple[Attempt, Arrival | None]:
        """Decides a thing unless it was decided before a kill; gives its attempt, and its arrival when decided.

        `deciding` gets the moment of receipt, which is that of the first try: our failure must not make a form
        late (4.3.2). `moved`: whether a thing of this arrival was moved away before; then this one came anew.
        The caller moves the thing and then forgets the attempt; after `TRIES` it shows the thing to staff.
        """
        attempt = self.attempts.find(thing.mailbox, thing.sha256)
        if attempt and thing.sha256 in self._failed:
            return attempt, None
        mine = attempt.own(self._journal.arrivals_with_bytes(thing.sha256)) if attempt else None
        if attempt and mine and not moved(mine):
            return attempt, mine
        if attempt and attempt.tries >= TRIES and attempt.name:  # the last try ended the program
            return attempt, None
        if attempt is None or mine or attempt.tries >= TRIES:  # a failed file put back by staff starts anew
            attempt = self._new(thing)
        attempt = replace(attempt, name=thing.name)
        self.attempts.keep(attempt)
        since = attempt.received_at
        return self._try(attempt, lambda: deciding(since))

    def take_up(self, arrival: Arrival) -> None:
        """Decides what is stored already: by a source that stores first, or when the program ended in between.

        Its file or letter, if it lies there, is moved afterwards. Tried `TRIES` times in vain, it waits for staff.
        """
        attempt = self.attempts.find(arrival.mailbox, arrival.sha256)
        attempt = attempt or self._new(Thing(arrival.mailbox, arrival.sha256, "", arrival.received_at))
        if attempt.tries >= TRIES:
            words = f"{arrival.id} got no decision {TRIES} times ({attempt.why})"
            facts: dict[str, Fact] = {"arrival": arrival.id, "mailbox": arrival.mailbox, "tries": attempt.tries}
            self.voice.problem(f"{words}; mend that and hand its file in again", "arrival without decision", **facts)
            return
        self._try(attempt, lambda: self.pipeline.decide(arrival))

    def _sweep(self, sources: Sequence[Source]) -> None:
        """Forgets attempts that have neither a thing in a source nor an undecided arrival."""
        waiting = {(arrival.mailbox, arrival.sha256) for arrival in self._journal.undecided()}
        for attempt in self.attempts.all():
            lies = bool(attempt.name) and any(source.holds(attempt) for source in sources)
            if not lies and (attempt.mailbox, attempt.sha256) not in waiting:
                self.attempts.forget(attempt)

    def _new(self, thing: Thing) -> Attempt:
        same = self._journal.arrivals_with_bytes(thing.sha256)
        known = tuple(a.number for a in same if a.mailbox == thing.mailbox and a.outcome)
        return Attempt(thing.mailbox, thing.sha256, thing.name, thing.received_at, known)

    def _try(self, attempt: Attempt, deciding: Callable[[], Arrival]) -> tuple[Attempt, Arrival | None]:
        """A try without a decision is counted, however it ends: a bug must not stop all mail for ever.

        Not counted is what no thing can be blamed for, a full disk above all: then all wait until there is room.
        """
        arrival, why, counts = None, "the program ended by an error of its own; see its last words", True
        began = time.perf_counter()
        try:
            arrival = deciding()
        except OUR_FAULTS as error:
            why, counts = f"{type(error).__name__}: {error}", not nothing_works(error)
            facts = {"mailbox": attempt.mailbox, "sha256": attempt.sha256[:12], **fault_facts(error)}
            self.voice.problem(f"{attempt.mailbox}/{attempt.name}: {why}; it is tried again", "not decided", **facts)
        finally:
            if arrival is None:
                self._failed.add(attempt.sha256)
                if counts:
                    attempt = replace(attempt, tries=attempt.tries + 1, why=why)
                    self.attempts.keep(attempt)
        if arrival:
            self._tell(arrival, time.perf_counter() - began)
        self._pulse.beat()
        return attempt, arrival

    def _tell(self, arrival: Arrival, seconds: float) -> None:
        """A decision in one line: time, number, file, outcome, first reason; and to those who count."""
        report = arrival_json(self._journal, arrival, self.pipeline.office.home.archive)
        findings = report["findings"] + [f for s in report["submissions"] for f in s["findings"]]
        self._pulse.decided(arrival, [finding["code"] for finding in findings], seconds, self._now)
        first = _first_told(findings, bool(report["submissions"]))
        why = ""
        if first:
            clause = f" [{first['clause']}]" if first["clause"] else ""
            why = f": {' '.join(first[key] for key in ('code', 'cell') if first[key])}: {first['message']}{clause}"
        place = f"{arrival.id} {arrival.mailbox}/{arrival.source}"
        self.voice.say(
            f"{self._now:%Y-%m-%d %H:%M:%S} {place} {report['outcome']}{why}",
            "decided",
            arrival=arrival.id,
            mailbox=arrival.mailbox,
            outcome=report["outcome"],
            **{key: first[key] for key in ("code", "cell", "clause") if first.get(key)},
            seconds=round(seconds, 3),
        )


def _first_told(findings: Sequence[Mapping[str, Any]], has_forms: bool) -> Mapping[str, Any]:
    """The finding that says most about an outcome: an error, else a warning, else (without a form) any."""
    for severity in ("error", "warning"):
        for finding in findings:
            if finding["severity"] == severity:
                return finding
    return findings[0] if findings and not has_forms else {}


def nothing_works(error: BaseException) -> bool:
    """Whether any other thing would fail now by this error too: no room, a disk away, a journal out of reach."""
    if isinstance(error, OSError):
        return error.errno in _NOTHING_WORKS
    if isinstance(error, DBAPIError):
        return _journal_out_of_reach(error)
    return isinstance(error, duckdb.Error) and "no space left" in str(error).casefold()


def _journal_out_of_reach(error: DBAPIError) -> bool:
    """Whether the journal's database is, and not what was asked of it, at fault."""
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return state[:2] in _POSTGRES_PLACE or state in _POSTGRES_PLACE
    code = getattr(error.orig, "sqlite_errorcode", None)
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and (code is None or code & 0xFF in _SQLITE_PLACE)
    )
