"""One mailbox over IMAP: what lies in it, whole letters in bounded batches, and where letters are moved.

Nothing here decides. The caller moves a letter only after its outcome is committed.
"""

from __future__ import annotations

import imaplib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox_worker.arrival.mailbox_idle import Alarm, Client, wait
from inbox_worker.arrival.mailbox_login import LINK_FAULTS, MailboxError, connect, sever, words_of
from inbox_worker.settings import Imap

LETTERS_A_BATCH = 50
BYTES_A_BATCH = 8 * 1024 * 1024  # one larger letter is a batch of its own
_UIDS_A_COMMAND = 200
_HOLLOW = frozenset({b"\\noselect", b"\\nonexistent"})  # a mere name above other folders


@dataclass(frozen=True)
class Letter:
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
    """A letter as the server lists it: size in bytes, moment of receipt with its zone."""

    uid: int
    size: int
    received_at: datetime | None


class Mailbox:
    """An open mailbox, its inbox selected. For one thread. Methods raise LINK_FAULTS when the link breaks."""

    def __init__(self, imap: Imap, client: Client) -> None:
        self._imap = imap
        self._client = client
        self._names: dict[str, str] = {}  # folder as config.yaml names it -> as the server does
        if not (client.has_capability("MOVE") or client.has_capability("UIDPLUS")):
            raise MailboxError(f"{imap.host} offers neither MOVE nor UIDPLUS, so no letter could be moved safely")
        selected = client.select_folder(imap.folder)
        self.uidvalidity = int(selected[b"UIDVALIDITY"])
        self._make_folders()
        self._heard = time.monotonic()

    def uids(self) -> list[int]:
        """Every letter of the inbox, the oldest number first: the whole folder is searched each time."""
        self._client.noop()
        self._heard = time.monotonic()
        return sorted(self._client.search("ALL"))

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Size and receipt of letters; those that are gone are left out."""
        found = []
        for part in _parts(uids):
            answer = self._told(part, ["RFC822.SIZE", "INTERNALDATE"])
            found += [Listed(uid, int(row[b"RFC822.SIZE"]), row.get(b"INTERNALDATE")) for uid, row in answer.items()]
        return found

    def letters(self, batch: Sequence[Listed]) -> list[Letter]:
        """The letters of a batch (`first_batch`); those that cannot be fetched or are gone meanwhile are left out.

        Of a letter over the raw limit only the head is fetched.
        """
        whole = [one.uid for one in batch if one.size <= self._imap.raw_limit]
        heads = [one.uid for one in batch if one.size > self._imap.raw_limit]
        raw = {uid: row.get(b"BODY[]") for uid, row in self._told(whole, ["BODY.PEEK[]"]).items()}
        raw |= {uid: row.get(b"BODY[HEADER]") for uid, row in self._told(heads, ["BODY.PEEK[HEADER]"]).items()}
        return [
            Letter(one.uid, one.size, one.received_at, data, one.uid not in heads)
            for one in batch
            if isinstance(data := raw.get(one.uid), bytes)
        ]

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

    def wait(self) -> None:
        """Until something may have come: IDLE, or a pause where the server has none. The link is proved after it."""
        if self._client.has_capability("IDLE"):
            wait(self._client, self._imap.idle_seconds)
        else:
            assert self._client.alarm is not None
            self._client.alarm.wait(self._imap.poll_seconds)
            self._client.noop()
        self._heard = time.monotonic()

    def park(self) -> None:
        """Keeps the connection alive while we are busy; a word to the server only when it has heard none for long."""
        if time.monotonic() - self._heard >= self._imap.idle_seconds:
            self._client.noop()
            self._heard = time.monotonic()

    def sever(self) -> None:
        """Closes the socket without a word."""
        sever(self._client)

    def _told(self, uids: Sequence[int], what: list[str]) -> dict[int, dict[bytes, Any]]:
        """FETCH in one command; letter by letter when the server refuses it for one that is gone."""
        if not uids:
            return {}
        try:
            return dict(self._client.fetch(uids, what))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            lying = set(self.uids())
            return {uid: row for uid in uids if uid in lying for row in self._one(uid, what)}

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
        name = self._names[folder]
        if self._client.has_capability("MOVE"):
            self._client.move(uids, name)
            return
        self._client.copy(uids, name)
        self._client.add_flags(uids, [b"\\Deleted"], silent=True)
        self._client.uid_expunge(uids)  # never a bare expunge: others' deleted letters are theirs

    def _make_folders(self) -> None:
        """Makes the folders of the outcomes when missing, under the prefix that the server wants."""
        prefix, delimiter = _personal(self._client)
        listed = self._client.list_folders()
        present = {name for flags, _, name in listed if not _HOLLOW & {flag.lower() for flag in flags}}
        for folder in self._imap.folders.names:
            name = folder.replace("/", delimiter)
            name = name if name in present or name.startswith(prefix) else prefix + name
            self._names[folder] = name
            if name not in present:
                self._client.create_folder(name)
                self._client.subscribe_folder(name)


def first_batch(listed: Sequence[Listed], raw_limit: int) -> list[Listed]:
    """The first letters that together stay within a batch; at least one. A letter over the limit weighs nothing."""
    batch: list[Listed] = []
    weight = 0
    for one in listed[:LETTERS_A_BATCH]:
        weight += one.size if one.size <= raw_limit else 0
        if batch and weight > BYTES_A_BATCH:
            break
        batch.append(one)
    return batch


def _personal(client: Client) -> tuple[str, str]:
    """Prefix and delimiter of our own folders ('INBOX.' and '.' on some servers)."""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            return personal[0][0], personal[0][1] or "/"
    return "", "/"


def _parts(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), _UIDS_A_COMMAND):
        yield uids[start : start + _UIDS_A_COMMAND]


@contextmanager
def open_mailbox(imap: Imap, home: Path, alarm: Alarm, reached: Callable[[Client], None]) -> Iterator[Mailbox]:
    """A mailbox while the block runs. Raises MailboxError, in the block also LINK_FAULTS.

    `reached` gets the connection, so that another thread may sever it.
    """
    client = connect(imap, home)
    client.alarm = alarm
    reached(client)
    try:
        yield _opened(imap, client)
        with suppress(*LINK_FAULTS):
            client.logout()
    finally:
        sever(client)


def _opened(imap: Imap, client: Client) -> Mailbox:
    try:
        return Mailbox(imap, client)
    except LINK_FAULTS as error:
        words = words_of(error)
        raise MailboxError(f"{imap.host}: {imap.folder} of {imap.user} cannot be opened: {words}") from None


def try_mailbox(imap: Imap, home: Path) -> str:
    """What keeps a mailbox from being used, '' when nothing does. Makes the folders of the outcomes."""
    alarm = Alarm()
    try:
        with open_mailbox(imap, home, alarm, lambda client: None):
            return ""
    except MailboxError as error:
        return str(error)
    except LINK_FAULTS as error:
        return f"{imap.host}: {words_of(error)}"
    finally:
        alarm.close()
