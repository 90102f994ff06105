"""Approved documents on their way: by e-mail, into the exchange folder, or both, with proof kept (4.1.8, 10.12).

A letter's record is written in one transaction with the proofs that name it, so it exists once or not at all;
sending it is the sender's work, and its answer is taken up at the next look. A document lies in `sent` when it
reached everybody it had to reach. What may have arrived or not is shown, never repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256 as sha256_of
from typing import Protocol

from sqlalchemy import Connection

from inbox_worker.context import Office
from inbox_worker.dispatch.judge import EDIT_OF
from inbox_worker.dispatch.problems import Problem
from inbox_worker.dispatch.review import path_of
from inbox_worker.files import sha256
from inbox_worker.ledger.outgoing import Outgoing, Passage, Proof, Stage, Version, stamp
from inbox_worker.model import Customer, Period
from inbox_worker.outbox.covering import documents_letter
from inbox_worker.outbox.exchange import Taken, put
from inbox_worker.outbox.place import folder_name


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
class Posted:
    """What is known of a queued letter now. `path`: its copy under archive/, as it goes or went."""

    state: Passage
    sent_at: str
    answer: str
    path: str


class Sender(Protocol):
    """The house's one way out for letters, with its own records."""

    def queue(self, connection: Connection, letter: OutLetter, now: datetime) -> int:
        """Records a letter in the caller's transaction, keeps its bytes in archive/letters, gives its number."""

    def posted(self, numbers: Sequence[int]) -> Mapping[int, Posted]:
        """The state of those letters."""

    def send_due(self, now: datetime) -> list[str]:
        """Sends what is due, within the server's limits; gives what staff must know."""

    def can_write_to(self, address: str) -> bool:
        """Whether an address can be written to at all."""


def deliver(
    office: Office,
    sender: Sender | None,
    now: datetime,
    blocked: Collection[int] = (),
    wanted: Callable[[Version], bool] = lambda version: True,
) -> list[Problem]:
    """Begins the delivery of approved documents of Customers; those in `blocked` wait. Gives what people must mend."""
    problems = []
    together: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for version in Outgoing(office.journal).versions((Stage.APPROVED,)):
        to = office.rules.delivery.kind(version.kind).to
        free = version.id not in blocked and EDIT_OF not in version.entry
        if free and to == "customer" and wanted(version):
            together[version.month, version.bin].append(version)
    for (month, bin), versions in together.items():
        customer = office.journal.customers().get(bin)
        if customer is None:
            more = f"{bin}: тапсырыс беруші тізілімде жоқ / заказчика нет в реестре"
            problems += [Problem("outbox.no_address", shown(version), version.id, more) for version in versions]
            continue
        for way in office.rules.delivery.ways_to(bin):
            if way == "folder":
                problems += _into_folder(office, customer, versions, now)
            else:
                problems += _by_mail(office, sender, Period.parse(month), customer, versions, now)
    return problems


def message_id(office: Office, kind: str, documents: Iterable[Version], recipient: str) -> str:
    """Ours and always the same for the same documents to the same address, so that a repeated job cannot send twice."""
    what = " ".join(f"{version.id}:{version.lying}" for version in documents)
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


def _into_folder(office: Office, customer: Customer, versions: Sequence[Version], now: datetime) -> list[Problem]:
    out, problems, folder = Outgoing(office.journal), list[Problem](), office.home.exchange
    for version in versions:
        if any(proof.way == "folder" for proof in out.proofs(version.id)):
            continue
        if folder is None:
            problems.append(Problem("outbox.no_exchange", shown(version), version.id))
            continue
        data = whole(office, version)
        if data is None:
            continue
        try:
            path = put(folder, folder_name(customer), version.month, version.name, data)
        except Taken as error:
            problems.append(Problem("outbox.exchange_taken", shown(version), version.id, str(error)))
            continue
        at = stamp(now)
        proof = Proof(version.id, "folder", str(folder), Passage.SENT, at, sent_at=at, sha256=sha256(data))
        with office.journal.transaction() as connection:
            out.prove(connection, Proof(**{**vars(proof), "path": str(path)}))
    return problems


def _by_mail(
    office: Office, sender: Sender | None, month: Period, customer: Customer, versions: Sequence[Version], now: datetime
) -> list[Problem]:
    out = Outgoing(office.journal)
    if sender is None:
        return [Problem("outbox.no_mail", shown(v), v.id) for v in versions if not out.proofs(v.id)]
    addresses = [address for address in customer.emails if sender.can_write_to(address)]
    if not addresses:
        more = f"{customer.name}: «{'; '.join(customer.emails)}»"
        return [Problem("outbox.no_address", shown(v), v.id, more) for v in versions if not out.proofs(v.id)]
    problems = []
    for address in addresses:
        written = {v.id for v in versions if any(p.recipient == address for p in out.proofs(v.id))}
        fresh = [version for version in versions if version.id not in written]
        parts, large = _parts(office, fresh)
        problems += [Problem("outbox.letter_large", shown(version), version.id) for version in large]
        for place, part in enumerate(parts, 1):
            _queue(office, sender, month, address, part, f"{place}/{len(parts)}" if len(parts) > 1 else "", now)
    return problems


def _parts(
    office: Office, versions: Sequence[Version]
) -> tuple[list[list[tuple[Version, bytes]]], list[Version]]:  # fmt: skip
    """Documents by letter, and those too large for any."""
    most, parts, large, left = office.rules.delivery.letter_bytes, list[list[tuple[Version, bytes]]](), [], 0
    for version in versions:
        data = whole(office, version)
        if data is None:
            continue
        if len(data) > most:
            large.append(version)
            continue
        if not parts or len(data) > left:
            parts.append([])
            left = most
        parts[-1].append((version, data))
        left -= len(data)
    return parts, large


def _queue(
    office: Office, sender: Sender, month: Period, address: str, part: Sequence[tuple[Version, bytes]], whose: str,
    now: datetime,
) -> None:  # fmt: skip
    out, versions = Outgoing(office.journal), [version for version, _ in part]
    words = documents_letter(month, [(v.kind, v.name) for v in versions], office.home.operator, whose)
    letter = OutLetter(
        kind="document",
        recipient=address,
        subject=words.subject,
        message_id=message_id(office, "document", versions, address),
        text=words.text,
        html=words.html,
        files=tuple((version.name.rpartition("/")[2], data) for version, data in part),
        names="; ".join(f"{v.month}/{v.folder}/{v.name}" for v in versions),
    )
    with office.journal.transaction() as connection:
        number = sender.queue(connection, letter, now)
        for version in versions:
            proof = Proof(version.id, "mail", address, Passage.QUEUED, stamp(now), number, letter.message_id)
            out.prove(connection, Proof(**{**vars(proof), "sha256": version.lying}))
