"""The watch of one mailbox: a thread that fetches messages, keeps them, and moves those that have an outcome.

Law of order: a message is fetched, kept (archive, then journal), decided by whoever decides, then moved. A kill or a
broken link between any two leads to the same end: what was taken is known by its number or its bytes, and only moved.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Literal

from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JournalError, is_environment_down
from inbox_worker.core.files import safe_name
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.login_acts import record_accepted_login
from inbox_worker.ledger.mail_places import Inbox
from inbox_worker.receiving.imap import (
    FIRST_YEAR,
    LETTERS_A_BATCH,
    FetchedLetter,
    Listed,
    Mailbox,
    open_mailbox,
    require_since,
)
from inbox_worker.receiving.imap_idle import Alarm, Client
from inbox_worker.receiving.imap_login import LINK_FAULTS, LoginRefused, MailboxError, cut
from inbox_worker.receiving.mail_put_off import PutOff
from inbox_worker.receiving.mail_trouble import MailEvent, account_of, describe_trouble, event_of
from inbox_worker.receiving.store import FAR_AHEAD, MOST_UNDECIDED, Incoming, write_raw
from inbox_worker.settings.home import Home
from inbox_worker.settings.mailboxes import Imap

_FIRST_WAIT = 1.0  # seconds after the first failure
_FIRST_LOOK, _LONGEST_LOOK = 0.5, 15.0  # seconds between looks at what waits for its decision

# `read`: the last look left nothing new behind, or the mailbox cannot be read; `full`: too much waits for a decision
State = Literal["begins", "full", "read"]


class MailboxWatch:
    """Watch one mailbox until told to stop; what was decided by then is moved first."""

    def __init__(
        self,
        home: Home,
        name: str,
        imap: Imap,
        now: Callable[[], datetime],
        ring: Callable[[], None],
        tell: Callable[[str, MailEvent], None],
    ) -> None:
        """`ring` is called when something was kept or all was read, `tell` with a problem's words and event; both from
        this thread."""
        self._home, self._name, self._imap = home, name, imap
        self._now, self._ring, self._tell = now, ring, tell
        self.connected = False
        self.problem = ""  # why not all is well
        self.state: State = "begins"
        self._admitted = False  # whether the messages that are there may be taken (`since`)
        self._taken: dict[int, tuple[int, int]] = {}  # by UID, not moved yet: number of the arrival, size
        self._older: set[int] = set()  # UIDs of messages that do not count, as long as the numbers hold
        self._deleted, self._last_left_alone = set[int](), ""
        self._alarm = Alarm()
        self._stop = threading.Event()
        self._cut = False
        self._client: Client | None = None
        self._failures = 0
        self._troubled, self._no_room, self._look_again = False, False, _FIRST_LOOK
        self._passed_by = False  # whether the last look left new messages, which may be those that were set aside
        self._aside = PutOff(imap.retry_seconds)

    def run(self) -> None:
        """Run the thread's work. Every trouble with the server, or with the journal's, is told and tried again, ever
        more slowly. Raise OlderLetters: only staff can say which of the messages count."""
        while not self._stop.is_set():
            try:
                with open_mailbox(self._imap, self._home.path, self._alarm, self._keep_client) as mailbox:
                    self._serve(mailbox)
                return
            except (MailboxError, *LINK_FAULTS, JournalError, DBAPIError) as error:
                if isinstance(error, DBAPIError) and not is_environment_down(error):
                    raise
                self.connected = False
                if self._cut:
                    return
                self._failures += 1
                self._trouble(describe_trouble(error, self._home, self._name, self._now()), event_of(error))
                self._stand("read")
                self._pause(isinstance(error, LoginRefused))

    def stop(self) -> None:
        """Ask the thread to end after what it has in hand; from another thread."""
        self._stop.set()
        self._alarm.ring()

    def cut_off(self) -> None:
        """Break the connection under a thread that hangs on it; from another thread."""
        self._cut = True
        if self._client:
            cut(self._client)

    def close(self) -> None:
        """Give back what the thread used, after its end."""
        self._alarm.close()

    def _keep_client(self, client: Client) -> None:
        self._client = client
        if self._stop.is_set():  # told to end while we were connecting
            self.cut_off()

    def _pause(self, refused: bool) -> None:
        """1, 2, 4, ... seconds up to the longest, less a random part so that mailboxes do not come all at once."""
        longest = self._imap.retry_seconds
        seconds = longest if refused else min(longest, _FIRST_WAIT * 2 ** min(self._failures - 1, 20))
        until = time.monotonic() + seconds * random.uniform(0.5, 1)  # noqa: S311
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            self._alarm.wait(left)

    def _serve(self, mailbox: Mailbox) -> None:
        inbox = Inbox(self._name, self._imap.account, self._imap.folder, mailbox.uidvalidity)
        for uid in self._aside.begin(mailbox.uidvalidity):
            self._trouble(f"the connection breaks at letter {uid} each time; it is tried again", MailEvent.NOT_TAKEN)
        self._older.clear()
        self._begin(mailbox, inbox)
        while True:
            ending = self._stop.is_set()  # what was decided before that is moved by this look
            self._troubled = False
            for problem in mailbox.problems:
                self._trouble(problem, MailEvent.NOT_MOVED)
            while self._look(mailbox, inbox):
                pass
            self._tell_left_alone()
            self.connected = True
            if ending:  # it takes nothing, so that it went well says nothing of what was set aside
                return
            if not self._troubled and not self._aside and not self._passed_by:
                self.problem = ""
            self._stand("full" if self._no_room else "read")
            mailbox.wait(self._look_again if self._taken else self._imap.idle_seconds)
            self._look_again = min(2 * self._look_again, _LONGEST_LOOK)
            self._failures = 0  # not before: a server may let us in and hang up each time

    def _stand(self, state: State) -> None:
        before, self.state = self.state, state
        if state != before:
            self._ring()

    def _begin(self, mailbox: Mailbox, inbox: Inbox) -> None:
        """Find out what was taken before. Look once, before the first message is taken, whether older ones are there
        that nobody spoke of."""
        with own_journal(self._home) as journal:
            record_accepted_login(journal, account_of(self._name), self._now())
            places = journal.places
            places.forget_older(inbox)
            self._taken = places.find_unmoved(inbox)
            known = self._admitted or self._imap.since or places.knows(inbox.account, inbox.folder)
        if not known:
            require_since(mailbox, self._imap, to_almaty(self._now()).date())
        self._admitted = True

    def _look(self, mailbox: Mailbox, inbox: Inbox) -> bool:
        """Move what was decided, then take one batch; return True when there may be more."""
        with own_journal(self._home) as journal:
            present = mailbox.uids()
            asked = self._first_of(present)
            listed = mailbox.list_letters(asked)
            new = self._new_ones(listed)
            untold = set(asked) - set(self._taken) - {one.uid for one in listed}
            behind = bool(untold) or any(one.uid not in self._taken for one in listed)
            self._put_away(mailbox, journal, inbox, present, listed)
            self._miss(mailbox, untold, "the server does not tell of letter {} though it lists it")
            self._no_room = bool(new) and journal.arrivals.count_undecided() >= MOST_UNDECIDED
            self._passed_by = bool(new) and (self._no_room or self._stop.is_set())
            if self._no_room or self._stop.is_set():
                return False
            if not new:
                return behind  # others may be behind them
            batch = self._aside.begin_batch(new, self._imap.raw_limit)
            letters = mailbox.letters(batch)
            self._aside.end_batch()
            missing = {one.uid for one in batch} - {letter.uid for letter in letters}
            self._miss(mailbox, missing, "the server does not give letter {} though it lists it")
            if letters:
                self._keep(journal, inbox, letters)
        return True

    def _first_of(self, present: Sequence[int]) -> list[int]:
        """Return taken messages and the first new ones, without those set aside for a while."""
        self._older.intersection_update(present)
        new = self._aside.due(uid for uid in present if uid not in self._taken and uid not in self._older)
        self._deleted.intersection_update(uid for uid in present if uid in self._aside)
        return [uid for uid in present if uid in self._taken] + new[:LETTERS_A_BATCH]

    def _new_ones(self, listed: Sequence[Listed]) -> list[Listed]:
        """Return the listed messages that are new and count. Older ones are not asked for again, those marked as
        deleted are looked at later: somebody may take the mark off."""
        new = [one for one in listed if one.uid not in self._taken or self._taken[one.uid][1] != one.size]
        since = self._imap.since
        self._older |= {one.uid for one in new if since and one.is_before(since)}
        deleted = {one.uid for one in new if one.deleted and one.uid not in self._older}
        self._deleted |= deleted
        self._aside.add(deleted)
        return [one for one in new if one.uid not in self._older and not one.deleted]

    def _tell_left_alone(self) -> None:
        """Tell what is there and is not taken, when that has changed."""
        parts = [f"{len(self._older)} older than {self._imap.since}"] if self._older else []
        parts += [f"{len(self._deleted)} marked as deleted"] if self._deleted else []
        words = ", ".join(parts)
        if words and words != self._last_left_alone:
            self._tell(f"mailbox {self._name}: letters left alone: {words}", MailEvent.LEFT_ALONE)
        self._last_left_alone = words

    def _put_away(
        self, mailbox: Mailbox, journal: Journal, inbox: Inbox, present: Sequence[int], listed: Sequence[Listed]
    ) -> None:
        """Move what has an outcome, and note where to. What is not there any more, or is another message under the same
        number, was taken away by somebody."""
        other = {one.uid for one in listed if one.uid in self._taken and self._taken[one.uid][1] != one.size}
        moved = dict.fromkeys((set(self._taken) - set(present)) | other, "")
        outcomes = journal.arrivals.outcomes({number for number, _ in self._taken.values()})
        by_folder: dict[str, list[int]] = defaultdict(list)
        for uid, (number, _) in self._taken.items():
            outcome = outcomes.get(number)
            if outcome is not None and uid not in moved:
                by_folder[self._imap.folders.of(outcome)].append(uid)
        try:
            for folder, uids in by_folder.items():
                try:
                    mailbox.move(sorted(uids), folder)
                except MailboxError as error:  # they are moved later; new messages must not wait for that
                    self._trouble(str(error), MailEvent.NOT_MOVED)
                    continue
                moved |= dict.fromkeys(uids, folder)
        finally:
            if moved:
                self._look_again = _FIRST_LOOK
            taken = {uid: self._taken.pop(uid) for uid in moved}
            journal.arrivals.move_places(
                [(number, inbox.place(uid, size), inbox.moved_to(moved[uid])) for uid, (number, size) in taken.items()]
            )

    def _keep(self, journal: Journal, inbox: Inbox, letters: Sequence[FetchedLetter]) -> None:
        """Write the bytes into the archive, then all rows in one transaction. A letter that finds no room stays."""
        kept, why = dict[int, Arrival](), ""
        for letter in letters:
            try:
                kept[letter.uid] = self._write(inbox, letter)
            except OSError as error:
                why = error.strerror or str(error)
        if left := [letter.uid for letter in letters if letter.uid not in kept]:
            words = f"letters cannot be stored ({why}); they stay in the mailbox and are tried again"
            self._tell(f"{self._name}: {words}", MailEvent.NOT_STORED)
            self._set_aside(left, f"letters that were not stored: {len(left)}")
        numbers = journal.places.register(inbox, kept)
        self._taken |= {letter.uid: (numbers[letter.uid], letter.size) for letter in letters if letter.uid in kept}
        self._look_again = _FIRST_LOOK
        self._ring()

    def _write(self, inbox: Inbox, letter: FetchedLetter) -> Arrival:
        source, place = f"{safe_name(inbox.folder)}-{letter.uid}.eml", inbox.place(letter.uid, letter.size)
        came = Incoming(letter.raw, source, self._name, self._receipt(letter), place=place)
        return replace(write_raw(self._home.archive, came), oversize=0 if letter.whole else letter.size)

    def _receipt(self, letter: FetchedLetter) -> datetime:
        """Return the moment of receipt by the server; now when it gives none, or one at which nothing can have come: a
        date lost by a move to another server (1970), or a clock gone wrong. No sender is to blame for that (4.3.2)."""
        received, now = letter.received_at, self._now()
        if received is None or (received.year >= FIRST_YEAR and received < now + FAR_AHEAD):
            return received or now
        words = f"came in {received.year} by the server's word, which cannot be; it counts as received now"
        self._tell(f"{self._name}: letter {letter.uid} {words}", MailEvent.NO_DATE)
        return now

    def _miss(self, mailbox: Mailbox, uids: Set[int], why: str) -> None:
        """Tell of messages that did not come; unless they are gone, they keep no others waiting."""
        if uids and (still := sorted(uids & set(mailbox.uids()))):
            self._set_aside(still, why.format(still[0]))

    def _set_aside(self, uids: Sequence[int], why: str) -> None:
        self._aside.add(uids)
        self._trouble(f"{why}; it is tried again", MailEvent.NOT_TAKEN)

    def _trouble(self, why: str, event: MailEvent) -> None:
        self._troubled = True
        self.problem = f"mailbox {self._name}: {why}"
        self._tell(self.problem, event)
