"""The watch of one mailbox: a thread that fetches, waits and moves, and decides nothing.

Law of order: letter fetched, stored, decided and committed by the worker, then moved. A kill or a broken link
between any two leads to the same end: what was taken is known by its number or its bytes, and only moved.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JournalError, is_environment_down
from inbox_worker.core.model import Outcome
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.mail_places import GONE, LetterPlace, Shelf
from inbox_worker.ledger.place import journal_of
from inbox_worker.receiving.imap import (
    LETTERS_A_BATCH,
    FetchedLetter,
    Listed,
    Mailbox,
    first_batch,
    open_mailbox,
    require_since,
)
from inbox_worker.receiving.imap_idle import Alarm, Client
from inbox_worker.receiving.imap_login import LINK_FAULTS, LoginRefused, MailboxError, cut, words_of
from inbox_worker.service.mail_tray import Tray
from inbox_worker.settings.home import Home
from inbox_worker.settings.mailboxes import Imap

_FIRST_WAIT = 1.0
_PARK_LOOK_SECONDS = 5.0


class MailboxWatch:
    """Watches one mailbox until told to stop; with `once`, until nothing new lies in it."""

    def __init__(
        self,
        home: Home,
        name: str,
        imap: Imap,
        ring_worker: Callable[[], None],
        now: Callable[[], datetime],
        once: bool = False,
    ) -> None:
        self._home, self._name, self._imap, self._once = home, name, imap, once
        self._now = now
        self._admitted = False  # whether the letters that lie there may be taken (`since`)
        self._older: set[int] = set()  # UIDs of letters that do not count, as long as the numbers hold
        self._deleted: set[int] = set()
        self._told_left_alone = ""
        self._alarm = Alarm()
        self.tray = Tray(name, ring_worker, self._alarm.ring)
        self._stop = threading.Event()
        self._client: Client | None = None
        self._failures = 0
        self._troubled = False
        self._aside: dict[int, float] = {}  # UIDs that could not be taken -> when to try again, monotonic seconds

    def run(self) -> None:
        """The thread's work. Every trouble with the server, or with the journal's, is told and tried again, ever more
        slowly. Raises OlderLetters: only staff can say which of the letters count."""
        while not self._stop.is_set():
            try:
                with open_mailbox(self._imap, self._home.path, self._alarm, self._reached) as mailbox:
                    self._serve(mailbox)
                return
            except (MailboxError, *LINK_FAULTS, JournalError, DBAPIError) as error:
                if isinstance(error, DBAPIError) and not is_environment_down(error):
                    raise
                if self._stop.is_set():
                    return
                self._failures += 1
                self.tray.trouble(self._told(error), connected=False)
                if self._once:
                    return
                self._pause(isinstance(error, LoginRefused))

    def stop(self) -> None:
        """Asks the thread to end after what it has in hand; from another thread."""
        self._stop.set()
        self._alarm.ring()

    def cut_off(self) -> None:
        """Breaks the connection under a thread that hangs on it; from another thread."""
        if self._client:
            cut(self._client)

    def close(self) -> None:
        """After the thread's end."""
        self._alarm.close()

    def _reached(self, client: Client) -> None:
        self._client = client
        if self._stop.is_set():  # told to end while we were connecting
            cut(client)

    def _told(self, error: BaseException) -> str:
        if isinstance(error, DBAPIError):
            words = f"the journal cannot be asked: {' '.join(str(error.orig).split())}; it is tried again"
        elif isinstance(error, (MailboxError, JournalError)):
            words = str(error)
        else:
            words = f"the connection broke: {words_of(error)}"
        return f"mailbox {self._name}: {words}"

    def _pause(self, refused: bool) -> None:
        """1, 2, 4, ... seconds up to the longest, less a random part so that mailboxes do not come all at once."""
        longest = self._imap.retry_seconds
        seconds = longest if refused else min(longest, _FIRST_WAIT * 2 ** min(self._failures - 1, 20))
        until = time.monotonic() + seconds * random.uniform(0.5, 1)  # noqa: S311
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            self._alarm.wait(left)

    def _serve(self, mailbox: Mailbox) -> None:
        shelf = Shelf(self._name, self._imap.account, self._imap.folder, mailbox.uidvalidity)
        self._aside.clear()
        self._older.clear()
        self._admit(mailbox, shelf)
        while not self._stop.is_set():
            self._troubled = False
            for problem in mailbox.problems:
                self._trouble(problem)
            while self._take_some(mailbox, shelf):
                pass
            self._tell_left_alone()
            if not self._troubled and not self._aside:
                self.tray.stand(connected=True)
            if self._once or self._stop.is_set():
                return
            mailbox.wait()
            self._failures = 0  # not before: a server may let us in and hang up each time

    def _admit(self, mailbox: Mailbox, shelf: Shelf) -> None:
        """Looks once, before the first letter is taken, whether older ones lie there that nobody spoke of."""
        if self._admitted or self._imap.since:
            return
        journal = journal_of(self._home)
        try:
            known = journal.places.knows(shelf.account, shelf.folder)
        finally:
            journal.database.dispose()
        if not known:
            require_since(mailbox, self._imap, to_almaty(self._now()).date())
        self._admitted = True

    def _counted(self, listed: Sequence[Listed], known: Mapping[int, LetterPlace]) -> list[Listed]:
        """The listed letters that are new and count. Older ones are not asked for again, those marked as deleted are
        looked at later: somebody may take the mark off."""
        new = [one for one in listed if one.uid not in known or known[one.uid].size != one.size]
        since = self._imap.since
        self._older |= {one.uid for one in new if since and one.is_before(since)}
        deleted = {one.uid for one in new if one.deleted and one.uid not in self._older}
        self._deleted |= deleted
        self._aside |= dict.fromkeys(deleted, time.monotonic() + self._imap.retry_seconds)
        return [one for one in new if one.uid not in self._older and not one.deleted]

    def _tell_left_alone(self) -> None:
        """Tells what lies there and is not taken, when that has changed."""
        parts = [f"{len(self._older)} older than {self._imap.since}"] if self._older else []
        parts += [f"{len(self._deleted)} marked as deleted"] if self._deleted else []
        told = ", ".join(parts)
        if told and told != self._told_left_alone:
            self.tray.mention(f"mailbox {self._name}: letters left alone: {told}")
        self._told_left_alone = told

    def _take_some(self, mailbox: Mailbox, shelf: Shelf) -> bool:
        """Moves what was decided, then takes one batch; True when there may be more."""
        known = self._known(shelf)
        present = mailbox.uids()
        asked = self._first_of(present, known)
        listed = mailbox.listed(asked)
        self._put_away(mailbox, shelf, present, known, listed)
        untold = set(asked) - set(known) - {one.uid for one in listed}
        self._miss(mailbox, untold, "the server does not tell of letter {} though it lists it")
        new = self._counted(listed, known)
        if self._stop.is_set():
            return False
        if not new:
            return bool(untold) or any(one.uid not in known for one in listed)  # others may lie behind them
        batch = first_batch(new, self._imap.raw_limit)
        letters = mailbox.letters(batch)
        missing = {one.uid for one in batch} - {letter.uid for letter in letters}
        self._miss(mailbox, missing, "the server does not give letter {} though it lists it")
        if letters:
            self._decide(mailbox, shelf, letters)
        return True

    def _known(self, shelf: Shelf) -> Mapping[int, LetterPlace]:
        journal = journal_of(self._home)
        try:
            return journal.places.lying(shelf)
        finally:
            journal.database.dispose()

    def _first_of(self, present: Sequence[int], known: Mapping[int, LetterPlace]) -> list[int]:
        """Known letters and the first unknown ones, without those set aside for a while."""
        now = time.monotonic()
        self._aside = {uid: until for uid, until in self._aside.items() if until > now}
        self._older.intersection_update(present)
        self._deleted.intersection_update(uid for uid in present if uid in self._aside)
        new = [uid for uid in present if uid not in known and uid not in self._aside and uid not in self._older]
        return [uid for uid in present if uid in known] + new[:LETTERS_A_BATCH]

    def _put_away(
        self,
        mailbox: Mailbox,
        shelf: Shelf,
        present: Sequence[int],
        known: Mapping[int, LetterPlace],
        listed: Sequence[Listed],
    ) -> None:
        """Moves letters that were decided before: a kill or a broken link came between."""
        there = frozenset(present)
        self.tray.note_moved(shelf, {uid: GONE for uid in known if uid not in there})
        same = [one.uid for one in listed if one.uid in known and known[one.uid].size == one.size]
        self._move(mailbox, shelf, {uid: known[uid].outcome for uid in same})

    def _move(self, mailbox: Mailbox, shelf: Shelf, outcomes: Mapping[int, Outcome | None]) -> None:
        by_folder: dict[str, list[int]] = defaultdict(list)
        for uid, outcome in outcomes.items():
            if outcome is not None:
                by_folder[self._imap.folders.of(outcome)].append(uid)
        for folder, uids in by_folder.items():
            try:
                mailbox.move(sorted(uids), folder)
            except MailboxError as error:  # they stay known and are moved later; new letters must not wait for that
                self._trouble(str(error))
                continue
            self.tray.note_moved(shelf, dict.fromkeys(uids, folder))

    def _miss(self, mailbox: Mailbox, uids: Set[int], why: str) -> None:
        """Letters that did not come; unless they are gone, they keep no others waiting."""
        if uids and (still := sorted(uids & set(mailbox.uids()))):
            self._set_aside(still, why.format(still[0]))

    def _set_aside(self, uids: Sequence[int], why: str) -> None:
        self._aside |= dict.fromkeys(uids, time.monotonic() + self._imap.retry_seconds)
        self._trouble(f"{why}; it is tried again")

    def _trouble(self, why: str) -> None:
        self._troubled = True
        self.tray.trouble(f"mailbox {self._name}: {why}", connected=True)

    def _decide(self, mailbox: Mailbox, shelf: Shelf, letters: Sequence[FetchedLetter]) -> None:
        """Hands letters over, keeps the connection alive meanwhile, moves what got an outcome."""
        self.tray.put(shelf, letters)
        broken: BaseException | None = None
        while (answer := self.tray.answer()) is None:
            if self._stop.is_set() and self.tray.withdraw():
                return
            self._alarm.wait(_PARK_LOOK_SECONDS)
            if broken is None:
                try:
                    mailbox.park()
                except LINK_FAULTS as error:
                    broken = error
        if broken:
            raise broken
        left = [letter.uid for letter in letters if letter.uid not in answer]
        if left:
            self._set_aside(left, f"{len(left)} letters were not stored")
        self._move(mailbox, shelf, answer)
