"""Documents that were rendered, in the chain of acts: which bytes were put up for review, before anybody looks at them.

A manifest and a row of the journal say the same; who exchanges a document with both cannot change the act unseen
(4.1.17). Acts begin with the first document that this version rendered: one of before has none, and needs none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import find_acts_named, record_act
from inbox_worker.ledger.database import Database

RENDER = "render"  # its subject is `month БИН`, its details name kinds and hashes
_FIRST = "documents"  # the subject of the act that says which versions were there before
_SIGNS = 16  # of a hash: two documents that are alike by chance are one in 10^19


@dataclass(frozen=True)
class RenderedBytes:
    """Bytes that were rendered by the acts: short hashes by month and БИН. `before`: the last version that is older
    than all acts, None when there is no act yet."""

    hashes: Mapping[str, set[str]] = field(default_factory=dict)
    before: int | None = None

    def knows(self, month: str, bin: str, sha256: str) -> bool:
        """Return whether a document of these bytes was rendered for a Customer's month."""
        return sha256[:_SIGNS] in self.hashes.get(f"{month} {bin}", ())


def record_rendered(database: Database, month: str, bin: str, kinds: Mapping[str, str], now: datetime) -> None:
    """Record documents that are about to be put up (`kinds`: kind by SHA-256), unless acts name them all. To be called
    before the first of them is written: what a kill leaves is named."""
    subject, first = f"{month} {bin}", _find(database, _FIRST)
    known = {word for details in _find(database, subject) for word in _hashes_of(details)}
    new = sorted((kind, sha256[:_SIGNS]) for sha256, kind in kinds.items() if sha256[:_SIGNS] not in known)
    if not new:
        return
    with database.transaction() as connection:
        if not first:
            last = connection.execute(select(func.max(o.outbox_documents.c.id))).scalar() or 0
            record_act(connection, RENDER, _FIRST, now, details=str(last))
        record_act(connection, RENDER, subject, now, details=", ".join(f"{kind} {digest}" for kind, digest in new))


def record_edit(connection: Connection, month: str, bin: str, document: tuple[str, str], now: datetime) -> None:
    """Record the kind and SHA-256 of what a person wrote over a document that had left, and approves as its next
    revision, in the transaction of the approval."""
    kind, sha256 = document
    record_act(connection, RENDER, f"{month} {bin}", now, details=f"{kind} {sha256[:_SIGNS]}")


def find_rendered(database: Database) -> RenderedBytes:
    """Return what was rendered by the acts."""
    hashes: dict[str, set[str]] = defaultdict(set)
    before = None
    for act in find_acts_named(database, RENDER):
        if act.subject == _FIRST:
            before = int(act.details)
        else:
            hashes[act.subject].update(_hashes_of(act.details))
    return RenderedBytes(hashes, before)


def _find(database: Database, subject: str) -> list[str]:
    """Return the details of the acts about a Customer's month."""
    a = t.acts.c
    return [row.details for row in database.rows(select(a.details).where(t.IS_OF_RENDERING, a.subject == subject))]


def _hashes_of(details: str) -> list[str]:
    return [word.rpartition(" ")[2] for word in details.split(", ")]
