"""One mailbox over IMAP: what lies in it, whole letters in bounded batches, and where letters are moved.

Nothing here decides. The caller moves a letter only after its outcome is committed.
"""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from inbox_worker.core.time import to_almaty
from inbox_worker.receiving.imap_folders import make_folders
from inbox_worker.receiving.imap_idle import Alarm, Client, wait
from inbox_worker.receiving.imap_login import LINK_FAULTS, MailboxError, connect, guard_answers, sever, words_of
from inbox_worker.settings.config import OlderLetters
from inbox_worker.settings.mailboxes import Imap

LETTERS_A_BATCH = 50
FIRST_YEAR = 1990  # an earlier moment of receipt is a date that was lost
BYTES_A_BATCH = 8 * 1024 * 1024  # one larger letter is a batch of its own
_UIDS_A_COMMAND = 200


@dataclass(frozen=True)
class FetchedLetter:
    """A letter's raw bytes. `received_at` is the server's INTERNALDATE, never the sender's Date (4.3.2).

    `size` is that of the whole letter; `whole` is False when only the head was fetched.
    """

    uid: int
    size: int
    received_at: datetime | None
    raw: bytes
    whole: bool = True


@dataclass(frozen=True)
class Listed:
    """A letter as the server lists it: size in bytes, moment of receipt with its zone, marked as `deleted` or not."""

    uid: int
    size: int
    received_at: datetime | None
    deleted: bool = False

    def is_before(self, day: date) -> bool:
        """Tell whether it was received before that day in Almaty; a moment that the server has lost says nothing."""
        moment = self.received_at
        return moment is not None and moment.year >= FIRST_YEAR and to_almaty(moment).date() < day


class Mailbox:
    """An open mailbox, its inbox selected. For one thread. Methods raise LINK_FAULTS when the link breaks."""

    @guard_answers
    def __init__(self, imap: Imap, client: Client) -> None:
        self._imap = imap
        self._client = client
        self._copied: set[tuple[int, str]] = set()  # (UID, folder): copied, not removed from here yet
        self._there = 0  # letters at the last search
        if not (client.has_capability("MOVE") or client.has_capability("UIDPLUS")):
            raise MailboxError(f"{imap.host} offers neither MOVE nor UIDPLUS, so no letter could be moved safely")
        uidvalidity = client.select_folder(imap.folder).get(b"UIDVALIDITY")
        if not isinstance(uidvalidity, int):
            raise MailboxError(f"{imap.host} gives no UIDVALIDITY for {imap.folder}, so no letter would be known again")
        self.uidvalidity = uidvalidity
        self._make_folders()

    @property
    def problems(self) -> tuple[str, ...]:
        """Folders that could not be made, a line each."""
        return self._folders.problems

    @guard_answers
    def uids(self) -> list[int]:
        """List every letter of the inbox, the oldest number first: the whole folder is searched each time."""
        self._client.noop()
        self._client.forget_counts()
        found = sorted(self._client.search("ALL"))
        self._there = len(found)
        return found

    @guard_answers
    def before(self, day: date) -> list[Listed]:
        """Find letters received before a day in Almaty. SEARCH knows days of the server's own zone: it is asked for
        more."""
        near = sorted(self._client.search(["BEFORE", day + timedelta(days=2)]))
        return [one for one in self.list_letters(near) if one.is_before(day)]

    @guard_answers
    def list_letters(self, uids: Sequence[int]) -> list[Listed]:
        """Size and receipt of letters; those that are gone, or of which the server does not tell, are left out."""
        found = []
        for part in _parts(uids):
            for uid, row in self._fetch_rows(part, ["RFC822.SIZE", "INTERNALDATE", "FLAGS"]).items():
                size = row.get(b"RFC822.SIZE")  # flags that somebody changed come as a row, too
                if isinstance(size, int):
                    deleted = b"\\Deleted" in row.get(b"FLAGS", ())
                    found.append(Listed(uid, size, row.get(b"INTERNALDATE"), deleted))
        return found

    @guard_answers
    def letters(self, batch: Sequence[Listed]) -> list[FetchedLetter]:
        """Fetch the letters of a batch (`first_batch`); those that cannot be fetched or are gone meanwhile are left
        out.

        Of a letter over the raw limit only the head is fetched.
        """
        whole = [one.uid for one in batch if one.size <= self._imap.raw_limit]
        heads = [one.uid for one in batch if one.size > self._imap.raw_limit]
        raw = {uid: row.get(b"BODY[]") for uid, row in self._fetch_rows(whole, ["BODY.PEEK[]"]).items()}
        raw |= {uid: row.get(b"BODY[HEADER]") for uid, row in self._fetch_rows(heads, ["BODY.PEEK[HEADER]"]).items()}
        return [
            FetchedLetter(one.uid, one.size, one.received_at, data, one.uid not in heads)
            for one in batch
            if isinstance(data := raw.get(one.uid), bytes)
        ]

    @guard_answers
    def move(self, uids: Sequence[int], folder: str) -> None:
        """Moves letters; those that are gone already are no trouble. Raises MailboxError when the server refuses."""
        for part in _parts(uids):
            try:
                self._move(part, folder)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                self._make_folders()  # staff may have deleted it; or a letter was gone (EXPUNGEISSUED)
                left = sorted(set(self.uids()) & set(part))
                self._move_again(left, folder)

    @guard_answers
    def wait(self, seconds: float) -> None:
        """Wait until something may have come, at most so long: IDLE, or a pause where the server has none. The link is
        proved after it."""
        if self._client.has_capability("IDLE"):
            wait(self._client, min(seconds, self._imap.idle_seconds), self._there)
        elif not self._client.has_more_than(self._there):
            assert self._client.alarm is not None
            self._client.alarm.wait(min(seconds, self._imap.poll_seconds))
            self._client.noop()

    def _fetch_rows(self, uids: Sequence[int], what: list[str]) -> dict[int, dict[bytes, Any]]:
        """FETCH in one command; letter by letter when the server refuses it for one that is gone."""
        if not uids:
            return {}
        try:
            return dict(self._client.fetch(uids, what))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            there = set(self.uids())
            return {uid: row for uid in uids if uid in there for row in self._one(uid, what)}

    def _one(self, uid: int, what: list[str]) -> list[dict[bytes, Any]]:
        try:
            return list(self._client.fetch([uid], what).values())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return []  # the caller misses it and says so

    def _move_again(self, uids: Sequence[int], folder: str) -> None:
        try:
            if uids:
                self._move(uids, folder)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            words = words_of(error)
            raise MailboxError(f"letters cannot be moved to {folder}: {words}; they are moved later") from None

    def _move(self, uids: Sequence[int], folder: str) -> None:
        name = self._folders.names[folder]
        if self._client.has_capability("MOVE"):
            self._client.move(uids, name)
            return
        fresh = [uid for uid in uids if (uid, folder) not in self._copied]
        if fresh:  # a server that copies and does not let us remove would fill the folder, try by try
            self._client.copy(fresh, name)
            self._copied |= {(uid, folder) for uid in fresh}
        self._client.add_flags(uids, [b"\\Deleted"], silent=True)
        self._client.uid_expunge(uids)  # never a bare expunge: others' deleted letters are theirs

    def _make_folders(self) -> None:
        self._folders = make_folders(self._client, self._imap.folders.names)


def first_batch(listed: Sequence[Listed], raw_limit: int) -> list[Listed]:
    """Take the first letters that together stay within a batch; at least one. A letter over the limit weighs
    nothing."""
    batch: list[Listed] = []
    weight = 0
    for one in listed[:LETTERS_A_BATCH]:
        weight += one.size if one.size <= raw_limit else 0
        if batch and weight > BYTES_A_BATCH:
            break
        batch.append(one)
    return batch


def _parts(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), _UIDS_A_COMMAND):
        yield uids[start : start + _UIDS_A_COMMAND]


@contextmanager
def open_mailbox(imap: Imap, home: Path, alarm: Alarm, reached: Callable[[Client], None]) -> Iterator[Mailbox]:
    """Open a mailbox while the block runs. Raises MailboxError, in the block also LINK_FAULTS.

    `reached` gets the connection, so that another thread may sever it.
    """
    client = connect(imap, home)
    client.alarm = alarm
    reached(client)
    try:
        yield _open_folder(imap, client)
        with suppress(*LINK_FAULTS):
            guard_answers(client.logout)()
    finally:
        sever(client)


def _open_folder(imap: Imap, client: Client) -> Mailbox:
    try:
        return Mailbox(imap, client)
    except imaplib.IMAP4.readonly:
        raise MailboxError(
            f"{imap.host}: {imap.folder} of {imap.user} may only be read; give that user the right to change it, "
            "for letters are moved"
        ) from None
    except LINK_FAULTS as error:
        words = words_of(error)
        raise MailboxError(f"{imap.host}: {imap.folder} of {imap.user} cannot be opened: {words}") from None


def require_since(mailbox: Mailbox, imap: Imap, today: date) -> None:
    """Raises OlderLetters for a mailbox that is read for the first time, holds letters of days before today, and has
    no `since`: old mail must not be answered and posted because somebody named the wrong folder."""
    older = [] if imap.since else mailbox.before(today)
    if older:
        oldest = min(to_almaty(one.received_at) for one in older if one.received_at)
        raise OlderLetters(
            f"{imap.folder} of {imap.account} holds letters of days before today: {len(older)}, the oldest of"
            f" {oldest:%d.%m.%Y}: say under imap in config.yaml from which day letters count, `since: {today}` or an"
            " earlier day; older ones stay untouched"
        )


def try_mailbox(imap: Imap, home: Path, first_on: date | None = None) -> str:
    """Find what keeps a mailbox from being used, '' when nothing does. Makes the folders of the outcomes.

    `first_on`: today, when the mailbox was never read before; then it must not hold older letters unsaid.
    """
    alarm = Alarm()
    try:
        with open_mailbox(imap, home, alarm, lambda client: None) as mailbox:
            if first_on:
                require_since(mailbox, imap, first_on)
            return "; ".join(f"{imap.host}: {problem}" for problem in mailbox.problems)
    except OlderLetters as error:
        return str(error)
    except MailboxError as error:
        return str(error)
    except LINK_FAULTS as error:
        return f"{imap.host}: {words_of(error)}"
    finally:
        alarm.close()
