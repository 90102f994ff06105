"""Files of facts and closes that were written anew without personal data of consumers who left, by certificate (4.1.12,
8.10): which hash such a file has now.

Journal, acts and documents go on naming a file by the hash that it had first: they prove what was posted and closed
then. Whoever reads the file asks here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from inbox_worker.ledger import certificate_tables as t
from inbox_worker.ledger.certificate_tables import CertificateState
from inbox_worker.ledger.database import Database

c, r = t.certificates.c, t.rewritten_files.c
GONE = (CertificateState.DESTROYING, CertificateState.DESTROYED)
_COUNTING = (  # a new hash counts from the commit that begins to destroy
    select(t.rewritten_files).join(t.certificates, c.number == r.certificate).where(c.state.in_(GONE))
    .order_by(r.certificate, r.path)
)  # fmt: skip


@dataclass(frozen=True)
class ClearedAccount:
    """An account of a consumer who left, whose personal data are taken out. `customer`: those who had lines on it;
    `since`: the last day of its last month."""

    account: str
    customer: str
    since: str
    clause: str


@dataclass(frozen=True)
class RewrittenFile:
    """A file that is written anew. `path`: below the home, where it was when that was proposed."""

    path: str
    old_sha256: str
    new_sha256: str


def find_current_hashes(database: Database) -> Mapping[str, str]:
    """Return for every hash that a file had before it was written anew the one that it has now."""
    return database.answer("rewritten files", lambda: follow_steps(database.rows(_COUNTING)))


def follow_steps(steps: Iterable[Any]) -> dict[str, str]:
    """Return for the first hash of each file the last one. `steps`: rows of `rewritten_files` in order of certificate:
    several may write a file anew, one after another."""
    found: dict[str, str] = {}
    for row in steps:
        found = {first: row.new_sha256 if now == row.old_sha256 else now for first, now in found.items()}
        found[row.old_sha256] = row.new_sha256
    return found


def find_steps(database: Database) -> Mapping[str, tuple[int, str]]:
    """Return for every hash that a file had before a certificate its number, and the hash that it gave the file."""
    return {row.old_sha256: (row.certificate, row.new_sha256) for row in database.rows(_COUNTING)}


def find_certificate_of(database: Database, sha256: str) -> tuple[int, str] | None:
    """Return number and day of the last certificate that wrote anew the file that has this hash now; None for a file
    that is as it was first."""
    query = select(r.certificate, c.destroyed_at).join(t.certificates, c.number == r.certificate)
    query = query.where(c.state.in_(GONE), r.new_sha256 == sha256).order_by(r.certificate.desc())
    return next(((row.certificate, row.destroyed_at[:10]) for row in database.rows(query)), None)
