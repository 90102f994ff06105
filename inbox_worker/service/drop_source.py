"""The drop folders as a source of the service: every wholly written file is decided and moved."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

from inbox_worker.core.files import sha256_file
from inbox_worker.core.model import Outcome
from inbox_worker.core.time import ALMATY, Clock
from inbox_worker.deciding.take_in import store_file
from inbox_worker.receiving.drop_folder import is_moved, lying, put_failed, put_taken
from inbox_worker.receiving.drop_watch import Settled
from inbox_worker.service.passes import Pass
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import Voice, fault_facts

FILES_A_PASS = 50  # the home's lock is let go between passes, so that staff's commands come through


class DropFolders:
    """`inbox/<mailbox>` of a home; files go to `taken/<YYYY-MM>/` or `failed/` beside."""

    def __init__(self, home: Home, voice: Voice, clock: Clock) -> None:
        self._home = home
        self._voice = voice
        self._clock = clock
        self._settled = Settled(home.config.folders.quiet_seconds)
        self._seen: list[Path] = []
        self._ready: list[Path] = []
        self._young = False
        self._aside: dict[Path, float] = {}  # what could not be taken waits for the next scan by the clock

    def listening(self, ring: Callable[[], None]) -> AbstractContextManager[object]:
        return nullcontext()  # the worker's bell watches the folders itself

    @property
    def pause(self) -> float:
        folders = self._home.config.folders
        return min(folders.quiet_seconds, folders.scan_seconds) if self._young else folders.scan_seconds

    def ready(self, tick: float) -> bool:
        self._seen = lying(self._home, self._voice)
        whole = self._settled.settled(self._seen, tick)
        self._young = self._settled.waiting > len(whole)
        self._aside = {path: until for path, until in self._aside.items() if until > tick}
        self._ready = [path for path in whole if path not in self._aside]
        return bool(self._ready)

    def wait_once(self, stop: threading.Event) -> bool:
        """For a single pass: files changed within the quiet period are waited for once; what grows is left."""
        quiet = self._home.config.folders.quiet_seconds
        files = lying(self._home, self._voice)
        old = {path for path in files if self._age(path) >= quiet}
        if len(old) < len(files):
            settled = Settled(quiet)
            settled.settled(files, 0)
            stop.wait(quiet)
            files = lying(self._home, self._voice)
            old.update(settled.settled(files, quiet))
        for path in files:
            if path not in old:
                text = f"{path}: is still being written; it is left for the next pass"
                self._voice.problem(text, "file still being written", mailbox=path.parent.name)
        self._ready = [path for path in files if path in old]
        return bool(self._ready)

    def waiting(self) -> Mapping[str, int]:
        """By mailbox, how many files lay there at the last look and lie there still."""
        return Counter(path.parent.name for path in self._seen if path.exists())

    def take(self, work: Pass, now: datetime) -> bool:
        """Decides up to `FILES_A_PASS` of the files that were ready; those that stay rest until the next scan."""
        files, self._ready = self._ready[:FILES_A_PASS], self._ready[FILES_A_PASS:]
        try:
            for path in work.pipeline.files_in_turn(files):
                if work.stopped:
                    break
                self._take(path, work, now)
        finally:
            until = self._clock.tick() + self._home.config.folders.scan_seconds
            self._aside |= {path: until for path in files if path.exists()}
        return bool(self._ready)

    def connected(self) -> Mapping[str, bool]:
        return {}

    def _take(self, path: Path, work: Pass, now: datetime) -> None:
        """One file: stored unless it was, decided unless it was, then moved."""
        mailbox = path.parent.name
        shown = f"inbox/{mailbox}/{path.name}"
        try:
            arrival = work.journal.arrival_from(shown, sha256_file(path))
            since = _receipt(path, now)
        except FileNotFoundError:
            return  # somebody took it back: nothing of it was stored
        except OSError as error:
            self._cannot(f"{shown}: cannot be read", "file cannot be read", path, error)
            return
        if arrival is None or (arrival.outcome and is_moved(path.parent, arrival)):  # the same bytes really came again
            arrival = work.stored(shown, lambda: store_file(work.pipeline, path, mailbox, None, "", since, shown))
        if arrival is None:
            return
        arrival = work.take_up(arrival)
        try:
            if arrival.outcome and sha256_file(path) == arrival.sha256:
                failed = arrival.outcome is Outcome.FAILED
                texts = work.pipeline.office.rules.texts.written
                place = put_failed(path, arrival, texts) if failed else put_taken(path, arrival, now)
                work.journal.note_place(arrival.number, place.relative_to(self._home.path).as_posix())
        except OSError as error:
            self._cannot(f"{shown}: cannot be moved away", "file cannot be moved", path, error)

    def _cannot(self, text: str, event: str, path: Path, error: OSError) -> None:
        words = f"{text} ({error.strerror or error}); it is tried again"
        self._voice.problem(words, event, mailbox=path.parent.name, **fault_facts(error))

    def _age(self, path: Path) -> float:
        """Seconds since the file's content changed, by the time of day; a file that is gone is young."""
        try:
            return self._clock.now().timestamp() - path.stat().st_mtime
        except FileNotFoundError:
            return -1.0


def _receipt(path: Path, now: datetime) -> datetime:
    """When the file was here: its last change by the disk's clock, which no copying tool can set.

    A form must not become late by our quiet period, a busy pass or a stopped service (4.3.2).
    """
    return min(now, datetime.fromtimestamp(path.stat().st_ctime, ALMATY))
