"""Tables of what was destroyed or written anew without personal data, by which certificate (4.1.12, 8.10)."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Column, Integer, Table

from inbox_worker.ledger.text_types import LongText, Typed
from inbox_worker.ledger.transfer_tables import metadata as metadata


class CertificateState(StrEnum):
    """A step of a destruction. From DESTROYING on its files count as destroyed."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"


_MOMENTS = ("proposed_at", "proposed_by", "items", "destroyed_at", "destroyed_by", "finished_at", "sha256")
_OF_FILE = ("sha256", "item", "kind", "customer", "since", "clause", "decided")

certificates = Table(
    "certificates",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("state", Typed(10, CertificateState), nullable=False),
    *(Column(name, LongText(), nullable=False) for name in _MOMENTS),
)

destroyed_files = Table(
    "destroyed_files",
    metadata,
    Column("certificate", Integer, primary_key=True),
    Column("path", LongText(), primary_key=True),
    Column("size", BigInteger, nullable=False),
    *(Column(name, LongText(), nullable=False) for name in _OF_FILE),
)

# accounts of consumers who left, whose personal data a certificate takes out of facts and closes
cleared_accounts = Table(
    "cleared_accounts",
    metadata,
    Column("certificate", Integer, primary_key=True),
    Column("account", LongText(), primary_key=True),
    *(Column(name, LongText(), nullable=False) for name in ("customer", "since", "clause")),
)

# files that were written anew for it; other tables go on naming them by the hash that they had first
rewritten_files = Table(
    "rewritten_files",
    metadata,
    Column("certificate", Integer, primary_key=True),
    Column("path", LongText(), primary_key=True),
    *(Column(name, LongText(64), nullable=False) for name in ("old_sha256", "new_sha256")),
)
