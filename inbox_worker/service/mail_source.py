"""The mailboxes as a source of the service: what their watches fetched is stored, decided and moved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from inbox_worker.service.mail_pass import Mail, take_all
from inbox_worker.service.passes import Pass
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import Voice


class Mailboxes:
    """All mailboxes of a home that have `imap` settings; none, and there is never anything to take."""

    def __init__(self, home: Home, voice: Voice, now: Callable[[], datetime], once: bool = False) -> None:
        self._mail = Mail(home, now, once)
        self._voice = voice
        self._scan_seconds = home.config.folders.scan_seconds
        self._taken_at = 0.0

    @contextmanager
    def listening(self, ring: Callable[[], None]) -> Iterator[Self]:
        with self._mail.listening(ring):
            yield self

    @property
    def names(self) -> list[str]:
        """Mailboxes that are watched."""
        return self._mail.names

    @property
    def pause(self) -> float:
        return self._scan_seconds

    def ready(self, tick: float) -> bool:
        """Letters wait; or moves wait to be written down, which has time until the next scan."""
        self._mail.look(self._voice.problem)
        ready = self._mail.ready or (self._mail.noted and tick - self._taken_at >= self._scan_seconds)
        self._taken_at = tick if ready else self._taken_at
        return ready

    def take(self, work: Pass, now: datetime) -> bool:
        journal = work.pipeline.office.journal
        with self._mail.letters(work.pipeline, now, work.voice.problem) as numbers:
            waiting = (
                [arrival for arrival in journal.arrivals.undecided() if arrival.number in numbers] if numbers else []
            )
            for arrival in work.pipeline.in_turn(waiting):
                if work.stopped:
                    break
                work.take_up(arrival)
        return self._mail.ready

    def take_all(self, step: Callable[[], object]) -> None:
        """With `once`: steps until all mailboxes are read to their end. Raises MailboxError that names the others."""
        rung = threading.Event()
        with self._mail.listening(rung.set):
            take_all(self._mail, step, rung, self._voice.problem)

    def connected(self) -> Mapping[str, bool]:
        return {standing.mailbox: standing.connected for standing in self._mail.standings}
