"""Tables of the journal about what leaves: documents in the outbox, their proofs, letters and reports about them."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Integer,
    Table,
    UniqueConstraint,
)

from inbox_worker.ledger.tables import metadata as metadata
from inbox_worker.ledger.text_types import Words

outbox_documents = Table(
    "outbox_documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", Words(7), nullable=False),
    Column("bin", Words(12), nullable=False),
    Column("folder", Words(), nullable=False),
    Column("name", Words(), nullable=False),
    Column("kind", Words(20), nullable=False),
    Column("account", Words(40), nullable=False),
    Column("sha256", Words(64), nullable=False),
    Column("lying", Words(64), nullable=False),
    Column("state", Words(10), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("close_number", Integer, nullable=False),
    Column("made_at", Words(40), nullable=False),
    Column("changed_at", Words(40), nullable=False),
    Column("entry", Words(), nullable=False),
    UniqueConstraint("month", "bin", "name", "sha256"),
)

outbox_moves = Table(
    "outbox_moves",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document", Integer, nullable=False, index=True),
    Column("was", Words(10), nullable=False),
    Column("state", Words(10), nullable=False),
    Column("who", Words(), nullable=False),
    Column("at", Words(40), nullable=False),
    Column("sha256", Words(64), nullable=False),
    Column("note", Words(), nullable=False),
)

outbox_proofs = Table(
    "outbox_proofs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document", Integer, nullable=False),
    Column("way", Words(10), nullable=False),
    Column("recipient", Words(), nullable=False),
    Column("letter", Integer, nullable=False),
    Column("message_id", Words(200), nullable=False, index=True),
    Column("state", Words(12), nullable=False, index=True),
    Column("queued_at", Words(40), nullable=False),
    Column("sent_at", Words(40), nullable=False),
    Column("answer", Words(), nullable=False),
    Column("sha256", Words(64), nullable=False),
    Column("path", Words(), nullable=False),
    UniqueConstraint("document", "way", "recipient"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Words(20), nullable=False),
    Column("arrival", Integer, nullable=False, index=True),
    Column("document", Words(), nullable=False),
    Column("mailbox", Words(40), nullable=False),
    Column("recipient", Words(), nullable=False, index=True),
    Column("subject", Words(), nullable=False),
    Column("message_id", Words(200), nullable=False, index=True, unique=True),
    Column("thread", Words(), nullable=False),
    Column("state", Words(12), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("created_at", Words(40), nullable=False),
    Column("next_at", Words(40), nullable=False),
    Column("sent_at", Words(40), nullable=False),
    Column("last_answer", Words(), nullable=False),
    Column("sha256", Words(64), nullable=False),
    Column("path", Words(), nullable=False),
)

letter_returns = Table(
    "letter_returns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery", Integer, nullable=False),
    Column("arrival", Integer, nullable=False),
    Column("fate", Words(10), nullable=False),
    Column("status", Words(20), nullable=False),
    Column("said", Words(), nullable=False),
    Column("at", Words(40), nullable=False),
    UniqueConstraint("delivery", "arrival"),
)
