"""The journal's side of the outbox: versions of documents, the steps of their review, proof of delivery (10.12).

A version is one rendering of one file: the same name rendered with other bytes is another version. Nothing here is
ever deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger.closes import is_of_old_close
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.ledger.outbox_tables import DocumentState as DocumentState
from inbox_worker.settings.delivery_rules import RECEIPT

Months = Collection[str] | None  # None = all
_RENEWED = "made of close "
PROGRAM = "program"  # who moves what nobody asked to be moved
d, m, p = o.outbox_documents.c, o.outbox_moves.c, o.outbox_proofs.c


@dataclass(frozen=True)
class Version:
    """One rendering of a document. `sha256`: as rendered; `sha256_now`: as it is in its folder now ('' = no file).

    `name` is the path under the Customer's folder, `entry` what the manifest says of it, `revision` 1 for the first,
    `account` only of a bill of one account. Moments are ISO 8601 in Almaty.
    """

    id: int
    month: str
    bin: str
    folder: str
    name: str
    kind: str
    account: str
    sha256: str
    sha256_now: str
    state: DocumentState
    revision: int
    close_number: int
    made_at: str
    changed_at: str
    entry: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def amended(self) -> bool:
        """Return whether it was changed by hand since it was rendered."""
        return self.sha256_now not in ("", self.sha256)

    @property
    def is_receipt(self) -> bool:
        """Return whether it is an answer to a letter, not a document of a month."""
        return self.kind == RECEIPT

    @property
    def destroyed(self) -> bool:
        """Return whether its file was destroyed by certificate: it has left review, and no file of it is known."""
        return self.state in (DocumentState.SENT, DocumentState.REJECTED) and not self.sha256_now

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the document that it is a rendering of: month, БИН, name."""
        return self.month, self.bin, self.name

    @property
    def place(self) -> str:
        """Return where its file is below the outbox: how people find it."""
        return self.place_in(self.state)

    def place_in(self, state: DocumentState) -> str:
        """Return where its file is, or would be, in a state."""
        return "/".join(filter(None, (state.value, self.month, self.folder, self.name)))


@dataclass(frozen=True)
class Proof:
    """A version's way to a recipient. `way`: mail | folder | hand. `letter`: the delivery's number, 0 without one.

    `sha256`: of the file as it went; `path`: the letter's copy or the file in the exchange folder, below the
    home where that is in it.
    """

    document: int
    way: str
    recipient: str
    state: LetterState
    queued_at: str
    letter: int = 0
    message_id: str = ""
    sent_at: str = ""
    answer: str = ""
    sha256: str = ""
    path: str = ""


@dataclass(frozen=True)
class Move:
    """A step of review: who moved a version, when, and what it hashed to then."""

    document: int
    was: str
    state: DocumentState
    who: str  # folder | command:<name> | rule | program
    at: str
    sha256: str
    note: str = ""


class Documents:
    """Read and write the outbox's records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def renew(self, month: str, bin: str, hashes: Collection[str], made_of: Mapping[str, Any], now: datetime) -> None:
        """Note that versions were rendered again with the same bytes: they are made of this close and these rules. Each
        but a single account's bill has a step of its history for it."""
        live = d.state.in_((DocumentState.PENDING, DocumentState.APPROVED, DocumentState.SENT))
        query = select(o.outbox_documents).where(d.month == month, d.bin == bin, d.sha256.in_(hashes), live)
        known = [v for v in self._database.find_all(Version, query) if v.entry.get("made_of") != made_of]
        if not known:
            return
        close = int(made_of["close_number"])
        with self._database.transaction() as connection:
            for version in known:
                self.change(connection, version.id, close_number=close, entry={**version.entry, "made_of": made_of})
                if not version.account:
                    where, note = version.state, f"{_RENEWED}{close}, rules {made_of.get('rules', '')}"
                    step = Move(version.id, where, where, PROGRAM, stamp(now), version.sha256_now, note)
                    self.add_move(connection, step)

    def find_renewed(self) -> frozenset[int]:
        """Return versions that were rendered again with the same bytes, of another close or by other rules."""
        query = select(m.document).where(m.was == m.state, m.note.startswith(_RENEWED)).distinct()
        return frozenset(row.document for row in self._database.rows(query))

    # --- inside somebody's transaction ------------------------------------------------------------------------

    def add(self, connection: Connection, version: Version) -> int:
        """Record a new version and return its number; `version.id` is not looked at."""
        number = (connection.execute(select(func.max(d.id))).scalar() or 0) + 1
        connection.execute(o.outbox_documents.insert().values(**{**vars(version), "id": number}))
        return number

    def change(self, connection: Connection, number: int, **values: Any) -> None:
        """Change what is known of a version."""
        connection.execute(o.outbox_documents.update().where(d.id == number).values(**values))

    def add_move(self, connection: Connection, move: Move) -> None:
        """Add a step to a version's history."""
        connection.execute(o.outbox_moves.insert().values(**vars(move)))

    def prove(self, connection: Connection, proof: Proof) -> None:
        """Record a delivery of a version to a recipient; the same one again is refused by the journal."""
        connection.execute(o.outbox_proofs.insert().values(**vars(proof)))

    def prove_anew(self, connection: Connection, proof: Proof) -> None:
        """Record a delivery; one that was withdrawn for it gives its place (its letter stays on record)."""
        same = (p.document == proof.document, p.way == proof.way, p.recipient == proof.recipient)
        if not connection.execute(o.outbox_proofs.update().where(*same).values(**vars(proof))).rowcount:
            connection.execute(o.outbox_proofs.insert().values(**vars(proof)))

    def settle(self, connection: Connection, letter: int, **values: Any) -> None:
        """Note what became of a letter, for every version that went with it. A bounce is never taken back."""
        of_letter = o.outbox_proofs.update().where(p.letter == letter, p.state != LetterState.BOUNCED)
        connection.execute(of_letter.values(**values))

    def mark_bounced(self, connection: Connection, message_id: str, said: str) -> None:
        """Mark what went with a letter as come back; what it said first stays, and what was handed out since."""
        of_letter = o.outbox_proofs.update().where(p.message_id == message_id, p.state != LetterState.BOUNCED)
        connection.execute(of_letter.values(state=LetterState.BOUNCED, answer=said))

    # --- reading ----------------------------------------------------------------------------------------------

    def versions(
        self, stages: Sequence[DocumentState] = (), months: Months = None, kinds: Collection[str] = ()
    ) -> list[Version]:
        """Return versions in order of number; `kinds`: only of these, none named = all."""
        query = select(o.outbox_documents).order_by(d.id)
        query = query.where(d.kind.in_(kinds)) if kinds else query
        query = query.where(d.state.in_(stages)) if stages else query
        return self._database.find_all(Version, query if months is None else query.where(d.month.in_(months)))

    def count_states(self, kind: str) -> dict[tuple[str, DocumentState], tuple[int, str]]:
        """Count the versions of a kind by month and state, each with the moment of the last change: bills are many."""
        query = select(d.month, d.state, func.count(), func.max(d.changed_at)).where(d.kind == kind)
        with self._database.connect_for_queries() as connection:
            rows = connection.execute(query.group_by(d.month, d.state)).all()
        return {(month, DocumentState(state)): (count, last) for month, state, count, last in rows}

    def months_with(self, stages: Sequence[DocumentState], accounts_only: bool = False) -> list[str]:
        """Return the months that have versions in those states; of single accounts' bills only, if asked."""
        query = select(d.month).where(d.state.in_(stages)).distinct().order_by(d.month)
        return [row.month for row in self._database.rows(query.where(d.account != "") if accounts_only else query)]

    def version(self, number: int) -> Version | None:
        return self._database.find(Version, select(o.outbox_documents).where(d.id == number))

    def with_bytes(self, hashes: Collection[str]) -> dict[str, list[Version]]:
        """Return versions by those of the hashes that they have as they were rendered, approved or sent."""
        held = d.sha256_now.in_(hashes) & d.state.in_((DocumentState.APPROVED, DocumentState.SENT))
        query = select(o.outbox_documents).where(d.sha256.in_(hashes) | held).order_by(d.id)
        found: dict[str, list[Version]] = {}
        for version in self._database.find_all(Version, query) if hashes else ():
            for digest in {version.sha256, version.sha256_now}:
                found.setdefault(digest, []).append(version)
        return found

    def find_amended(self) -> list[Version]:
        """Return versions approved or sent that were changed by hand since they were rendered."""
        return [v for v in self.versions((DocumentState.APPROVED, DocumentState.SENT)) if v.amended]

    def of_old_closes(self, standing: Mapping[str, str]) -> list[Version]:
        """Return versions that wait or were sent and whose figures the month does not have any more, while no version
        of the close in force has come instead. `standing`: as `Closes.standing` has it."""
        live = (DocumentState.PENDING, DocumentState.APPROVED, DocumentState.SENT)
        found, renewed = list[Version](), set[tuple[str, str, str, str]]()
        for version in self.versions(live, months=standing):
            old = is_of_old_close(version.kind, version.entry.get("made_of", {}), standing[version.month])
            found += [version] if old else []
            renewed |= set() if old else {(version.month, version.bin, version.kind, version.account)}
        return [v for v in found if (v.month, v.bin, v.kind, v.account) not in renewed]

    def moves(self, document: int) -> list[Move]:
        """Return a version's history, oldest first."""
        return self._database.find_all(Move, select(o.outbox_moves).where(m.document == document).order_by(m.id))

    def proofs(
        self, document: int = 0, states: Sequence[LetterState] = (), months: Months = None,
        kinds: Collection[str] = (),
    ) -> list[Proof]:  # fmt: skip
        """Return deliveries in the order they were begun: of one version, in some states, of some months, of some
        kinds."""
        query = select(o.outbox_proofs).order_by(p.id)
        if kinds:
            query = query.where(p.document.in_(select(d.id).where(d.kind.in_(kinds))))
        if document:
            query = query.where(p.document == document)
        if states:
            query = query.where(p.state.in_(states))
        if months is not None:
            query = query.join(o.outbox_documents, d.id == p.document).where(d.month.in_(months))
        return self._database.find_all(Proof, query)

    def proofs_of_letter(self, letter: int) -> list[Proof]:
        """Return the deliveries of the documents that go with a letter."""
        query = select(o.outbox_proofs).where(p.letter == letter, p.way == "mail").order_by(p.id)
        return self._database.find_all(Proof, query)

    def marks(self) -> tuple[int, int]:
        """Return the last step's and delivery's numbers: the same again says that nothing moved or left meanwhile."""
        return self._database.value(select(func.max(m.id))) or 0, self._database.value(select(func.max(p.id))) or 0

    def begun(self, months: Months = None) -> set[int]:
        """Return versions that are on their way or arrived: their file must not be moved by hand any more."""
        gone = (LetterState.REFUSED, LetterState.DROPPED, LetterState.BOUNCED)
        query = select(p.document).where(p.state.not_in(gone)).distinct()
        if months is not None:
            query = query.join(o.outbox_documents, d.id == p.document).where(d.month.in_(months))
        return {row.document for row in self._database.rows(query)}

    def queued_since(self, kind: str, moment: datetime) -> int:
        """Return how many letters with a document of that kind were queued since a moment."""
        query = select(func.count()).select_from(o.outbox_proofs).join(o.outbox_documents, d.id == p.document)
        return int(self._database.value(query.where(d.kind == kind, p.queued_at > stamp(moment))))


def find_place(outbox: Path, asked: Path) -> Path | None:
    """Return where a document lies in the outbox that is asked for by a path where it is not: it was moved from
    `pending` to `approved` or further, or its path is one under the outbox. None when it lies nowhere."""
    tail = Path(*asked.parts[-3:])  # month, Customer, file
    places = [outbox / state.value / tail for state in DocumentState]
    places += [outbox / asked] if not asked.is_absolute() else []
    return next((place for place in places if place.is_file() or (place.is_dir() and len(asked.parts) > 1)), None)
