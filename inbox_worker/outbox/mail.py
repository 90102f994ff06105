"""Documents of a Customer's month into letters: what fits, to which addresses, and anew when a letter could not go.

A letter that is too large for the server or for the rules, or that people dropped, is withdrawn and its documents are
composed anew in the same transaction, so that they are in exactly one letter to an address at any time. After an
address was mended in the register, letters that have not left to the old one are withdrawn likewise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inbox_worker.core.addresses import canonical_address
from inbox_worker.core.model import Customer, Period
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.ledger.sent_documents import Documents, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.cover_letters import Wording, Writer
from inbox_worker.outbox.deliver import OutLetter, Sender, message_id, shown, whole
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.trouble import Trouble, trouble_of

Proofs = Mapping[int, Sequence[Proof]]  # by document
_UNSENT = (LetterState.QUEUED, LetterState.REFUSED, LetterState.DROPPED)
_ANEW = "composed anew in other letters"
_ELSEWHERE = "the register has another address"


class _OnItsWay(Exception):
    """A letter to be withdrawn is being sent this very moment."""


@dataclass(frozen=True)
class Room:
    """What one letter holds: bytes of its files, and of the whole letter (0 = the server does not say)."""

    files: int
    letter: int = 0

    def holds(self, files: Sequence[tuple[str, int]], words: int) -> bool:
        """Whether files (name, bytes) fit beside so many bytes of words."""
        encoded = words + sum(encoded_size(name, size) for name, size in files)
        return sum(size for _, size in files) <= self.files and (not self.letter or encoded <= self.letter)


def encoded_size(name: str, size: int) -> int:
    """Bytes that a file takes in a letter: base64 in lines, its headers and its name in two forms."""
    return (size + 56) // 57 * 78 + 500 + 8 * len(name.encode())


def words_size(words: Wording) -> int:
    """Bytes that a letter takes without its files."""
    return (len(words.text.encode()) + len(words.html.encode())) * 3 // 2 + 3_000


def mail_documents(
    office: Office, sender: Sender, month: Period, customer: Customer, versions: Sequence[Version], now: datetime,
    dropped_too: bool,
) -> list[Problem]:  # fmt: skip
    """Queues letters for documents that have none to an address, or none that can go. `dropped_too`: also anew those
    that people dropped."""
    out, known = Documents(office.journal), [address for address in customer.emails if sender.can_write_to(address)]
    proofs = {version.id: out.proofs(version.id) for version in versions}
    problems = leave_old_addresses(office, sender, versions, proofs, customer.emails)
    proofs = {version.id: out.proofs(version.id) for version in versions}
    if not known:
        more = f"{customer.name}: «{'; '.join(customer.emails)}»"
        lost = [v for v in versions if all(p.state is LetterState.DROPPED for p in proofs[v.id])]
        return [*problems, *(Problem("outbox.no_address", shown(v), v.id, more) for v in lost)]
    for address in known:
        problems += _mail_to(office, sender, month, address, known, versions, proofs, now, dropped_too)
    return problems


def leave_old_addresses(
    office: Office, sender: Sender, versions: Sequence[Version], proofs: Proofs, known: Sequence[str]
) -> list[Problem]:
    """Withdraws letters that have not left to addresses that the register has no more; told."""
    out, problems, valid = Documents(office.journal), list[Problem](), {canonical_address(one) for one in known}
    done = set[int]()
    for version in versions:
        for proof in proofs[version.id]:
            open_ = proof.way == "mail" and proof.state in (LetterState.QUEUED, LetterState.REFUSED)
            if not open_ or canonical_address(proof.recipient) in valid or proof.letter in done:
                continue
            with office.journal.transaction() as connection:
                left = sender.withdraw(connection, proof.letter, _ELSEWHERE)
                if left:
                    out.settle(connection, proof.letter, state=LetterState.DROPPED.value, answer=_ELSEWHERE)
            if left:
                done.add(proof.letter)
                more = f"{proof.recipient} → {'; '.join(known) or '—'}"
                problems.append(Problem("outbox.address_changed", shown(version), more=more))
    return problems


def unwritten_addresses(known: Sequence[str], proofs: Sequence[Proof]) -> list[str]:
    """Addresses that a document has no letter to. One that went (or may have gone) to an address that the register has
    no more stands for one of them: nobody gets a document at his old address and at his new one."""
    valid = {canonical_address(one) for one in known}
    written = {canonical_address(proof.recipient) for proof in proofs if proof.way == "mail"}
    gone = (LetterState.QUEUED, LetterState.SENT, LetterState.UNCERTAIN)
    left = {canonical_address(p.recipient) for p in proofs if p.way == "mail" and p.state in gone} - valid
    return [address for address in known if canonical_address(address) not in written][len(left) :]


def _mail_to(
    office: Office, sender: Sender, month: Period, address: str, known: Sequence[str], versions: Sequence[Version],
    proofs: Proofs, now: datetime, dropped_too: bool,
) -> list[Problem]:  # fmt: skip
    fresh = {v.id for v in versions if address in unwritten_addresses(known, proofs[v.id])}
    mine = {
        v.id: p for v in versions for p in proofs[v.id]
        if p.way == "mail" and canonical_address(p.recipient) == canonical_address(address)
    }  # fmt: skip
    if not fresh and all(proof.state not in _UNSENT for proof in mine.values()):
        return []
    room = Room(office.rules.delivery.letter_bytes, sender.server_takes())
    room, anew = _to_compose_anew(room, versions, mine, _read_sizes(office, versions), dropped_too)
    ready = [version for version in versions if version.id in fresh | anew]
    parts, large = _parts(office, ready, month, room)
    try:
        _queue_all(office, sender, month, address, parts, {mine[v.id].letter for v in ready if v.id in mine}, now)
    except _OnItsWay:
        return []
    return [Problem("outbox.letter_large", shown(version), version.id) for version in large]


def _to_compose_anew(
    room: Room, versions: Sequence[Version], mine: Mapping[int, Proof], sizes: Mapping[int, int], dropped_too: bool
) -> tuple[Room, set[int]]:
    """Documents whose letter cannot go as it is, and the room of the letters that take its place."""
    anew, by_letter = set[int](), dict[int, list[Version]]()
    for version in versions:
        if version.id in mine and mine[version.id].state in _UNSENT:
            by_letter.setdefault(mine[version.id].letter, []).append(version)
    smaller = room
    for together in by_letter.values():
        first = mine[together[0].id]
        files = [(version.name, sizes[version.id]) for version in together if version.id in sizes]
        refused_large = first.state is LetterState.REFUSED and trouble_of(first.answer) is Trouble.LARGE
        if len(together) > 1 and (refused_large or not room.holds(files, 0)):
            anew |= {version.id for version in together}
            if refused_large:
                smaller = replace(smaller, files=min(smaller.files, sum(size for _, size in files) // 2))
        elif first.state is LetterState.DROPPED and dropped_too:
            anew |= {version.id for version in together}
        elif first.state is not LetterState.QUEUED:
            anew |= {v.id for v in together if mine[v.id].sha256 not in ("", v.lying)}  # amended since
    return smaller, anew


def _read_sizes(office: Office, versions: Sequence[Version]) -> dict[int, int]:
    read = {version.id: whole(office, version) for version in versions}
    return {number: len(data) for number, data in read.items() if data is not None}


def _parts(
    office: Office, versions: Sequence[Version], month: Period, room: Room
) -> tuple[list[list[tuple[Version, bytes]]], list[Version]]:
    """Documents by letter, and those too large for any. One larger than half of what was refused goes alone."""
    parts, large, alone = (
        list[list[tuple[Version, bytes]]](),
        [],
        replace(room, files=office.rules.delivery.letter_bytes),
    )
    words = words_size(_words(office, month, versions, "99/99"))
    for version in versions:
        data = whole(office, version)
        if data is None:
            continue
        if not alone.holds([(version.name, len(data))], words):
            large.append(version)
            continue
        files = [(one.name, len(held)) for one, held in parts[-1]] if parts else []
        if not parts or not room.holds([*files, (version.name, len(data))], words):
            parts.append([])
        parts[-1].append((version, data))
    return parts, large


def _queue_all(
    office: Office, sender: Sender, month: Period, address: str, parts: Sequence[Sequence[tuple[Version, bytes]]],
    instead_of: Collection[int], now: datetime,
) -> None:  # fmt: skip
    """All letters to an address in one transaction with the end of those whose place they take. Raises _OnItsWay."""
    if not parts:
        return
    with office.journal.transaction() as connection:
        for number in sorted(instead_of):
            if not sender.withdraw(connection, number, _ANEW):
                raise _OnItsWay
        for place, part in enumerate(parts, 1):
            whose = f"{place}/{len(parts)}" if len(parts) > 1 else ""
            letter = _letter(office, month, address, part, whose, instead_of)
            number = sender.queue(connection, letter, now)
            for version, _ in part:
                proof = Proof(version.id, "mail", address, LetterState.QUEUED, stamp(now), number, letter.message_id)
                Documents(office.journal).prove_anew(connection, replace(proof, sha256=version.lying))


def _letter(
    office: Office, month: Period, address: str, part: Sequence[tuple[Version, bytes]], whose: str,
    instead_of: Collection[int],
) -> OutLetter:  # fmt: skip
    versions = [version for version, _ in part]
    words = _words(office, month, versions, whose)
    return OutLetter(
        kind="document",
        recipient=address,
        subject=words.subject,
        message_id=message_id(office, "document", versions, address, instead_of),
        text=words.text,
        html=words.html,
        files=tuple((version.name.rpartition("/")[2], data) for version, data in part),
        names="; ".join(f"{v.month}/{v.folder}/{v.name}" for v in versions),
    )


def _words(office: Office, month: Period, versions: Sequence[Version], part: str) -> Wording:
    writer = Writer(office.rules.texts, office.home.operator)
    return writer.documents_letter(month, [(version.kind, version.name) for version in versions], part)
