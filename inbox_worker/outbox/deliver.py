"""What all deliveries share: the house's one way out for letters, their Message-IDs, a document's bytes as approved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256 as sha256_of
from typing import Protocol

from sqlalchemy import Connection

from inbox_worker.core.files import sha256
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.review import path_of


@dataclass(frozen=True)
class OutLetter:
    """A letter to be sent: to one address, with files. `kind`: document | bill. `names`: what goes with it."""

    kind: str
    recipient: str
    subject: str
    message_id: str
    text: str
    html: str
    files: tuple[tuple[str, bytes], ...]
    names: str


@dataclass(frozen=True)
class QueuedLetter:
    """What is known of a queued letter now. `path`: its copy under archive/, as it goes or went."""

    state: LetterState
    sent_at: str
    answer: str
    path: str


class Sender(Protocol):
    """The house's one way out for letters, with its own records."""

    def queue(self, connection: Connection, letter: OutLetter, now: datetime) -> int:
        """Records a letter in the caller's transaction, keeps its bytes in archive/letters, gives its number."""

    def posted(self, numbers: Sequence[int]) -> Mapping[int, QueuedLetter]:
        """The state of those letters."""

    def send_due(self, now: datetime) -> list[str]:
        """Sends what is due, within the server's limits; gives what staff must know."""

    def can_write_to(self, address: str) -> bool:
        """Whether an address can be written to at all."""

    def withdraw(self, connection: Connection, number: int, why: str) -> bool:
        """Ends a letter that has not left, in the caller's transaction; False when it left or is leaving."""

    def server_takes(self) -> int:
        """Bytes of a letter that the server takes; 0 = it does not say, or is not there to be asked."""


def message_id(
    office: Office, kind: str, documents: Iterable[Version], recipient: str, instead_of: Collection[int] = ()
) -> str:
    """Ours and always the same for the same documents to the same address, so that a repeated job cannot send twice.

    `instead_of`: numbers of the letters that were withdrawn for this one.
    """
    what = " ".join(f"{version.id}:{version.lying}" for version in documents)
    what += "".join(f" instead of {number}" for number in sorted(instead_of))
    mark = sha256_of(f"{office.home.config.operator.bin} {kind} {what} {recipient}".encode()).hexdigest()[:24]
    address = next(iter(office.home.config.mailboxes.values())).address
    return f"<{kind}.{mark}@{address.rpartition('@')[2]}>"


def shown(version: Version) -> str:
    """How people find a version: its path in the outbox."""
    return f"{version.state}/{version.month}/{version.folder}/{version.name}"


def whole(office: Office, version: Version) -> bytes | None:
    """The file's bytes, if it still is what was approved; None when a hand was quicker (the next look tells)."""
    try:
        data = path_of(office.home.outbox, version).read_bytes()
    except FileNotFoundError:
        return None
    return data if sha256(data) == version.lying else None
