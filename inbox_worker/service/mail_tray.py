"""Between the thread that watches a mailbox and the one worker that decides: letters in, outcomes back.

One batch at a time, so memory stays bounded however much post lies in the mailbox.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from inbox_worker.core.model import Outcome
from inbox_worker.ledger.mail_places import Shelf
from inbox_worker.receiving.imap import FetchedLetter


@dataclass(frozen=True)
class Handed:
    """What the watch brings: letters to decide, and by UID where it moved letters decided before."""

    shelf: Shelf
    letters: Sequence[FetchedLetter]
    moved: Mapping[int, str]


@dataclass(frozen=True)
class Standing:
    """How a mailbox stands, for people and health checks. `problem` is '' while all is well."""

    mailbox: str
    connected: bool = False
    problem: str = ""


@dataclass
class _Content:
    shelf: Shelf | None = None
    letters: Sequence[FetchedLetter] = ()
    moved: dict[int, str] = field(default_factory=dict)
    answer: dict[int, Outcome | None] | None = None


class Tray:
    """One mailbox's tray. The watch's methods and the worker's may be called from their two threads."""

    def __init__(self, mailbox: str, ring_worker: Callable[[], None], ring_watch: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._content = _Content()
        self._taken = False
        self._ring_worker, self._ring_watch = ring_worker, ring_watch
        self._standing = Standing(mailbox)
        self._problems: list[str] = []

    # --- the watch ------------------------------------------------------------------------------------------

    def put(self, shelf: Shelf, letters: Sequence[FetchedLetter]) -> None:
        """Lays letters before the worker and rings it. Only when the batch before is answered."""
        with self._lock:
            self._content.shelf, self._content.letters, self._content.answer = shelf, letters, None
        self._ring_worker()

    def note_moved(self, shelf: Shelf, moved: Mapping[int, str]) -> None:
        """Where letters went; the worker writes it down when it comes by."""
        with self._lock:
            if self._content.shelf != shelf:  # the server gave new numbers: the old ones are gone anyway
                self._content.moved.clear()
            self._content.shelf = shelf
            self._content.moved = {**moved, **self._content.moved}  # what we moved is not merely gone

    def answer(self) -> Mapping[int, Outcome | None] | None:
        """What became of the letters: outcome by UID (None: stored, not decided); None until there is an answer."""
        with self._lock:
            return self._content.answer

    def withdraw(self) -> bool:
        """Takes the letters back when the worker has not taken them up; True when it worked."""
        with self._lock:
            if self._taken:
                return False
            self._content.letters = ()
            return True

    def stand(self, connected: bool) -> None:
        """Tells how the mailbox stands: all is well, or not connected yet."""
        with self._lock:
            self._standing = Standing(self._standing.mailbox, connected)

    def trouble(self, problem: str, connected: bool) -> None:
        """Tells a problem: one line that holds no secret."""
        with self._lock:
            self._standing = Standing(self._standing.mailbox, connected, problem)
            self._problems = [*self._problems[-9:], problem]
        self._ring_worker()

    def mention(self, text: str) -> None:
        """Tells what staff should know and what is no problem of the mailbox."""
        with self._lock:
            self._problems = [*self._problems[-9:], text]
        self._ring_worker()

    # --- the worker -----------------------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """How the mailbox stands."""
        with self._lock:
            return self._standing

    def problems(self) -> Sequence[str]:
        """Problems since the last look, the latest few."""
        with self._lock:
            told, self._problems = self._problems, []
            return told

    @property
    def waits(self) -> bool:
        """Whether letters wait for a decision."""
        with self._lock:
            return bool(self._content.letters)

    @property
    def noted(self) -> bool:
        """Whether moves wait to be written down."""
        with self._lock:
            return bool(self._content.moved)

    def take(self) -> Handed | None:
        """Takes up what lies here; every taken batch must be answered by `reply`."""
        with self._lock:
            content = self._content
            if content.shelf is None or not (content.letters or content.moved):
                return None
            self._taken = True
            return Handed(content.shelf, content.letters, dict(content.moved))

    def reply(self, handed: Handed, outcomes: Mapping[int, Outcome | None], written: bool) -> None:
        """The worker is done with a batch. `written`: the moves it brought are in the journal."""
        with self._lock:
            self._taken = False
            if handed.letters:
                self._content.letters, self._content.answer = (), dict(outcomes)
            if written:
                for uid in handed.moved:
                    self._content.moved.pop(uid, None)
        if handed.letters:
            self._ring_watch()
