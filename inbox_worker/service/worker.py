"""The service: mailboxes and drop folders are watched, every arrival is decided once, SIGTERM ends it cleanly."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Self

from inbox_worker.core.errors import foreseen_errors
from inbox_worker.core.files import make_folder
from inbox_worker.core.locks import hold_lock, holder_of
from inbox_worker.core.time import Clock
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.expiry import ask_about_ended
from inbox_worker.deciding.open_office import open_office, proved_rules
from inbox_worker.ledger.letters import WAITING, LetterState
from inbox_worker.ledger.soundness import require_whole
from inbox_worker.month.office import Busy, Office, lock_for_writing
from inbox_worker.outbox.problems import code_of
from inbox_worker.outbox.reconcile import BEING_WRITTEN
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.server_state import pause_of
from inbox_worker.receiving.drop_folder import DropFolders, make_folders
from inbox_worker.receiving.drop_watch import Wakeup
from inbox_worker.receiving.mailboxes import Mailboxes
from inbox_worker.service.audit_thread import AuditThread
from inbox_worker.service.calendar import ServiceCalendar
from inbox_worker.service.health import FOLDER_AWAY, Counts, Failed, HealthReport
from inbox_worker.service.letter_thread import LetterThread
from inbox_worker.service.rounds import Rounds
from inbox_worker.service.signals import ended_by_signals
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import ServiceLog, Style, fault_facts
from inbox_worker.settings.office_rules import Limits
from inbox_worker.settings.rules import RulesError
from inbox_worker.workbooks.cells import CellReader

_GAP_SECONDS = 0.2
_STEADY_SECONDS = 60.0  # a program that has run so long is not in the midst of what keeps ending it
_GRACE_SECONDS = 3.0  # for a mailbox to be left in order before its connection is cut


class Worker:
    """Decide what the sources keep in the journal: drop folders `inbox/<mailbox>`, mailboxes, whoever else rings."""

    def __init__(self, home: Home, service_log: ServiceLog | None = None, clock: Clock | None = None) -> None:
        self._home = home
        self._clock = clock or Clock()
        self._service_log = service_log or ServiceLog()
        self._health_report = HealthReport(home, self._service_log, self._clock)
        self._drop = DropFolders(home, self._service_log, self._clock)
        self._letter_thread = LetterThread(home, self._service_log, self._clock)
        self._audit_thread = AuditThread(home, self._service_log, self._clock)
        self._stop = threading.Event()
        self._news = threading.Event()
        self._wakeup: Wakeup | None = None
        self._rounds = Rounds(self._service_log, self._health_report, self._stop)
        self._reader: CellReader | None = None
        self._limits: Limits | None = None
        self._calendar = ServiceCalendar()
        self._outbox_changes = False
        self._began: float | None = None  # None for one pass: whoever calls it again is who waits

    @property
    def failed(self) -> list[str]:
        """Return the numbers of arrivals that were set aside by a fault of ours."""
        return self._rounds.failed

    def ring(self) -> None:
        """Note that something was kept in the journal; from any thread."""
        self._news.set()
        if self._wakeup:
            self._wakeup.ring()

    def __enter__(self) -> Self:
        make_folders(self._home)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader:
            self._reader.close()

    def once(self, now: datetime) -> None:
        """Run one pass at `now`. Files changed within the quiet period are waited for once; what grows is left.

        What was set aside by a fault of ours is in `failed`.

        Raises Busy, MailboxError when a mailbox cannot be read, and whatever keeps the home from being opened.
        """
        self._drop.wait_once(self._stop)
        self._drain(now, due=True)
        if self._outbox_changes and not self._stop.is_set():  # waited for once, as a dropped file is
            quiet = self._home.config.folders.quiet_seconds
            self._stop.wait(quiet)
            self._pass(now + timedelta(seconds=quiet), due=False)
        mail = self._mailboxes(lambda: now)
        if mail.names:
            with mail.watch_all():
                self._read_once(mail, now)
            mail.raise_problems()
        self._letter_thread.round()
        self._audit_thread.round()

    def _read_once(self, mail: Mailboxes, now: datetime) -> None:
        """Decide what the mailboxes bring, until they are read to their end or nothing of what waits can be decided."""
        while not mail.read:
            self._news.wait()
            self._news.clear()
            mail.raise_fault()
            before = self._rounds.decided
            self._drain(now, due=False)
            if mail.full and self._rounds.decided == before:
                return
        self._drain(now, due=False)

    def _drain(self, now: datetime, due: bool) -> None:
        while self._pass(now, due) and not self._stop.is_set():
            due = False

    def _mailboxes(self, now: Callable[[], datetime]) -> Mailboxes:
        return Mailboxes(self._home, now, self.ring, self._service_log.problem)

    def run(self) -> None:
        """Passes until SIGTERM or SIGINT, which end it after the thing in hand.

        Raises Busy when another `run` watches this home, MetricsError, and at the start what keeps the journal shut;
        later our own faults are said on stderr and tried again. Rules with mistakes are waited for at any time.
        """
        with _only_run(self._home):
            self._prove()
            folders, metrics = self._home.config.folders, self._home.config.metrics
            places, mail = make_folders(self._home), self._mailboxes(self._clock.now)
            wakeup = self._wakeup = Wakeup(places, folders.scan_seconds if folders.polling else None)
            with (
                self._service_log.speaks_for_libraries(),
                ended_by_signals(self._stop, wakeup),
                self._health_report.metrics.serve_metrics(metrics.port if metrics else None),
                self._health_report.lives(),
                wakeup,
                self._letter_thread.at_work(self._end),
                self._audit_thread.at_work(self._end),
                mail.watch_all(_GRACE_SECONDS),
            ):
                how = "by polling" if folders.polling else "by events"
                named = ", ".join(str(place) for place in places)
                boxes = f"; mailboxes {', '.join(mail.names)}" if mail.names else ""
                text = f"watching {named} {how}, a scan every {folders.scan_seconds:g} s{boxes}"
                self._health_report.ready()
                self._service_log.say(text, "watching", folders=named, how=how, scan_seconds=folders.scan_seconds)
                self._loop(wakeup, mail)
            self._service_log.say("stopped", "stopped")

    def _prove(self) -> None:
        """Opens the journal, or the service does not start. Rules with mistakes are told and waited for."""
        try:
            with open_office(self._home) as office:
                require_whole(office.journal)
        except RulesError as error:
            self._await_mend(error, due=True)

    def _await_mend(self, error: RulesError, due: bool) -> None:
        """Nothing is decided while rules have mistakes; each look at the folders reads them anew."""
        self._service_log.broken_rules(error)
        self._health_report.waits(f"rules need mending, nothing is decided until then: {error}")
        if due:
            self._service_log.next_round()

    def _loop(self, wakeup: Wakeup, mail: Mailboxes) -> None:
        """Wait by `tick` only: a clock that was moved neither stops the service nor makes it hurry."""
        scanned: float | None = None
        self._began = self._clock.tick()
        while not self._stop.is_set():
            tick = self._clock.tick()
            away = wakeup.mend()
            for folder in away:
                text = f"inbox/{folder.name} is not there; it is watched again when it is back"
                self._service_log.problem(text, FOLDER_AWAY, mailbox=folder.name)
            mail.raise_fault()
            self._drop.look(tick)
            due = scanned is None or tick - scanned >= self._home.config.folders.scan_seconds
            busy, more = self._drop.ready or due or self._news.is_set(), False
            if busy:
                self._news.clear()
                scanned = tick if due else scanned
                more = self._patient_pass(due)
            if more:
                self._news.set()
            self._health_report.record_look(away, self._drop.count_waiting(), mail.connected)
            self._health_report.beat(at_once=busy)
            wakeup.wait(_GAP_SECONDS if more else max(self._drop.pause, _GAP_SECONDS))

    def _patient_pass(self, due: bool) -> bool:
        """Make a pass of the service: our own faults are said and tried again. Return True when more waits."""
        try:
            return self._pass(self._clock.now(), due)
        except RulesError as error:
            self._await_mend(error, due)
            return False
        except foreseen_errors() as error:
            text = f"{type(error).__name__}: {error}; it is tried again"
            facts = fault_facts(error)
            self._service_log.problem(text, "pass failed", **facts)
            if not isinstance(error, Busy):
                self._health_report.fail_pass(str(facts["reason"] or facts["error"]))
            return False

    def _pass(self, now: datetime, due: bool) -> bool:
        """Keep what is ready in the drop folders and decide what waits, under the home's lock. Return True when more
        waits than one pass takes."""
        proved_rules(self._home.rules)  # told before the home's lock is waited for
        with lock_for_writing(self._home), open_office(self._home, alone=True) as office:
            office.record_changes(now)
            if self._health_report.goes_on():
                self._service_log.mended_rules()
            pipeline = Pipeline(office, self._cells(office.rules.limits), now)
            decided = self._rounds.decided
            self._rounds.begin(office.journal, self._home.ledger)
            self._drop.take(office.journal, now)
            more = self._rounds.run(pipeline, now, due, self._is_steady())
            self._drop.put_away(office.journal, now, office.rules.texts.written)
            ask_about_ended(office, now)
            kept = [] if more else self._calendar.keep(office, now, most=1)  # between two jobs what came is decided
            problems = pass_outbox(office, now)
            self._outbox_changes = any(problem.startswith(BEING_WRITTEN) for problem in problems)
            for problem in kept:
                self._service_log.problem(problem, "a scheduled job failed", job=problem.partition(": ")[0])
            for problem in problems:
                self._service_log.problem(problem, "outbox: see `inbox-worker outbox list`", code=code_of(problem))
            counts = self._calendar.count_duties(office, now) if self._home.config.metrics else None
            if counts is not None:
                self._health_report.metrics.record_duties(counts)
            self._health_report.record_pass(_counts(office, now.date()))
        self._letter_thread.ring()
        self._audit_thread.ring()
        if due:
            self._service_log.next_round()
        return more or self._calendar.more or (self._drop.ready and self._rounds.decided > decided)

    def _is_steady(self) -> bool:
        return self._began is None or self._clock.tick() - self._began >= _STEADY_SECONDS

    def _end(self) -> None:
        """Ends the loop after the thing in hand."""
        self._stop.set()
        if self._wakeup:
            self._wakeup.ring()

    def _cells(self, limits: Limits) -> CellReader:
        """The warm reading process; a new one when staff changed its limits in the rules."""
        if self._reader is None or limits != self._limits:
            if self._reader:
                self._reader.close()
            self._reader, self._limits = CellReader(limits), limits
        return self._reader


def style_of(home: Home) -> Style:
    """Choose how `run` speaks by the home's `logs`: on a terminal to people, else (or when told) in JSON lines."""
    logs = home.config.logs
    if logs == "auto":
        return "plain" if sys.stdout.isatty() else "json"
    return logs


def _counts(office: Office, today: date) -> Counts:
    letters = office.journal.letters
    tasks = office.journal.tasks.open()
    return Counts(
        undecided=len(office.journal.arrivals.find_undecided()),
        failed=tuple(Failed(arrival.id, arrival.mailbox) for arrival in office.journal.arrivals.find_failed()),
        letters_sent=letters.count((LetterState.SENT,)),
        letters_waiting=letters.count(WAITING),
        tasks_open=len(tasks),
        tasks_overdue=sum(task.state(today) == "overdue" for task in tasks),
        letters_paused=pause_of(office.home),
    )


@contextmanager
def _only_run(home: Home) -> Iterator[None]:
    """The home's one service. Raises Busy when there is one already."""
    make_folder(home.ledger)
    path = home.ledger / ".run.lock"
    with hold_lock(path) as taken:
        if not taken:
            raise Busy(f"another `inbox-worker run` watches {home.path} already: {holder_of(path)}; end that one first")
        yield
