"""Documents of a Customer's month into letters: what fits, to which addresses, and anew when a letter could not go.

A letter that is too large for the server or for the rules, or that people dropped, is withdrawn and its documents are
composed anew in the same transaction, so that they are in exactly one letter to an address at any time. After an
address was mended in the register, letters that have not left to the old one are withdrawn likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inbox_worker.core.addresses import canonical_address, is_mailable
from inbox_worker.core.model import Customer, Period
from inbox_worker.ledger.banks import Bank
from inbox_worker.ledger.letters import ANEW, ELSEWHERE, LetterState
from inbox_worker.ledger.sent_documents import Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.cover_letters import Wording, Writer
from inbox_worker.outbox.letters import Carried, queue_letter
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.review import read_approved
from inbox_worker.outbox.trouble import Trouble, trouble_of

Proofs = Mapping[int, Sequence[Proof]]  # by document
Takes = Callable[[], int]  # bytes of a letter that the server takes, 0 = it does not say
_UNSENT = (LetterState.QUEUED, LetterState.REFUSED, LetterState.DROPPED)


class _OnItsWay(Exception):
    """A letter to be withdrawn is being sent this very moment."""


@dataclass(frozen=True)
class Room:
    """The size of one letter: bytes of its files, and of the whole letter (0 = the server does not say)."""

    files: int
    letter: int = 0

    def holds(self, files: Sequence[tuple[str, int]], words: int) -> bool:
        """Tell whether files (name, bytes) fit beside so many bytes of words."""
        encoded = words + sum(encoded_size(name, size) for name, size in files)
        return sum(size for _, size in files) <= self.files and (not self.letter or encoded <= self.letter)


def encoded_size(name: str, size: int) -> int:
    """Count the bytes that a file takes in a letter: base64 in lines, its headers and its name in two forms."""
    return (size + 56) // 57 * 78 + 500 + 8 * len(name.encode())


def words_size(words: Wording) -> int:
    """Count the bytes that a letter takes without its files."""
    return (len(words.text.encode()) + len(words.html.encode())) * 3 // 2 + 3_000


def mail_documents(
    office: Office, takes: Takes, month: Period, reader: Customer | Bank, versions: Sequence[Version], now: datetime,
    dropped_too: bool,
) -> list[Problem]:  # fmt: skip
    """Queue letters for documents that have none to an address, or none that can go. `dropped_too`: also anew those
    that people dropped."""
    out, known = office.journal.documents, [address for address in reader.emails if is_mailable(address)]
    proofs = {version.id: out.proofs(version.id) for version in versions}
    problems = leave_old_addresses(office, versions, proofs, reader.emails)
    proofs = {version.id: out.proofs(version.id) for version in versions}
    if not known:
        more = f"{reader.name}: «{'; '.join(reader.emails)}»"
        lost = [v for v in versions if all(p.state is LetterState.DROPPED for p in proofs[v.id])]
        return [*problems, *(Problem("outbox.no_address", v.place, v.id, more) for v in lost)]
    for address in known:
        fresh = {v.id for v in versions if address in unwritten_addresses(known, proofs[v.id])}
        mine = {
            v.id: p for v in versions for p in proofs[v.id]
            if p.way == "mail" and canonical_address(p.recipient) == canonical_address(address)
        }  # fmt: skip
        if fresh or any(proof.state in _UNSENT for proof in mine.values()):
            problems += _mail_to(office, takes(), month, address, versions, fresh, mine, now, dropped_too)
    return problems


def leave_old_addresses(
    office: Office, versions: Sequence[Version], proofs: Proofs, known: Sequence[str]
) -> list[Problem]:
    """Withdraw letters that have not left to addresses that the register has no more, and tell of them."""
    valid, done, problems = {canonical_address(one) for one in known}, set[int](), list[Problem]()
    for version in versions:
        for proof in proofs[version.id]:
            open_ = proof.way == "mail" and proof.state in (LetterState.QUEUED, LetterState.REFUSED)
            if not open_ or canonical_address(proof.recipient) in valid or proof.letter in done:
                continue
            with office.journal.transaction() as connection:
                left = office.journal.letters.withdraw(connection, proof.letter, ELSEWHERE)
                if left:
                    values = {"state": LetterState.DROPPED.value, "answer": ELSEWHERE}
                    office.journal.documents.settle(connection, proof.letter, **values)
            if left:
                done.add(proof.letter)
                more = f"{proof.recipient} → {'; '.join(known) or '—'}"
                problems.append(Problem("outbox.address_changed", version.place, more=more))
    return problems


def unwritten_addresses(known: Sequence[str], proofs: Sequence[Proof]) -> list[str]:
    """Return the addresses that a document has no letter to. One that went (or may have gone) to an address that the
    register has no more stands for one of them: nobody gets a document at his old address and at his new one."""
    valid = {canonical_address(one) for one in known}
    written = {canonical_address(proof.recipient) for proof in proofs if proof.way == "mail"}
    gone = (LetterState.QUEUED, LetterState.SENT, LetterState.UNCERTAIN)
    left = {canonical_address(p.recipient) for p in proofs if p.way == "mail" and p.state in gone} - valid
    return [address for address in known if canonical_address(address) not in written][len(left) :]


def _mail_to(
    office: Office, takes: int, month: Period, address: str, versions: Sequence[Version], fresh: Collection[int],
    mine: Mapping[int, Proof], now: datetime, dropped_too: bool,
) -> list[Problem]:  # fmt: skip
    """Queue letters to one address: `fresh` documents have none yet, `mine` are the proofs of those that have one."""
    room = Room(office.rules.delivery.letter_bytes, takes)
    room, anew = _to_compose_anew(room, versions, mine, _read_sizes(office, versions), dropped_too)
    ready = [version for version in versions if version.id in fresh or version.id in anew]
    parts, large = _parts(office, ready, month, room)
    try:
        _queue_all(office, month, address, parts, {mine[v.id].letter for v in ready if v.id in mine}, now)
    except _OnItsWay:
        return []
    return [Problem("outbox.letter_large", version.place, version.id) for version in large]


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
            anew |= {v.id for v in together if mine[v.id].sha256 not in ("", v.sha256_now)}  # amended since
    return smaller, anew


def _read_sizes(office: Office, versions: Sequence[Version]) -> dict[int, int]:
    read = {version.id: read_approved(office, version) for version in versions}
    return {number: len(data) for number, data in read.items() if data is not None}


def _parts(
    office: Office, versions: Sequence[Version], month: Period, room: Room
) -> tuple[list[list[Carried]], list[Version]]:
    """Documents by letter, and those too large for any. One larger than half of what was refused goes alone."""
    parts, large = list[list[Carried]](), list[Version]()
    alone = replace(room, files=office.rules.delivery.letter_bytes)
    words = words_size(_words(office, month, versions, "99/99"))
    for version in versions:
        data = read_approved(office, version)
        if data is None:
            continue
        if not alone.holds([(version.name, len(data))], words):
            large.append(version)
            continue
        files = [(one.version.name, len(one.data)) for one in parts[-1]] if parts else []
        if not parts or not room.holds([*files, (version.name, len(data))], words):
            parts.append([])
        parts[-1].append(Carried(version, version.name.rpartition("/")[2], data))
    return parts, large


def _queue_all(
    office: Office, month: Period, address: str, parts: Sequence[Sequence[Carried]], instead_of: Collection[int],
    now: datetime,
) -> None:  # fmt: skip
    """Queue all letters to an address in one transaction with the end of those whose place they take. Raises
    _OnItsWay."""
    if not parts:
        return
    with office.journal.transaction() as connection:
        for number in sorted(instead_of):
            if not office.journal.letters.withdraw(connection, number, ANEW):
                raise _OnItsWay
        for place, part in enumerate(parts, 1):
            which = f"{place}/{len(parts)}" if len(parts) > 1 else ""
            words = _words(office, month, [one.version for one in part], which)
            queue_letter(connection, office, "document", address, words, part, now, instead_of)


def _words(office: Office, month: Period, versions: Sequence[Version], part: str) -> Wording:
    writer = Writer(office.rules.texts, office.home.operator)
    return writer.documents_letter(month, [(version.kind, version.name) for version in versions], part)
