"""The watches of all mailboxes of a home, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from inbox_worker.receiving.imap_login import MailboxError
from inbox_worker.receiving.mail_watch import MailboxWatch
from inbox_worker.settings.home import Home


class Mailboxes:
    """All mailboxes that have `imap` settings; none, and nothing is ever fetched."""

    def __init__(
        self, home: Home, now: Callable[[], datetime], ring: Callable[[], None], tell: Callable[..., None]
    ) -> None:
        """`tell` is called with a problem's words, its event and `mailbox`, the name of whose it is."""
        self._home, self._now, self._ring, self._tell = home, now, ring, tell
        self._watches: list[MailboxWatch] = []
        self._running: list[Future[None]] = []

    @property
    def names(self) -> list[str]:
        """Return the mailboxes that are to be watched."""
        return [name for name, box in self._home.config.mailboxes.items() if box.imap]

    @contextmanager
    def watch_all(self, patience: float | None = None) -> Iterator[None]:
        """Watch the mailboxes while the block runs; at its end, what was decided is moved.

        `patience`: seconds for that, before the connections are cut; None = as long as the servers are given.
        """
        self._watches = [
            MailboxWatch(self._home, name, box.imap, self._now, self._ring, partial(self._tell, mailbox=name))
            for name, box in self._home.config.mailboxes.items()
            if box.imap
        ]
        with ThreadPoolExecutor(max(len(self._watches), 1), "mailbox") as threads:
            self._running = [threads.submit(watch.run) for watch in self._watches]
            for future in self._running:
                future.add_done_callback(lambda _: self._ring())
            try:
                yield
            finally:
                for watch in self._watches:
                    watch.stop()
                wait(self._running, patience)
                for watch, future in zip(self._watches, self._running, strict=True):
                    if not future.done():
                        watch.cut_off()
        for watch in self._watches:
            watch.close()

    @property
    def read(self) -> bool:
        """Return whether every mailbox was read to its end, or cannot be read."""
        return all(
            watch.state == "read" or future.done() for watch, future in zip(self._watches, self._running, strict=True)
        )

    @property
    def full(self) -> bool:
        """Return whether too much waits for a decision for one of them to be read on."""
        return any(watch.state == "full" for watch in self._watches)

    @property
    def connected(self) -> Mapping[str, bool]:
        """Return by mailbox whether its server is reached."""
        return {name: watch.connected for name, watch in zip(self.names, self._watches, strict=False)}

    def raise_fault(self) -> None:
        """Raise what ended a watch: a fault of ours, or a mailbox that staff must look at first."""
        for future in self._running:
            if future.done():
                future.result()

    def raise_problems(self) -> None:
        """Raise MailboxError that names the mailboxes which could not be read to the end."""
        self.raise_fault()
        if failed := [watch.problem for watch in self._watches if watch.problem]:
            raise MailboxError("; ".join(failed))
