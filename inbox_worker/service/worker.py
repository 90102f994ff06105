"""The service: mailboxes and drop folders watched, every thing that comes decided once, ended cleanly by SIGTERM."""

from __future__ import annotations

import fcntl
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Self

from inbox_worker.core.errors import foreseen_errors
from inbox_worker.core.files import make_folder, open_lock
from inbox_worker.core.time import Clock
from inbox_worker.deciding.ahead import Ahead
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.open_office import open_office, proved_rules
from inbox_worker.ledger.letters import WAITING, Deliveries, State
from inbox_worker.ledger.tasks import Tasks
from inbox_worker.ledger.verify import require_whole
from inbox_worker.month.office import Busy, Office, writing
from inbox_worker.outbox.post_office import sender_of
from inbox_worker.outbox.reconcile import BEING_WRITTEN
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.server_state import pause_of
from inbox_worker.receiving.drop_folder import make_folders
from inbox_worker.receiving.drop_watch import Bell
from inbox_worker.service.drop_source import DropFolders
from inbox_worker.service.health import Counts, Failed, Pulse
from inbox_worker.service.letter_thread import Postman
from inbox_worker.service.mail_source import Mailboxes
from inbox_worker.service.passes import Pass, Source
from inbox_worker.service.signals import ended_by_signals
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import Style, Voice, fault_facts
from inbox_worker.settings.office_rules import Limits
from inbox_worker.settings.rules import RulesError
from inbox_worker.workbooks.cells import CellReader

_GAP_SECONDS = 0.2


class Worker:
    """Takes what its sources have: a home's drop folders `inbox/<mailbox>`, its mailboxes, and `sources` beside."""

    def __init__(
        self, home: Home, voice: Voice | None = None, clock: Clock | None = None, sources: Sequence[Source] = ()
    ) -> None:
        self._home = home
        self._clock = clock or Clock()
        self._voice = voice or Voice()
        self._pulse = Pulse(home, self._voice, self._clock)
        self._drop = DropFolders(home, self._voice, self._clock)
        self._mail = Mailboxes(home, self._voice, self._clock.now)
        self._postman = Postman(home, self._voice, self._clock)
        self._sources: list[Source] = [self._drop, self._mail, *sources]
        self._stop = threading.Event()
        self._bell: Bell | None = None
        self._reader: CellReader | None = None
        self._limits: Limits | None = None
        self._ahead = Ahead()
        self._survived: set[int] = set()  # undecided arrivals whose try did not end this program
        self.failed: list[str] = []  # numbers of arrivals that were set aside by a fault of ours
        self._outbox_changes = False

    def __enter__(self) -> Self:
        make_folders(self._home)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ahead.close()
        if self._reader:
            self._reader.close()

    def once(self, now: datetime) -> None:
        """One pass at `now`. Files changed within the quiet period are waited for once; what grows is left.

        What was set aside by a fault of ours is in `failed`.

        Raises Busy, MailboxError when a mailbox cannot be read, and whatever keeps the home from being opened.
        """
        self._drop.wait_once(self._stop)
        more = self._pass(now, self._sources, undecided=True)
        while more and not self._stop.is_set():
            more = self._pass(now, self._sources, undecided=False)
        if self._outbox_changes and not self._stop.is_set():  # waited for once, as a dropped file is
            quiet = self._home.config.folders.quiet_seconds
            self._stop.wait(quiet)
            self._pass(now + timedelta(seconds=quiet), [], undecided=False)
        mail = Mailboxes(self._home, self._voice, lambda: now, once=True)
        if mail.names:
            mail.take_all(lambda: self._pass(now, [mail], undecided=False))
        self._postman.round()

    def run(self) -> None:
        """Passes until SIGTERM or SIGINT, which end it after the thing in hand.

        Raises Busy when another `run` watches this home, MetricsError, and at the start what keeps the journal shut;
        later our own faults are said on stderr and tried again. Rules with mistakes are waited for at any time.
        """
        with _only_run(self._home):
            self._prove()
            folders, metrics = self._home.config.folders, self._home.config.metrics
            places = make_folders(self._home)
            bell = self._bell = Bell(places, folders.scan_seconds if folders.polling else None)
            with (
                self._voice.speaks_for_libraries(),
                ended_by_signals(self._stop, bell),
                self._pulse.metrics.served(metrics.port if metrics else None),
                self._pulse.lives(),
                bell,
                self._postman.at_work(self._end),
                ExitStack() as listening,
            ):
                for source in self._sources:
                    listening.enter_context(source.listening(bell.ring))
                how = "by polling" if folders.polling else "by events"
                named = ", ".join(str(place) for place in places)
                boxes = f"; mailboxes {', '.join(self._mail.names)}" if self._mail.names else ""
                text = f"watching {named} {how}, a scan every {folders.scan_seconds:g} s{boxes}"
                self._pulse.ready()
                self._voice.say(text, "watching", folders=named, how=how, scan_seconds=folders.scan_seconds)
                self._loop(bell)
            self._voice.say("stopped", "stopped")

    def _prove(self) -> None:
        """Opens the journal, or the service does not start. Rules with mistakes are told and waited for."""
        try:
            with open_office(self._home) as office:
                require_whole(office.journal)
        except RulesError as error:
            self._await_mend(error, undecided=True)

    def _await_mend(self, error: RulesError, undecided: bool) -> None:
        """Nothing is decided while rules have mistakes; each look at the folders reads them anew."""
        self._voice.broken_rules(error)
        self._pulse.waits(f"rules need mending, nothing is decided until then: {error}")
        if undecided:
            self._voice.next_round()

    def _loop(self, bell: Bell) -> None:
        """Waits by `tick` only: a clock that was moved neither stops the service nor makes it hurry."""
        scanned: float | None = None
        while not self._stop.is_set():
            tick = self._clock.tick()
            away = bell.mend()
            for folder in away:
                text = f"inbox/{folder.name} is not there; it is watched again when it is back"
                self._voice.problem(text, "drop folder is away", mailbox=folder.name)
            ready = [source for source in self._sources if source.ready(tick)]
            due = scanned is None or tick - scanned >= self._home.config.folders.scan_seconds
            more = False
            if ready or due:
                scanned = tick if due else scanned
                more = self._patient_pass(ready, due)
            connected = {name: state for s in self._sources for name, state in s.connected().items()}
            self._pulse.looked(away, self._drop.waiting(), connected)
            self._pulse.beat(at_once=bool(ready or due))
            pause = min(source.pause for source in self._sources)
            bell.wait(_GAP_SECONDS if more else max(pause, _GAP_SECONDS))

    def _patient_pass(self, ready: Sequence[Source], undecided: bool) -> bool:
        """A pass of the service: our own faults are said and tried again. True when more lies there."""
        try:
            return self._pass(self._clock.now(), ready, undecided)
        except RulesError as error:
            self._await_mend(error, undecided)
            return False
        except foreseen_errors() as error:
            text = f"{type(error).__name__}: {error}; it is tried again"
            self._voice.problem(text, "pass failed", **fault_facts(error))
            return False

    def _pass(self, now: datetime, ready: Sequence[Source], undecided: bool) -> bool:
        """Decides under the home's lock. True when more lies in the sources than one pass takes."""
        proved_rules(self._home.rules)  # told before the home's lock is waited for
        with writing(self._home), open_office(self._home, alone=True) as office:
            if self._pulse.goes_on():
                self._voice.mended_rules()
            pipeline = Pipeline(office, self._cells(office.rules.limits), self._ahead)
            work = Pass(pipeline, self._voice, self._pulse, now, self._stop, self._survived)
            try:
                more = work.run(ready, undecided)
            finally:
                self.failed += work.failed
            problems = pass_outbox(office, sender_of(office), now)
            self._outbox_changes = any(told.startswith(BEING_WRITTEN) for told in problems)
            for told in problems:
                self._voice.problem(told, "outbox")
            self._pulse.passed(_counts(office, now.date()))
        self._postman.ring()
        if undecided:
            self._voice.next_round()
        return more

    def _end(self) -> None:
        """Ends the loop after the thing in hand."""
        self._stop.set()
        if self._bell:
            self._bell.ring()

    def _cells(self, limits: Limits) -> CellReader:
        """The warm reading process; a new one when staff changed its limits in the rules."""
        if self._reader is None or limits != self._limits:
            if self._reader:
                self._reader.close()
            self._reader, self._limits = CellReader(limits), limits
        return self._reader


def style_of(home: Home) -> Style:
    """How `run` speaks by the home's `logs`: on a terminal to people, else (or when told) in JSON lines."""
    logs = home.config.logs
    if logs == "auto":
        return "plain" if sys.stdout.isatty() else "json"
    return logs


def _counts(office: Office, today: date) -> Counts:
    letters = Deliveries(office.journal)
    tasks = Tasks(office.journal).open()
    return Counts(
        undecided=len(office.journal.undecided()),
        failed=tuple(Failed(arrival.id, arrival.mailbox) for arrival in office.journal.failed()),
        letters_sent=letters.count((State.SENT,)),
        letters_waiting=letters.count(WAITING),
        tasks_open=len(tasks),
        tasks_overdue=sum(task.state(today) == "overdue" for task in tasks),
        letters_paused=pause_of(office.home),
    )


@contextmanager
def _only_run(home: Home) -> Iterator[None]:
    """The home's one service. Raises Busy when there is one already."""
    make_folder(home.ledger)
    with open_lock(home.ledger / ".run.lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"another `inbox-worker run` watches {home.path} already; end that one first") from None
        yield
