"""The service: mailboxes and drop folders watched, each letter and file decided once, ended cleanly by SIGTERM."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from inbox_worker.arrival.folder import Bell, Settled
from inbox_worker.calendar import ALMATY
from inbox_worker.config import Home
from inbox_worker.context import Busy, open_office, writing
from inbox_worker.form.workbook import CellReader
from inbox_worker.mail_pass import Mail, take_all
from inbox_worker.pipeline import Pipeline
from inbox_worker.rules import Limits
from inbox_worker.worker_attempts import Attempts
from inbox_worker.worker_folders import Voice, lying, make_folders
from inbox_worker.worker_pass import OUR_FAULTS, Pass

_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
_FILES_A_PASS = 50  # the home's lock is let go between passes, so that staff's commands come through
_GAP_SECONDS = 0.2


class Worker:
    """Takes what lies in `inbox/<mailbox>` of a home; files go to `taken/<YYYY-MM>/` or `failed/` beside."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._attempts = Attempts(home.ledger / "attempts")
        self._voice = Voice()
        self._stop = threading.Event()
        self._mail: Mail | None = None
        self._reader: CellReader | None = None
        self._limits: Limits | None = None

    def __enter__(self) -> Self:
        make_folders(self._home)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader:
            self._reader.close()

    def once(self, now: datetime) -> None:
        """One pass at `now`. Files changed within the quiet period are waited for once; what grows is left.

        Raises Busy, MailboxError when a mailbox cannot be read, and whatever keeps the home from being opened.
        """
        self._pass(now, self._whole_files(), undecided=True)
        mail = Mail(self._home, once=True)
        if not mail.names:
            return
        rung = threading.Event()
        with mail.listening(rung.set) as self._mail:
            take_all(self._mail, lambda: self._pass(now, (), undecided=False), rung, self._voice.problem)

    def run(self) -> None:
        """Passes until SIGTERM or SIGINT, which end it after the file in hand.

        Raises Busy when another `run` watches this home, and at the start what keeps the home shut;
        later our own faults are said on stderr and tried again.
        """
        with _only_run(self._home):
            with open_office(self._home):
                pass  # rules and journal are fit, or the service does not start
            logging.getLogger("watchdog.observers.inotify").addFilter(_no_farewell)
            folders = self._home.config.folders
            places = make_folders(self._home)
            bell = Bell(places, folders.scan_seconds if folders.polling else None)
            mail = Mail(self._home)
            with _ended_by_signals(self._stop, bell), bell, mail.listening(bell.ring) as self._mail:
                how = "by polling" if folders.polling else "by events"
                named = ", ".join(str(place) for place in places)
                boxes = f"; mailboxes {', '.join(mail.names)}" if mail.names else ""
                self._voice.say(f"watching {named} {how}, a scan every {folders.scan_seconds:g} s{boxes}")
                self._loop(bell, mail)
            self._voice.say("stopped")

    def _loop(self, bell: Bell, mail: Mail) -> None:
        folders = self._home.config.folders
        scan_time = timedelta(seconds=folders.scan_seconds)
        settled = Settled(folders.quiet_seconds)
        aside: dict[Path, datetime] = {}  # what could not be taken waits for the next scan by the clock
        undecided_at: datetime | None = None
        while not self._stop.is_set():
            now = datetime.now(ALMATY)
            mail.look(self._voice.problem)
            whole = settled.settled(lying(self._home, self._voice), now)
            young = settled.waiting > len(whole)
            aside = {path: until for path, until in aside.items() if until > now}
            ready = [path for path in whole if path not in aside]
            due = undecided_at is None or now - undecided_at >= scan_time
            if ready or due or mail.ready:
                undecided_at = now if due else undecided_at
                left = self._patient_pass(now, ready[:_FILES_A_PASS], due)
                aside |= dict.fromkeys(left, now + scan_time)
            wait = folders.quiet_seconds if young else folders.scan_seconds
            bell.wait(_GAP_SECONDS if len(ready) > _FILES_A_PASS else max(wait, _GAP_SECONDS))

    def _patient_pass(self, now: datetime, files: Sequence[Path], undecided: bool) -> Sequence[Path]:
        """A pass of the service: our own faults are said and tried again. Gives the files that it left."""
        try:
            return self._pass(now, files, undecided)
        except (Busy, *OUR_FAULTS) as error:
            self._voice.problem(f"{type(error).__name__}: {error}; it is tried again")
            return files

    def _pass(self, now: datetime, files: Sequence[Path], undecided: bool) -> list[Path]:
        """Decides under the home's lock. Gives the files that still lie where they were."""
        with writing(self._home), open_office(self._home) as office:
            pipeline = Pipeline(office, self._cells(office.rules.limits))
            with self._letters(pipeline, now) as letters:
                Pass(pipeline, self._attempts, self._voice, now, self._stop).run(files, undecided, letters)
        if undecided:
            self._voice.next_round()
        return [path for path in files if path.exists()]

    def _letters(self, pipeline: Pipeline, now: datetime) -> AbstractContextManager[frozenset[int]]:
        """What the watches of the mailboxes brought, stored."""
        if self._mail is None:
            return nullcontext(frozenset())
        return self._mail.letters(pipeline, now, self._voice.problem)

    def _cells(self, limits: Limits) -> CellReader:
        """The warm reading process; a new one when staff changed its limits in the rules."""
        if self._reader is None or limits != self._limits:
            if self._reader:
                self._reader.close()
            self._reader, self._limits = CellReader(limits), limits
        return self._reader

    def _whole_files(self) -> list[Path]:
        quiet = self._home.config.folders.quiet_seconds
        at = datetime.now(ALMATY)
        files = lying(self._home, self._voice)
        old = {path for path in files if _age(path) >= quiet}
        if len(old) == len(files):
            return files
        settled = Settled(quiet)
        settled.settled(files, at)
        self._stop.wait(quiet)
        files = lying(self._home, self._voice)
        whole = {*old, *settled.settled(files, at + timedelta(seconds=quiet))}
        for path in files:
            if path not in whole:
                self._voice.problem(f"{path}: is still being written; it is left for the next pass")
        return [path for path in files if path in whole]


def _no_farewell(record: logging.LogRecord) -> bool:
    """watchdog calls every orderly stop an error."""
    return "thread is inactive" not in record.getMessage()


def _age(path: Path) -> float:
    """Seconds since the file's content changed, by the wall clock; a file that is gone is young."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return -1.0


@contextmanager
def _only_run(home: Home) -> Iterator[None]:
    """The home's one service. Raises Busy when there is one already."""
    home.ledger.mkdir(parents=True, exist_ok=True)
    with (home.ledger / ".run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"another `inbox-worker run` watches {home.path} already; end that one first") from None
        yield


@contextmanager
def _ended_by_signals(stop: threading.Event, bell: Bell) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop` and ring, from a thread of their own: a handler in the main thread could
    meet the bell's lock in its own hands.

    The main thread blocks them only so that the reading process inherits the block: a service manager's stop
    or Ctrl-C goes to the whole group, and a reader ended by it would look like a workbook that cannot be read.
    """
    reading, writing_end = os.pipe()
    os.set_blocking(writing_end, False)
    woken = signal.set_wakeup_fd(writing_end)  # works in whichever thread the signal falls, native ones too
    handlers = {number: signal.signal(number, _nothing) for number in _SIGNALS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    listener = threading.Thread(target=_listen, args=(reading, stop, bell), daemon=True)
    listener.start()
    try:
        yield
    finally:
        os.write(writing_end, b"\0")
        listener.join()
        while signal.sigtimedwait(_SIGNALS, 0) is not None:
            pass  # a second Ctrl-C must not kill us on the way out
        signal.set_wakeup_fd(woken)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(reading)
        os.close(writing_end)


def _listen(reading: int, stop: threading.Event, bell: Bell) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    os.read(reading, 1)
    stop.set()
    bell.ring()


def _nothing(number: int, frame: FrameType | None) -> None:
    """The wake-up byte does the work; without a handler the signal would kill."""
