"""Approved documents on their way: by e-mail, into the exchange folder, or both, with proof kept (4.1.8, 10.12).

A letter's record is written in one transaction with the proofs that name it, so it exists once or not at all;
sending it is the sender's work, and its answer is taken up at the next look. A document lies in `sent` when it
reached everybody it had to reach. What may have arrived or not is shown, never repeated.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256 as sha256_of
from typing import Protocol

from sqlalchemy import Connection

from inbox_worker.context import Office
from inbox_worker.files import sha256
from inbox_worker.ledger.outgoing import Move, Outgoing, Passage, Proof, Stage, Version, stamp
from inbox_worker.model import Customer, Period
from inbox_worker.outbox.covering import documents_letter
from inbox_worker.outbox.exchange import Taken, put
from inbox_worker.outbox.manifest import first_name
from inbox_worker.outbox.place import folder_name
from inbox_worker.outbox_judge import Problem
from inbox_worker.review import PROGRAM, finished, look_through, move_file, path_of

_OURS = re.compile(rb"<(?:document|bill)\.[0-9a-f]{24}@[A-Za-z0-9.-]+>")
OPEN = (Passage.QUEUED, Passage.UNCERTAIN, Passage.REFUSED, Passage.DROPPED)


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
        if version.id not in blocked and to == "customer" and wanted(version):
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


def settle(office: Office, sender: Sender | None, now: datetime) -> list[Problem]:
    """Takes up what became of letters, puts what arrived into `sent`, and gives the letters that people must see to."""
    out = Outgoing(office.journal)
    waiting = [proof for proof in out.proofs(states=OPEN) if proof.letter]
    posted = sender.posted(sorted({proof.letter for proof in waiting})) if sender and waiting else {}
    with office.journal.transaction() as connection:
        for proof in waiting:
            now_is = posted.get(proof.letter)
            if now_is and (now_is.state, now_is.answer, now_is.path) != (proof.state, proof.answer, proof.path):
                out.settle(connection, proof.letter, **{**vars(now_is), "state": now_is.state.value})
    _put_away(office, out, now)
    return letters_told(out)


def named_in(report: bytes) -> list[str]:
    """Message-IDs of our documents and bills that a bounce names anywhere in its bytes, each once.

    >>> named_in(b"Message-ID: <bill.0123456789abcdef01234567@x.example>")
    ['<bill.0123456789abcdef01234567@x.example>']
    """
    return list(dict.fromkeys(found.decode() for found in _OURS.findall(report)))


def record_bounce(office: Office, message_ids: Sequence[str], answer: str, now: datetime) -> list[Proof]:
    """A letter came back: marks those of ours that its report names. Gives what was marked; nothing for strangers'.

    `answer`: what the report says, on one line. The document stays in `sent`; staff see the bounce in `outbox list`.
    """
    found = Outgoing(office.journal).bounced(message_ids, answer[:300])
    if found:
        look_through(office, now)
    return found


def handed(office: Office, versions: Sequence[Version], note: str, who: str, now: datetime) -> None:
    """Staff gave documents out of hand (on paper, on a stick): recorded as proof, and they lie in `sent`."""
    out, at = Outgoing(office.journal), stamp(now)
    with office.journal.transaction() as connection:
        for version in versions:
            proof = Proof(version.id, "hand", who, Passage.SENT, at, sent_at=at, answer=note, sha256=version.lying)
            out.prove(connection, proof)
    _put_away(office, out, now)


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


def _put_away(office: Office, out: Outgoing, now: datetime) -> None:
    """What reached everybody lies in `sent`; the version that it revises is marked."""
    moved = False
    done = finished(out.proofs(months=out.months_with((Stage.APPROVED,))))
    for version in out.versions((Stage.APPROVED,)) if done else ():
        source, target = path_of(office.home.outbox, version), path_of(office.home.outbox, version, Stage.SENT)
        if version.id in done and _complete(office, out, version) and source.is_file() and not target.exists():
            move_file(office, source, target, Stage.SENT)
            _mark_revised(office, out, version, now)
            moved = True
    if moved:
        look_through(office, now, PROGRAM)


def _complete(office: Office, out: Outgoing, version: Version) -> bool:
    """Whether every way to the Customer was gone; what was handed out needs no other."""
    ways = {proof.way for proof in out.proofs(version.id)}
    if office.rules.delivery.kind(version.kind).to != "customer":
        return True
    return "hand" in ways or ways >= set(office.rules.delivery.ways_to(version.bin))


def _mark_revised(office: Office, out: Outgoing, version: Version, now: datetime) -> None:
    if version.revision == 1:
        return
    for old in out.versions((Stage.SENT,), [version.month]):
        same = (old.bin, first_name(old.name)) == (version.bin, first_name(version.name))
        if same and old.revision < version.revision and "revised_by" not in old.entry:
            note = f"revised by {version.name}"
            with office.journal.transaction() as connection:
                out.change(connection, old.id, entry={**old.entry, "revised_by": version.name})
                out.moved(connection, Move(old.id, "sent", Stage.SENT, PROGRAM, stamp(now), old.lying, note))


def letters_told(out: Outgoing, bills_of: str = "") -> list[Problem]:
    """Letters that may have arrived or not, were refused, or came back and were not handed out since.

    `bills_of` a month: of its bills, else of documents: many consumers' addresses are wrong, every month.
    """
    codes = {Passage.UNCERTAIN: "uncertain", Passage.REFUSED: "refused", Passage.BOUNCED: "bounced"}
    problems = []
    for proof in out.proofs(states=tuple(codes), months=[bills_of] if bills_of else None):
        version = out.version(proof.document)
        by_hand = any(other.way == "hand" for other in out.proofs(proof.document))
        if version and bool(version.account) == bool(bills_of) and not by_hand:
            more = f"{proof.recipient}: {proof.answer}"
            problems.append(Problem(f"outbox.letter_{codes[proof.state]}", shown(version), version.id, more))
    return problems
