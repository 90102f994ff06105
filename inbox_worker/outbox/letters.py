"""Letters that leave: composed, kept in archive/letters before they are sent, and queued in the journal."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import sha256, write_atomic
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.letters import Delivery, LetterState, stamp
from inbox_worker.ledger.sent_documents import Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.month.witnesses import describe_head
from inbox_worker.outbox.compose import Enclosure, Letter, compose
from inbox_worker.outbox.cover_letters import Wording
from inbox_worker.settings.home import Home

FOLDER = "letters"


class LetterGone(JobError):
    """A letter's bytes are not in the archive as they were written; the text tells what to do."""


@dataclass(frozen=True)
class Carried:
    """A document that goes with a letter, under a file name there."""

    version: Version
    name: str
    data: bytes


def queue_letter(
    connection: Connection,
    office: Office,
    kind: str,
    recipient: str,
    words: Wording,
    carried: Sequence[Carried],
    now: datetime,
    instead_of: Collection[int] = (),
    about: str = "",
) -> None:
    """Record a letter with documents and the proof of each, in the caller's transaction; its bytes are kept first.

    `kind`: document | bill | digest. The same documents, or `about`, to the same address have the same Message-ID
    (`instead_of`: of letters withdrawn for it), which the journal refuses a second time (IntegrityError).
    """
    mailbox, at = next(iter(office.home.config.mailboxes)), stamp(now)
    what = about + _name_contents(carried, instead_of)
    letter = _letter_with(office.home, kind, recipient, words, carried, now, what)
    data = compose(replace(letter, witness=describe_head(connection)))
    delivery = Delivery(
        id=0,
        kind=kind,
        arrival=0,
        document="; ".join(f"{one.version.month}/{one.version.folder}/{one.version.name}" for one in carried),
        mailbox=mailbox,
        recipient=recipient,
        subject=words.subject,
        message_id=letter.message_id,
        thread="",
        state=LetterState.QUEUED,
        created_at=at,
        sha256=sha256(data),
        path=keep_letter(office.home, letter.message_id, data),
    )
    number = office.journal.letters.add(connection, delivery)
    for version in (one.version for one in carried):
        proof = Proof(version.id, "mail", recipient, LetterState.QUEUED, at, number, letter.message_id)
        office.journal.documents.prove_anew(connection, replace(proof, sha256=version.sha256_now))


def _letter_with(
    home: Home,
    kind: str,
    recipient: str,
    words: Wording,
    carried: Sequence[Carried],
    now: datetime,
    what: str,
) -> Letter:
    """The letter of documents, from the first mailbox: people who answer reach staff."""
    mailbox, box = next(iter(home.config.mailboxes.items()))
    return Letter(
        sender=address_of(home, mailbox),
        sender_name=home.operator.name,
        reply_to=box.address,
        recipient=recipient,
        subject=words.subject,
        message_id=_message_id(home, box.address, kind, what, recipient),
        date=to_almaty(now),
        text=words.text,
        html=words.html,
        enclosures=tuple(Enclosure(one.name, one.data) for one in carried),
        automatic="auto-generated",
    )


def _name_contents(carried: Sequence[Carried], instead_of: Collection[int]) -> str:
    what = " ".join(f"{one.version.id}:{one.version.sha256_now}" for one in carried)
    return what + "".join(f" instead of {number}" for number in sorted(instead_of))


def _message_id(home: Home, address: str, kind: str, what: str, recipient: str) -> str:
    mark = sha256(f"{home.config.operator.bin} {kind} {what} {recipient}".encode())[:24]
    return f"<{kind}.{mark}@{address.rpartition('@')[2]}>"


def keep_letter(home: Home, message_id: str, data: bytes) -> str:
    """Write a letter into the archive, and return its place there."""
    place = f"{FOLDER}/{file_name(message_id)}"
    write_atomic(home.archive / place, data)
    return place


def file_name(message_id: str) -> str:
    """Return the name of a letter's file."""
    local = message_id.strip("<>").partition("@")[0]
    return f"{local if re.fullmatch('[A-Za-z0-9][A-Za-z0-9._-]{0,99}', local) else sha256(message_id.encode())}.eml"


def address_of(home: Home, mailbox: str) -> str:
    """Return the address that a letter of a mailbox is sent from."""
    smtp = home.config.smtp
    return (smtp.sender if smtp else "") or home.config.address_of(mailbox)
