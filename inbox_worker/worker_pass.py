"""One pass over the drop folders: what a kill left undecided, then every whole file, each exactly once.

Law of order: the attempt is written, the outcome is committed in the journal, the file is moved, the attempt
is forgotten. A kill between any two leads to the same end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy.exc import SQLAlchemyError

from inbox_worker.calendar import ALMATY
from inbox_worker.files import sha256_file
from inbox_worker.form.confined import ReaderFailure
from inbox_worker.ledger.journal import JournalError
from inbox_worker.model import Arrival
from inbox_worker.months import MonthError
from inbox_worker.pipeline import Pipeline
from inbox_worker.report import arrival_json
from inbox_worker.rules import RulesError
from inbox_worker.takein import take_in
from inbox_worker.worker_attempts import Attempt, Attempts
from inbox_worker.worker_folders import Voice, is_taken, put_failed, put_taken

TRIES = 3
OUR_FAULTS = (
    *(OSError, RulesError, JournalError, MonthError, ReaderFailure),
    *(SQLAlchemyError, duckdb.Error, pa.ArrowException),
)


class Pass:
    """Decides files and arrivals in one home. Use inside `context.writing`."""

    def __init__(
        self, pipeline: Pipeline, attempts: Attempts, voice: Voice, now: datetime, stop: threading.Event
    ) -> None:
        self._pipeline = pipeline
        self._journal = pipeline.office.journal
        self._inbox = pipeline.office.home.inbox
        self._attempts = attempts
        self._voice = voice
        self._now = now
        self._stop = stop
        self._failed: set[str] = set()  # bytes that failed in this pass: one try a pass

    def run(self, files: Sequence[Path], undecided: bool, letters: Collection[int] = ()) -> None:
        """Undecided arrivals first, if asked (else only `letters`, by number), then files; ends between two of them
        when told to stop."""
        for arrival in self._journal.undecided() if undecided or letters else ():
            if not self._stop.is_set() and (undecided or arrival.number in letters):
                self._take_up(arrival)
        self._sweep()
        for path in files:
            if not self._stop.is_set():
                self._take(path)

    def _take_up(self, arrival: Arrival) -> None:
        """Decides what was stored when the program ended; its file, if it lies there, is moved afterwards."""
        attempt = self._attempts.find(arrival.mailbox, arrival.sha256)
        attempt = attempt or self._new(arrival.mailbox, arrival.sha256, "", arrival.received_at)
        if attempt.tries >= TRIES:
            words = f"{arrival.id} got no decision {TRIES} times ({attempt.why})"
            self._voice.problem(f"{words}; mend that and hand its file in again")
            return
        self._try(attempt, lambda: self._pipeline.decide(arrival))

    def _sweep(self) -> None:
        """Forgets attempts that have neither a file in the drop folder nor an undecided arrival."""
        waiting = {(arrival.mailbox, arrival.sha256) for arrival in self._journal.undecided()}
        for attempt in self._attempts.all():
            lies = attempt.name and (self._inbox / attempt.mailbox / attempt.name).exists()
            if not lies and (attempt.mailbox, attempt.sha256) not in waiting:
                self._attempts.forget(attempt)

    def _take(self, path: Path) -> None:
        """One file: decided unless it was, then moved."""
        shown = f"inbox/{path.parent.name}/{path.name}"
        try:
            digest, received_at = sha256_file(path), self._receipt(path)
        except FileNotFoundError:
            return  # somebody took it back: nothing of it was stored
        except OSError as error:
            self._voice.problem(f"{shown}: cannot be read ({error.strerror or error}); it is tried again")
            return
        attempt, arrival = self._decided(path, digest, received_at)
        try:
            if arrival and sha256_file(path) == arrival.sha256:
                put_taken(path, arrival, self._now)
            elif attempt.tries >= TRIES:
                put_failed(path, attempt.tries, attempt.why)
                self._attempts.keep(replace(attempt, name=""))
                self._voice.say(f"{self._now:%Y-%m-%d %H:%M:%S} {shown} failed: {attempt.why}")
        except OSError as error:
            self._voice.problem(f"{shown}: cannot be moved away ({error.strerror or error}); it is tried again")
            return
        if arrival:
            self._attempts.forget(attempt)

    def _receipt(self, path: Path) -> datetime:
        """When the file was here: its last change by the disk's clock, which no copying tool can set.

        A form must not become late by our quiet period, a busy pass or a stopped service (4.3.2).
        """
        return min(self._now, datetime.fromtimestamp(path.stat().st_ctime, ALMATY))

    def _decided(self, path: Path, digest: str, received_at: datetime) -> tuple[Attempt, Arrival | None]:
        mailbox = path.parent.name
        attempt = self._attempts.find(mailbox, digest)
        if attempt and digest in self._failed:
            return attempt, None
        mine = attempt.own(self._journal.arrivals_with_bytes(digest)) if attempt else None
        if attempt and mine and not is_taken(path.parent, mine):
            return attempt, mine
        if attempt and attempt.tries >= TRIES and attempt.name:  # the last try ended the program
            return attempt, None
        if attempt is None or mine or attempt.tries >= TRIES:  # a failed file put back by staff starts anew
            attempt = self._new(mailbox, digest, path.name, received_at)
        attempt = replace(attempt, name=path.name)
        self._attempts.keep(attempt)
        since = attempt.received_at
        return self._try(attempt, lambda: take_in(self._pipeline, path, mailbox, None, "", since))

    def _new(self, mailbox: str, digest: str, name: str, received_at: datetime) -> Attempt:
        known = [a.number for a in self._journal.arrivals_with_bytes(digest) if a.mailbox == mailbox and a.outcome]
        return Attempt(mailbox, digest, name, received_at, tuple(known))

    def _try(self, attempt: Attempt, deciding: Callable[[], Arrival]) -> tuple[Attempt, Arrival | None]:
        """A try without a decision is counted, however it ends: a bug must not stop all mail for ever."""
        arrival, why = None, "the program ended by an error of its own; see its last words"
        try:
            arrival = deciding()
        except OUR_FAULTS as error:
            why = f"{type(error).__name__}: {error}"
            self._voice.problem(f"{attempt.mailbox}/{attempt.name}: {why}; it is tried again")
        finally:
            if arrival is None:
                self._failed.add(attempt.sha256)
                attempt = replace(attempt, tries=attempt.tries + 1, why=why)
                self._attempts.keep(attempt)
        if arrival:
            self._tell(arrival)
        return attempt, arrival

    def _tell(self, arrival: Arrival) -> None:
        """A decision in one line: time, number, file, outcome, first reason."""
        report = arrival_json(self._journal, arrival, self._pipeline.office.home.archive)
        findings = report["findings"] + [f for s in report["submissions"] for f in s["findings"]]
        told = [f for s in ("error", "warning") for f in findings if f["severity"] == s] or (
            [] if report["submissions"] else findings
        )
        where = " ".join(told[0][key] for key in ("code", "cell") if told[0][key]) if told else ""
        clause = f" [{told[0]['clause']}]" if told and told[0]["clause"] else ""
        why = f": {where}: {told[0]['message']}{clause}" if told else ""
        moment = f"{self._now:%Y-%m-%d %H:%M:%S}"
        self._voice.say(f"{moment} {arrival.id} {arrival.mailbox}/{arrival.source} {report['outcome']}{why}")
