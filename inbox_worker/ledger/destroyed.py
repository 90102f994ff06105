"""Files that were destroyed, by which certificate: proofs without content (4.1.12, 8.10).

A file counts as destroyed from the commit that says so, whether it is still there or not; `destroyed.jsonl` says the
same outside of the journal, so that a backup made before does not quietly bring it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select

from inbox_worker.core.files import read_file, sha256
from inbox_worker.core.hashes import DESTROYED
from inbox_worker.ledger import certificate_tables as t
from inbox_worker.ledger.acts import find_acts_named
from inbox_worker.ledger.certificate_tables import CertificateState as CertificateState
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.rewritten import GONE as GONE
from inbox_worker.ledger.rewritten import ClearedAccount, RewrittenFile

c, f, a, r = t.certificates.c, t.destroyed_files.c, t.cleared_accounts.c, t.rewritten_files.c


CERTIFICATES = "archive/certificates"


@dataclass(frozen=True)
class DestroyedFile:
    """A file without its content. `path`: below the home; `item`: what it belonged to; `since`: the day that its term
    is counted from; `decided`: the outcome or state that it had."""

    path: str
    sha256: str
    size: int
    item: str
    kind: str
    customer: str
    since: str
    clause: str
    decided: str


@dataclass(frozen=True)
class CertifiedItems:
    """All that a certificate is about: files that are destroyed, accounts whose personal data are taken out of the
    ledger, and the files that are written anew for it."""

    files: Sequence[DestroyedFile] = ()
    accounts: Sequence[ClearedAccount] = ()
    rewritten: Sequence[RewrittenFile] = ()

    @property
    def hash(self) -> str:
        """Return a hash over all of it, in order of path and account."""
        parts = {name: _rows(rows) for name, rows in vars(self).items()}
        stated = parts if self.accounts or self.rewritten else parts["files"]  # as earlier versions stated it
        return sha256(json.dumps(stated, ensure_ascii=False, separators=(",", ":")).encode())


def _rows(records: Iterable[Any]) -> list[list[Any]]:
    return sorted([*asdict(one).values()] for one in records)


@dataclass(frozen=True)
class Certificate:
    """A destruction: who proposed it, who did it, and when it was whole. `items`: a hash over its files; `sha256`: of
    its document, '' until that is written."""

    number: int
    state: CertificateState
    proposed_at: str
    proposed_by: str
    items: str
    destroyed_at: str = ""
    destroyed_by: str = ""
    finished_at: str = ""
    sha256: str = ""

    @property
    def path(self) -> str:
        """Return where its document is, below the home."""
        return f"{CERTIFICATES}/{self.number:06d}.html"

    @property
    def lines(self) -> str:
        """Return where its line of `destroyed.jsonl` lies beside it: an archive alone tells what is lawfully gone."""
        return f"{CERTIFICATES}/{self.number:06d}.jsonl"


PROPOSE, DESTROY = "retention propose", "retention destroy"  # acts; their subject is the certificate's number
FINISH = "retention destroyed"
VOUCH = "retention vouch"  # of one person: that a certificate which no act knows was carried out
RESTORE = "restore"  # its details name the certificates that a newer backup than the restored one has
BROUGHT_BACK = "brought back by a restore"  # ends the act of who takes up what an older backup does not know


def find_people(database: Database, number: int) -> tuple[str, str]:
    """Return who proposed a certificate and who destroyed by it, as the chain of acts says; '' where it says nothing.
    Of one that was taken up again after a restore the acts are in the backup that knew it."""
    said = {PROPOSE: "", DESTROY: ""}
    for act in find_acts_named(database, PROPOSE, DESTROY):
        if act.subject == str(number) and not act.details.endswith(BROUGHT_BACK):
            said[act.act] = act.who
    return said[PROPOSE], said[DESTROY]


class Destroyed:
    """Reads and writes certificates."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Certificate]:
        """Return every certificate, also proposals, in order of number."""
        return self._database.find_all(Certificate, select(t.certificates).order_by(c.number))

    def files(self, number: int) -> list[DestroyedFile]:
        """Return the files of a certificate, in order of path."""
        return self._database.find_all(
            DestroyedFile, select(t.destroyed_files).where(f.certificate == number).order_by(f.path)
        )

    def items(self, number: int) -> CertifiedItems:
        """Return all that a certificate is about."""
        accounts = select(t.cleared_accounts).where(a.certificate == number).order_by(a.account)
        rewritten = select(t.rewritten_files).where(r.certificate == number).order_by(r.path)
        return CertifiedItems(
            self.files(number),
            self._database.find_all(ClearedAccount, accounts),
            self._database.find_all(RewrittenFile, rewritten),
        )

    def gone(self) -> dict[str, Certificate]:
        """Return the certificate of every file that counts as destroyed, by its path below the home."""
        certificates = {one.number: one for one in self.all() if one.state in GONE}
        query = select(f.path, f.certificate).where(f.certificate.in_(certificates))
        return {row.path: certificates[row.certificate] for row in self._database.rows(query)} if certificates else {}

    def certificate_of(self, home: Path, path: str) -> Certificate | None:
        """Return the certificate by which a file was destroyed, also one that `destroyed.jsonl` alone knows. Raises
        ValueError when that is not what was written."""
        stated = ((one, items.files) for one, items in read_lines(home))
        known = self.gone().get(path)
        return known or next((one for one, files in stated if any(file.path == path for file in files)), None)

    def propose(self, connection: Connection, at: str, who: str, items: CertifiedItems) -> int:
        """Record a proposal; one that nobody has carried out yet is withdrawn by it."""
        waiting = c.state == CertificateState.PROPOSED
        connection.execute(t.certificates.update().where(waiting).values(state=CertificateState.WITHDRAWN))
        number = (connection.execute(select(func.max(c.number))).scalar() or 0) + 1
        self._add(connection, Certificate(number, CertificateState.PROPOSED, at, who, items.hash), items)
        return number

    def take_up(self, connection: Connection, stated: Certificate, items: CertifiedItems | None) -> None:
        """Record a certificate that the journal of a backup knows as a proposal, or not at all (then with `items`)."""
        if items:
            self._add(connection, stated, items)
        else:
            values = {"destroyed_at": stated.destroyed_at, "destroyed_by": stated.destroyed_by}
            self.change(connection, stated.number, state=stated.state, **values)

    def _add(self, connection: Connection, certificate: Certificate, items: CertifiedItems) -> None:
        connection.execute(t.certificates.insert().values(**asdict(certificate)))
        _insert(connection, t.destroyed_files, certificate.number, items.files)
        _insert(connection, t.cleared_accounts, certificate.number, items.accounts)
        _insert(connection, t.rewritten_files, certificate.number, items.rewritten)
        self._database.forget_at_commit()

    def change(self, connection: Connection, number: int, **values: str) -> None:
        self._database.forget_at_commit()  # of files that are written anew another hash counts
        connection.execute(t.certificates.update().where(c.number == number).values(**values))


def _insert(connection: Connection, table: Table, number: int, records: Iterable[Any]) -> None:
    if rows := [{"certificate": number, **asdict(one)} for one in records]:
        connection.execute(table.insert(), rows)


StatedCertificate = tuple[Certificate, CertifiedItems]


def describe_certificates(stated: Iterable[StatedCertificate]) -> str:
    """Return certificates and what each is about as the act of a restore names them: by then no other act does."""
    return "".join(f"; certificate {one.number} {items.hash}" for one, items in stated)


Stated = Sequence[StatedCertificate]


def write_lines(destroyed: Destroyed, before: Stated = ()) -> bytes:
    """Return what `destroyed.jsonl` says: a line for each certificate whose files count as destroyed. `before`: what it
    said; a certificate that the journal does not know stays in it."""
    found = {one.number: (one, items) for one, items in before}
    found |= {one.number: (one, destroyed.items(one.number)) for one in destroyed.all() if one.state in GONE}
    return b"".join(write_line(one, items) for _, (one, items) in sorted(found.items()))


def write_line(one: Certificate, items: CertifiedItems) -> bytes:
    """Return the line of a certificate; one of files alone is that of earlier versions."""
    parts = {name: [asdict(row) for row in rows] for name, rows in vars(items).items()}
    stated = {"number": one.number, "proposed_at": one.proposed_at, "proposed_by": one.proposed_by,
              "items": one.items, "destroyed_at": one.destroyed_at, "destroyed_by": one.destroyed_by,
              **{name: rows for name, rows in parts.items() if rows or name == "files"}}  # fmt: skip
    return f"{json.dumps(stated, ensure_ascii=False, sort_keys=True)}\n".encode()


def read_lines(home: Path) -> list[StatedCertificate]:
    """Return the certificates of `destroyed.jsonl` with what they are about, and those that it does not know of lines
    beside certificates: who kept one elsewhere puts it there after a restore. Raises ValueError for a line that is
    none, or whose files are not those that its hash says."""
    found = {one.number: (one, items) for one, items in read_stated(home / DESTROYED)}
    for path in sorted((home / CERTIFICATES).glob("*.jsonl")):
        if path.stem.lstrip("0") not in map(str, found):  # a damaged one beside a whole `destroyed.jsonl` is mended
            found |= {one.number: (one, items) for one, items in read_stated(path)}
    return [found[number] for number in sorted(found)]


def read_stated(path: Path) -> list[StatedCertificate]:
    """Return the certificates of a file of such lines; [] without the file. Raises ValueError as `read_lines`."""
    found = []
    for line in read_file(path).decode("utf-8").splitlines() if path.exists() else ():
        try:
            stated: dict[str, Any] = json.loads(line)
            items = CertifiedItems(
                [DestroyedFile(**file) for file in stated.pop("files")],
                [ClearedAccount(**one) for one in stated.pop("accounts", [])],
                [RewrittenFile(**file) for file in stated.pop("rewritten", [])],
            )
            certificate = Certificate(state=CertificateState.DESTROYING, **stated)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a line is no certificate: {error}") from error
        if items.hash != certificate.items:
            raise ValueError(f"the files of certificate {certificate.number} are not those that it was made of")
        found.append((certificate, items))
    return found
