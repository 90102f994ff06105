"""The worker's side of the mailboxes: letters that the watches fetched are stored and, decided, answered.

Network never holds the home's lock: the watches fetch and move in threads of their own, the worker stores and
decides under the lock what they brought.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from inbox_worker.core.files import safe_name
from inbox_worker.core.model import Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.take_in import FAR_AHEAD
from inbox_worker.ledger.mail_places import MailPlaces, TakenLetter
from inbox_worker.receiving.imap import FIRST_YEAR, FetchedLetter
from inbox_worker.receiving.imap_login import MailboxError
from inbox_worker.receiving.store import keep, keep_names
from inbox_worker.service.mail_tray import Handed, Standing, Tray
from inbox_worker.service.mail_watch import MailboxWatch
from inbox_worker.settings.home import Home

_GRACE_SECONDS = 3.0  # for a watch to end by itself before its connection is cut


@dataclass
class _Reply:
    """One batch in the worker's hands."""

    tray: Tray
    handed: Handed
    numbers: Mapping[int, int] = field(default_factory=dict)  # UID -> arrival
    outcomes: Mapping[int, Outcome | None] = field(default_factory=dict)
    written: bool = False


class Mail:
    """All mailboxes of a home that have `imap` settings; with `once`, each until nothing new lies in it."""

    def __init__(self, home: Home, now: Callable[[], datetime], once: bool = False) -> None:
        self._home, self._now, self._once = home, now, once
        self._watches: list[MailboxWatch] = []
        self._running: list[Future[None]] = []

    @contextmanager
    def listening(self, ring: Callable[[], None]) -> Iterator[Self]:
        """Watches the mailboxes while the block runs; `ring` is called from their threads when there is work."""
        boxes = self._home.config.mailboxes.items()
        self._watches = [
            MailboxWatch(self._home, name, box.imap, ring, self._now, self._once) for name, box in boxes if box.imap
        ]
        with ThreadPoolExecutor(max(len(self._watches), 1), "mailbox") as threads:
            self._running = [threads.submit(watch.run) for watch in self._watches]
            for future in self._running:
                future.add_done_callback(lambda _: ring())
            try:
                yield self
            finally:
                self._end()
        for watch in self._watches:
            watch.close()

    def _end(self) -> None:
        for watch in self._watches:
            watch.stop()
        wait(self._running, _GRACE_SECONDS)
        for watch, future in zip(self._watches, self._running, strict=True):
            if not future.done():
                watch.cut_off()

    @property
    def names(self) -> list[str]:
        """Mailboxes that are to be watched."""
        return [name for name, box in self._home.config.mailboxes.items() if box.imap]

    @property
    def standings(self) -> list[Standing]:
        """How each mailbox stands."""
        return [watch.tray.standing for watch in self._watches]

    @property
    def ready(self) -> bool:
        """Whether letters wait for a decision."""
        return any(watch.tray.waits for watch in self._watches)

    @property
    def noted(self) -> bool:
        """Whether moves wait to be written down: no hurry, the next pass does it."""
        return any(watch.tray.noted for watch in self._watches)

    @property
    def going(self) -> bool:
        """Whether a watch still runs."""
        return not all(future.done() for future in self._running)

    def look(self, tell: Callable[[str], None]) -> None:
        """Tells new problems. Raises what ended a watch: a fault of ours that must not be silent."""
        for watch in self._watches:
            for problem in watch.tray.problems():
                tell(problem)
        for future in self._running:
            if future.done():
                future.result()

    @contextmanager
    def letters(self, pipeline: Pipeline, now: datetime, tell: Callable[[str], None]) -> Iterator[frozenset[int]]:
        """Stores what the watches brought and gives the arrivals' numbers; what the block decides is answered.

        `now` counts only for a letter to which the server gives no moment of receipt that can be. Use inside
        `context.writing`. Whatever happens in the block, no watch is left waiting.
        """
        taken = [(watch.tray, watch.tray.take()) for watch in self._watches]
        replies = [_Reply(tray, handed) for tray, handed in taken if handed]
        places, journal = pipeline.office.journal.places, pipeline.office.journal
        try:
            for reply in replies:
                reply.numbers = _store(pipeline, places, reply.handed, now, tell)
                reply.written = True
            yield frozenset(number for reply in replies for number in reply.numbers.values())
            for reply in replies:
                outcomes = journal.arrivals.outcomes(frozenset(reply.numbers.values()))
                reply.outcomes = {uid: outcomes[number] for uid, number in reply.numbers.items()}
        finally:
            for reply in replies:
                reply.tray.reply(reply.handed, reply.outcomes, reply.written)


def _store(
    pipeline: Pipeline, places: MailPlaces, handed: Handed, now: datetime, tell: Callable[[str], None]
) -> Mapping[int, int]:
    """Raw bytes into the archive, then place and arrival in one transaction. A letter that finds no room waits."""
    places.moved(handed.shelf, handed.moved)
    taken = []
    for letter in handed.letters:
        try:
            taken.append(_kept(pipeline, handed, letter, _receipt(handed, letter, now, tell)))
        except OSError as error:
            name = f"{handed.shelf.mailbox}: letter {letter.uid}"
            tell(f"{name} cannot be stored ({error.strerror or error}); it stays in the mailbox and is tried again")
    keep_names(pipeline.office.home.archive, (letter.arrival for letter in taken))
    return places.register(handed.shelf, taken)


def _receipt(handed: Handed, letter: FetchedLetter, now: datetime, tell: Callable[[str], None]) -> datetime:
    """The moment of receipt by the server; `now` when it gives none, or one at which nothing can have come: a date
    lost by a move to another server (1970), or a clock gone wrong. No sender is to blame for that (4.3.2)."""
    told = letter.received_at
    if told is None or (told.year >= FIRST_YEAR and told < now + FAR_AHEAD):
        return told or now
    name = f"{handed.shelf.mailbox}: letter {letter.uid}"
    tell(f"{name} came in {told.year} by the server's word, which cannot be; it counts as received now")
    return now


def _kept(pipeline: Pipeline, handed: Handed, letter: FetchedLetter, received_at: datetime) -> TakenLetter:
    shelf = handed.shelf
    source = f"{safe_name(shelf.folder)}-{letter.uid}.eml"
    place = f"{shelf.folder}/{letter.uid}"
    archive = pipeline.office.home.archive
    arrival = keep(archive, letter.raw, source, shelf.mailbox, received_at, "", place, alone=False)
    return TakenLetter(letter.uid, letter.size, replace(arrival, oversize=0 if letter.whole else letter.size))


def take_all(mail: Mail, step: Callable[[], object], rung: threading.Event, tell: Callable[[str], None]) -> None:
    """One pass over the mailboxes: steps until every watch (of `once`) has ended and its moves are written.

    Raises MailboxError that names the mailboxes which could not be read to the end.
    """
    while mail.going:
        rung.wait()
        rung.clear()
        mail.look(tell)
        step()
    mail.look(tell)
    step()
    failed = [standing.problem for standing in mail.standings if standing.problem]
    if failed:
        raise MailboxError("; ".join(failed))
