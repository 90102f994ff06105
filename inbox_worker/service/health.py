"""Health of the service: `ledger/health.json`, written whole at each pass, and the verdict that `health` gives on
it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox_worker import __version__
from inbox_worker.core.files import is_read_only, read_small_file, write_atomic
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import ALMATY, Clock
from inbox_worker.core.translated import translator
from inbox_worker.receiving.untaken import UNTAKEN, find_untaken, lines_of
from inbox_worker.service.metrics import Metrics
from inbox_worker.service.notify import notify
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import ServiceLog, fault_facts
from inbox_worker.settings.texts import Say, shipped_texts

FOLDER_AWAY = "drop folder is away"  # a problem in the log; `health` words it by the mailbox
STALE_SECONDS = 120.0  # well over the longest decision: a form's reading and marking may take half a minute
_BEAT_SECONDS = 1.0
LEAST_ROOM = 1 << 20  # bytes: less than a pass may write
MOST_NAMED = 5  # failed arrivals in a line
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Failed:
    """An arrival that was set aside by a fault of ours."""

    number: str
    mailbox: str


@dataclass(frozen=True)
class Counts:
    """Counts that a pass left: arrivals without a decision, those set aside, letters of ours sent and waiting, tasks
    that wait for a person (those overdue are among the open), and why no letter leaves now."""

    undecided: int = 0
    failed: tuple[Failed, ...] = ()
    letters_sent: int = 0
    letters_waiting: int = 0
    tasks_open: int = 0
    tasks_overdue: int = 0
    letters_paused: str = ""  # limit | ours, while all letters wait for our own mail server or account


class HealthReport:
    """The service's word of itself while it lives: health file, metrics, the service manager's watchdog."""

    def __init__(self, home: Home, service_log: ServiceLog, clock: Clock) -> None:
        self.metrics = Metrics()
        self._home = home
        self._service_log = service_log
        self._clock = clock
        self._serving = False  # `once` tells nobody
        self._state: dict[str, Any] = {"last_pass": None, "last_decision": None}
        self._counts = Counts()
        self._waits = ""  # for what people must do before anything is decided
        self._failing: tuple[float, str] | None = None  # since when no pass ends well, and why the last did not
        self._mailboxes: dict[str, dict[str, int | bool | None]] = {}
        self._beaten: float | None = None

    @contextmanager
    def lives(self) -> Iterator[None]:
        """Write the health file while the service runs; at the orderly end it says so."""
        self._serving = True
        self._state["started"] = self._moment()
        self._write("running")
        try:
            yield
        finally:
            notify("STOPPING=1")
            self._write("stopped")

    def ready(self) -> None:
        """Tell that the folders are watched: who waits for the service may go on."""
        notify("READY=1")

    def count_decision(self, arrival: Arrival, codes: Sequence[str], seconds: float, now: datetime) -> None:
        """Count a decision that was committed; `codes` of its findings, `seconds` it took."""
        outcome = arrival.outcome.value if arrival.outcome else ""
        self.metrics.count_decision(arrival.mailbox, outcome, codes, seconds)
        self._state["last_decision"] = {
            "at": now.isoformat(timespec="seconds"), "arrival": arrival.id, "outcome": outcome,
        }  # fmt: skip

    def waits(self, why: str) -> None:
        """Tell that nothing is decided until people have done what `why` says."""
        self._waits = why

    def goes_on(self) -> bool:
        """Tell that what was waited for is done. True when something was."""
        waited, self._waits = bool(self._waits), ""
        return waited

    def fail_pass(self, why: str) -> None:
        """Record a pass that ended by a fault of ours: nothing was decided."""
        self._failing = (self._failing[0] if self._failing else self._clock.tick(), why)

    def record_pass(self, counts: Counts) -> None:
        """Record a pass that ended well and left `counts`."""
        self._counts, self._failing = counts, None
        self._state["last_pass"] = self._moment()
        at = self._clock.now().timestamp()
        self.metrics.record_pass(at, counts.undecided, counts.letters_sent, counts.letters_waiting)

    def record_look(self, away: Sequence[Path], waiting: Mapping[str, int], connected: Mapping[str, bool]) -> None:
        """Record what a look at the sources found: folders that are away, files not taken yet, servers reached."""
        failed = Counter(one.mailbox for one in self._counts.failed)
        gone = {folder.name for folder in away}
        self._mailboxes = {
            name: {
                "folder": name not in gone,
                "waiting": waiting.get(name, 0),
                "failed": failed[name],
                "connected": connected.get(name),
            }
            for name in self._home.config.drop_folders
        }
        self.metrics.record_look(self._mailboxes, len(self._service_log.list_problems()))

    def beat(self, at_once: bool = False) -> None:
        """Show that the service lives: after each decision and each look. The file is written once a second at most."""
        tick = self._clock.tick()
        if not self._serving or (self._beaten is not None and tick - self._beaten < _BEAT_SECONDS and not at_once):
            return
        self._beaten = tick
        notify("WATCHDOG=1")
        self._write("running")

    def _tell_failing(self) -> dict[str, Any] | None:
        if self._failing is None:
            return None
        since, why = self._failing
        return {"seconds": round(self._clock.tick() - since), "why": why}

    def _moment(self) -> str:
        return self._clock.now().isoformat(timespec="seconds")

    def _write(self, state: str) -> None:
        document = {
            "state": "waiting" if state == "running" and self._waits else state,
            "waits": self._waits,
            "failing": self._tell_failing(),
            "version": __version__,
            "pid": os.getpid(),
            "written": self._moment(),
            "tick": self._clock.tick(),
            "boot": _boot(),
            **self._state,
            "undecided": self._counts.undecided,
            "failed": [one.number for one in self._counts.failed],
            "letters": {"sent": self._counts.letters_sent, "waiting": self._counts.letters_waiting},
            "tasks": {"open": self._counts.tasks_open, "overdue": self._counts.tasks_overdue},
            "letters_paused": self._counts.letters_paused,
            "mailboxes": self._mailboxes,
            "problems": list(self._service_log.list_problems()),
        }
        try:
            write_atomic(health_file(self._home), json.dumps(document, ensure_ascii=False, indent=1).encode())
        except OSError as error:  # a full disk must not end the service; an old file tells of it
            text = f"ledger/health.json cannot be written ({error.strerror}); it is tried again"
            self._service_log.problem(text, "health file cannot be written", **fault_facts(error))


def health_file(home: Home) -> Path:
    """Return where the running service tells how it is."""
    return home.ledger / "health.json"


def look_at_health(home: Home, clock: Clock, least_room: int = LEAST_ROOM) -> dict[str, Any]:
    """Read the health file with the verdict on it: `healthy`, and `why` not in words.

    Not healthy: the file is missing, torn, says that the service stopped or waits for the mend of its rules, or is
    older than two minutes (or four scans), or its disk takes nothing: then it may say what was before; or no pass ended
    well for so long. Held files and other problems do not make it unhealthy: starting anew would not mend them. Age is
    measured by time since boot, so a clock that was moved changes nothing.
    """
    limit = max(STALE_SECONDS, 4 * home.config.folders.scan_seconds)
    try:
        report = json.loads(read_small_file(health_file(home)))
        state, age = report["state"], _age(report, clock)
    except FileNotFoundError:
        return _unhealthy({}, "never_ran")
    except (ValueError, KeyError, TypeError) as error:
        return _unhealthy({}, "torn", error=type(error).__name__)
    if state not in ("running", "waiting"):
        return _unhealthy(report, "stopped")
    if is_read_only(home.ledger):
        return _unhealthy(report, "read_only", place=str(home.ledger))
    if (free := shutil.disk_usage(home.ledger).free) < least_room:
        return _unhealthy(report, "no_room", place=str(home.ledger), free=str(free // 1024))
    if age > limit:
        return _unhealthy(report, "silent", age=f"{age:.0f}", limit=f"{limit:.0f}")
    if state == "waiting":
        return _unhealthy(report, "waits", waits=report["waits"])
    failing = report.get("failing") or {"seconds": 0, "why": ""}
    if failing["seconds"] > limit:
        return _unhealthy(report, "failing", age=f"{failing['seconds']}", why=failing["why"])
    return {"healthy": True, "why": "", "age_seconds": round(age, 1), **report}


def health_line(report: Mapping[str, Any], say: Say, home: Home | None = None) -> str:
    """Return the verdict for people, on one line, with what is never taken from the drop folders of the `home`; the
    service's own problems with the facts of its log, less those that the line says itself."""
    if not report["healthy"]:
        reason = {name: translator(say.language)(fact) for name, fact in report["reason"].items()}
        return say("health.ill", why=say(f"health.{reason.pop('code')}", **reason))
    boxes, last = report["mailboxes"].items(), report["last_pass"]
    parts = [say("health.well", at=_show_moment(last, say)) if last else say("health.no_pass")]
    parts += [say("health.undecided", count=report["undecided"]), _failed_line(report, say)]
    tasks = report.get("tasks") or {"open": 0, "overdue": 0}
    parts += [say("health.tasks", **tasks)] if tasks["open"] else []
    parts += [say("health.away", name=name) for name, box in boxes if not box["folder"]]
    parts += [say("health.unreached", name=name) for name, box in boxes if box["connected"] is False]
    paused = report.get("letters_paused", "")
    parts += [say(f"health.letters_{paused}")] if paused else []
    untaken = find_untaken(home) if home else []
    parts += lines_of(untaken, say)
    said = (FOLDER_AWAY, UNTAKEN) if untaken else FOLDER_AWAY
    return "; ".join([*parts, *(_show_problem(one, say) for one in report["problems"] if not one.startswith(said))])


def _show_moment(moment: str, say: Say) -> str:
    return moment if say.language == "en" else f"{datetime.fromisoformat(moment):%d.%m.%Y %H:%M:%S}"


def _show_problem(problem: str, say: Say) -> str:
    """Return a problem in the reader's language; the facts behind it are those of the log."""
    event, *facts = re.split(r" (?=\w+=)", problem, maxsplit=1)
    return " ".join([translator(say.language)(event), *facts])


def _failed_line(report: Mapping[str, Any], say: Say) -> str:
    """How many failed, the first numbers, and the way on."""
    numbers = report.get("failed", ())  # not in the file of an older version
    count = max(len(numbers), sum(box["failed"] for box in report["mailboxes"].values()))
    if not numbers:
        return say("health.failed", count=count)
    return say("health.failed_numbers", count=count, numbers=", ".join(numbers[:MOST_NAMED]))


def _unhealthy(report: dict[str, Any], code: str, **facts: str) -> dict[str, Any]:
    """The verdict with its `reason` for whoever words it; `why` are the English words of it."""
    why = shipped_texts().spoken.say("en", f"health.{code}", **facts)
    return {"healthy": False, "why": why, "reason": {"code": code, **facts}, **report}


def _age(report: Mapping[str, Any], clock: Clock) -> float:
    """Seconds since the file was written."""
    ticks = clock.tick() - float(report["tick"])
    if report["boot"] and report["boot"] == _boot() and ticks >= 0:
        return ticks
    return abs((clock.now() - datetime.fromisoformat(report["written"]).astimezone(ALMATY)).total_seconds())


def _boot() -> str:
    """This start of the machine; '' where the system does not tell."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""
