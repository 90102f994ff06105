"""Drop folders of a home as a source: every wholly written file is kept and, when it is decided, moved.

Law of order: the bytes and the arrival's row are kept, its outcome is committed by whoever decides, the file is moved,
its new place is noted. A kill between any two leads to the same end: a file is known by its bytes and its place.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from inbox_worker.core.errors import collect_faults, reason_of
from inbox_worker.core.files import (
    SHARED_FOLDER,
    free_path,
    make_folder,
    remedy_of,
    safe_name,
    sha256_file,
    sync_folder,
    write_atomic,
)
from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.core.time import ALMATY, Clock
from inbox_worker.ledger.journal import Journal
from inbox_worker.receiving.drop_watch import Settled, scan
from inbox_worker.receiving.store import MOST_UNDECIDED, keep, read_incoming
from inbox_worker.receiving.untaken import MOST_NAMED, UNTAKEN, find_untaken, lines_of
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import ServiceLog, fault_facts, one_line
from inbox_worker.settings.texts import Say, Texts, shipped_texts

_WORDS = ".why.txt"


class DropFolders:
    """`inbox/<mailbox>` of a home; files go to `taken/<YYYY-MM>/` or `failed/` beside. `take` and `put_away` are used
    inside `lock_for_writing`: what one worker looks at, no other may take meanwhile."""

    def __init__(self, home: Home, service_log: ServiceLog, clock: Clock) -> None:
        self._home = home
        self._service_log = service_log
        self._clock = clock
        self._settled = Settled(home.config.folders.quiet_seconds)
        self._seen: list[Path] = []
        self._ready: list[Path] = []
        self._kept: dict[Path, int] = {}  # files that were not moved yet: number of the arrival
        self._twins: set[Path] = set()  # files whose bytes wait for a decision in another file
        self._young = False
        self._aside: dict[Path, float] = {}  # what could not be taken waits for the next scan by the clock

    @property
    def pause(self) -> float:
        """Return the seconds until the next look when nothing rings."""
        folders = self._home.config.folders
        return min(folders.quiet_seconds, folders.scan_seconds) if self._young else folders.scan_seconds

    @property
    def ready(self) -> bool:
        """Return whether files may be taken."""
        return bool(self._ready)

    def look(self, tick: float) -> None:
        """Find the files that may be taken. `tick`: seconds of a clock that only grows."""
        self._seen = list_files(self._home, self._service_log)
        tell_untaken(self._home, self._service_log)
        whole = self._settled.find_settled(self._seen, tick)
        self._young = self._settled.waiting > len(whole)
        self._aside = {path: until for path, until in self._aside.items() if until > tick}
        self._ready = [path for path in whole if path not in self._aside and path not in self._kept]

    def wait_once(self, stop: threading.Event) -> None:
        """Find the files for a single pass: those changed within the quiet period are waited for once; what grows is
        left."""
        quiet = self._home.config.folders.quiet_seconds
        files = list_files(self._home, self._service_log)
        tell_untaken(self._home, self._service_log)
        old = {path for path in files if self._age(path) >= quiet}
        if len(old) < len(files):
            settled = Settled(quiet)
            settled.find_settled(files, 0)
            stop.wait(quiet)
            files = list_files(self._home, self._service_log)
            old.update(settled.find_settled(files, quiet))
        for path in files:
            if path not in old:
                text = f"{path}: is still being written; it is left for the next pass"
                self._service_log.problem(text, "file still being written", mailbox=path.parent.name)
        self._ready = [path for path in files if path in old]

    def count_waiting(self) -> Mapping[str, int]:
        """Return by mailbox how many files were there at the last look and are there still."""
        return Counter(path.parent.name for path in self._seen if path.exists())

    def take(self, journal: Journal, now: datetime) -> None:
        """Keep the files that are ready, while not too much waits for a decision."""
        files, self._ready = self._ready, []
        for path in files:
            try:
                digest, since = sha256_file(path, follow=False), _receipt(path, now)
            except FileNotFoundError:
                continue  # somebody took it back: nothing of it was kept
            except OSError as error:
                self._cannot(f"{_display_path(path)}: cannot be read", "file cannot be read", path, error)
                continue
            known = journal.arrivals.last_from(_display_path(path), digest)
            if known and not (known.outcome and is_moved(path.parent, known)):
                self._kept[path] = known.number
            elif journal.arrivals.count_undecided() >= MOST_UNDECIDED:
                self._ready.append(path)
            else:
                self._keep(path, digest, journal, since)

    def _keep(self, path: Path, digest: str, journal: Journal, since: datetime) -> None:
        shown, mailbox = _display_path(path), path.parent.name
        same = journal.arrivals.undecided_with(mailbox, digest)
        if same and (self._home.path / same.place).exists():  # the same bytes in another file have their turn first
            self._twins.add(path)
            self._rest(path)
            return
        faults: list[Exception] = []
        with collect_faults(faults):
            self._kept[path] = keep(
                journal, self._home.archive, read_incoming(path, mailbox, None, "", since, shown)
            ).number
        if faults:
            text = f"{shown}: {reason_of(faults[0])}; it is tried again"
            self._service_log.problem(text, "not stored", mailbox=mailbox, **fault_facts(faults[0]))
            self._rest(path)

    def put_away(self, journal: Journal, now: datetime, texts: Texts) -> None:
        """Move the files that have an outcome, words (`texts`) beside those that failed, and note where they are."""
        outcomes = journal.arrivals.outcomes(self._kept.values())
        for path, number in list(self._kept.items()):
            if outcomes.get(number) is None:
                continue
            del self._kept[path]
            try:
                self._move(path, journal, journal.arrivals.get(number), now, texts)
            except OSError as error:
                self._cannot(f"{_display_path(path)}: cannot be moved away", "file cannot be moved", path, error)
            else:
                self._ready += sorted(self._twins)
                self._twins.clear()

    def _move(self, path: Path, journal: Journal, arrival: Arrival, now: datetime, texts: Texts) -> None:
        """Move one file, unless somebody took it back or put another in its place."""
        if not path.exists() or sha256_file(path, follow=False) != arrival.sha256:
            return
        failed = arrival.outcome is Outcome.FAILED
        place = put_failed(path, arrival, texts) if failed else put_taken(path, arrival, now)
        journal.arrivals.note_place(arrival.number, place.relative_to(self._home.path).as_posix())

    def _cannot(self, text: str, event: str, path: Path, error: OSError) -> None:
        words = f"{text} ({error.strerror or error}); {remedy_of(error)}; it is tried again"
        self._service_log.problem(words, event, mailbox=path.parent.name, **fault_facts(error))
        self._rest(path)

    def _rest(self, path: Path) -> None:
        self._aside[path] = self._clock.tick() + self._home.config.folders.scan_seconds

    def _age(self, path: Path) -> float:
        """Seconds since the file's content changed, by the time of day; a file that is gone is young."""
        try:
            return self._clock.now().timestamp() - path.stat().st_mtime
        except FileNotFoundError:
            return -1.0


def _display_path(path: Path) -> str:
    return f"inbox/{path.parent.name}/{path.name}"


def _receipt(path: Path, now: datetime) -> datetime:
    """Return when the file was here: its last change by the disk's clock, which no copying tool can set.

    A form must not become late by our quiet period, a busy pass or a stopped service (4.3.2).
    """
    return min(now, datetime.fromtimestamp(path.stat().st_ctime, ALMATY))


def make_folders(home: Home) -> list[Path]:
    """Make the drop folder of every mailbox, and that for banks, where it is missing."""
    folders = [home.inbox / name for name in home.config.drop_folders]
    for folder in folders:
        make_folder(folder, SHARED_FOLDER)
    return folders


def list_files(home: Home, service_log: ServiceLog) -> list[Path]:
    """List the files in the drop folders, a mailbox after the other; a folder that cannot be read is named."""
    found = []
    for folder in home.config.drop_folders:
        try:
            found += [_sayable(path) for path in scan(home.inbox / folder)]
        except OSError as error:
            text = f"inbox/{folder}: {error.strerror or error}; it is looked at again"
            service_log.problem(text, "drop folder cannot be read", mailbox=folder, **fault_facts(error))
    return found


def tell_untaken(home: Home, service_log: ServiceLog) -> None:
    """Tell what is never taken from the drop folders, each once while it lies there. A log has mailbox and kind: names
    are for people."""
    say, untaken = Say(shipped_texts().spoken, "en"), find_untaken(home)
    for one in untaken[:MOST_NAMED]:
        service_log.problem(one.line(say), UNTAKEN, mailbox=one.mailbox, code=one.code)
    if len(untaken) > MOST_NAMED:
        service_log.problem(lines_of(untaken, say)[-1], UNTAKEN, count=len(untaken))


def _sayable(path: Path) -> Path:
    """A name that is no UTF-8 (unpacked by an old program) fits no journal: the file is renamed."""
    raw = os.fsencode(path.name)
    name = raw.decode("utf-8", "replace")
    if raw == name.encode():
        return path
    return path.rename(free_path(path.with_name(name)))


def is_moved(drop: Path, arrival: Arrival) -> bool:
    """Tell whether a file of this arrival was moved already. The words about it are written before it is."""
    failed = (path for path in drop.glob(f"failed/{arrival.id} *") if not path.name.endswith(_WORDS))
    return any(drop.glob(f"taken/*/{arrival.id} *")) or any(failed)


def put_taken(path: Path, arrival: Arrival, now: datetime) -> Path:
    """Moves a decided file to `taken/<YYYY-MM>/<number> <name>`; durable when it returns."""
    return _move(path, path.parent / "taken" / f"{now:%Y-%m}", f"{arrival.id} {_safe(path)}")


def put_failed(path: Path, arrival: Arrival, texts: Texts) -> Path:
    """Moves a file that we cannot decide to `failed/`, beside words written before; durable when it returns."""
    folder, name = path.parent / "failed", f"{arrival.id} {_safe(path)}"
    make_folder(folder, SHARED_FOLDER)
    facts = {"name": one_line(path.name), "id": arrival.id, "tries": arrival.tries, "why": one_line(arrival.why)}
    words = texts.words("not_decided", **facts)
    note = f"{words.ru}\n{words.kk}"
    write_atomic(folder / f"{free_path(folder / name).name}{_WORDS}", note.encode(), shared=True)
    return _move(path, folder, name)


def put_retried(home: Home, arrival: Arrival, now: datetime) -> Path | None:
    """Moves a failed file, decided meanwhile, on to `taken/`; None when none is there. Its words go."""
    drop, place = home.inbox / arrival.mailbox, None
    for path in sorted(drop.glob(f"failed/{arrival.id} *")):
        if path.name.endswith(_WORDS):
            path.unlink()
        else:
            place = _move(path, drop / "taken" / f"{now:%Y-%m}", path.name)
    return place


def _safe(path: Path) -> str:
    """The name made safe, its ending kept when the name is cut."""
    ending = f".{safe_name(path.suffix, 10)}" if path.suffix else ""
    return safe_name(path.stem) + ending


def _move(path: Path, folder: Path, name: str) -> Path:
    make_folder(folder, SHARED_FOLDER)
    place = free_path(folder / name)
    path.rename(place)
    sync_folder(folder)
    sync_folder(path.parent)
    return place
