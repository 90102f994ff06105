"""Tables of the journal about what leaves: documents in the outbox, their proofs, letters and reports about them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Column, Integer, Table, UniqueConstraint

from inbox_worker.ledger.tables import metadata as metadata
from inbox_worker.ledger.text_types import LongText, Typed, entry_text


class DocumentState(StrEnum):
    """Life of a version. The first four are folders of the outbox; REPLACED has no file any more."""

    PENDING = "pending"
    APPROVED = "approved"
    SENT = "sent"
    REJECTED = "rejected"
    REPLACED = "replaced"  # a newer version took its place before it was sent


class LetterState(StrEnum):
    """Life of a letter, and of a document's way to a recipient by letter, folder or hand."""

    REVIEW = "review"  # its document waits in the outbox until people approve it
    QUEUED = "queued"
    RETRY = "retry"  # queued again: refused for now, or the server was not there
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"  # for good, or tried too often
    UNCERTAIN = "uncertain"  # it may have arrived or not: people decide
    DROPPED = "dropped"  # will not be sent: by people, by a limit, or a later letter says more
    BOUNCED = "bounced"  # only of a document's way: the letter was sent, and came back

    @property
    def of_document(self) -> LetterState:
        """Return how a document's way is recorded while its letter is in this state."""
        return LetterState.QUEUED if self in (LetterState.REVIEW, LetterState.RETRY, LetterState.SENDING) else self


outbox_documents = Table(
    "outbox_documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", LongText(7), nullable=False),
    Column("bin", LongText(12), nullable=False),
    Column("folder", LongText(), nullable=False),
    Column("name", LongText(), nullable=False),
    Column("kind", LongText(20), nullable=False),
    Column("account", LongText(40), nullable=False),
    Column("sha256", LongText(64), nullable=False),
    Column("lying", LongText(64), nullable=False, key="sha256_now"),
    Column("state", Typed(10, DocumentState), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("close_number", Integer, nullable=False),
    Column("made_at", LongText(40), nullable=False),
    Column("changed_at", LongText(40), nullable=False),
    Column("entry", entry_text(), nullable=False),
    UniqueConstraint("month", "bin", "name", "sha256"),
)

outbox_moves = Table(
    "outbox_moves",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document", Integer, nullable=False, index=True),
    Column("was", LongText(10), nullable=False),
    Column("state", Typed(10, DocumentState), nullable=False),
    Column("who", LongText(), nullable=False),
    Column("at", LongText(40), nullable=False),
    Column("sha256", LongText(64), nullable=False),
    Column("note", LongText(), nullable=False),
)

outbox_proofs = Table(
    "outbox_proofs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document", Integer, nullable=False),
    Column("way", LongText(10), nullable=False),
    Column("recipient", LongText(), nullable=False),
    Column("letter", Integer, nullable=False),
    Column("message_id", LongText(200), nullable=False, index=True),
    Column("state", Typed(12, LetterState), nullable=False, index=True),
    Column("queued_at", LongText(40), nullable=False),
    Column("sent_at", LongText(40), nullable=False),
    Column("answer", LongText(), nullable=False),
    Column("sha256", LongText(64), nullable=False),
    Column("path", LongText(), nullable=False),
    UniqueConstraint("document", "way", "recipient"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", LongText(20), nullable=False),
    Column("arrival", Integer, nullable=False, index=True),
    Column("document", LongText(), nullable=False),
    Column("mailbox", LongText(40), nullable=False),
    Column("recipient", LongText(), nullable=False, index=True),
    Column("subject", LongText(), nullable=False),
    Column("message_id", LongText(200), nullable=False, index=True, unique=True),
    Column("thread", LongText(), nullable=False),
    Column("state", Typed(12, LetterState), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("created_at", LongText(40), nullable=False),
    Column("next_at", LongText(40), nullable=False),
    Column("sent_at", LongText(40), nullable=False),
    Column("last_answer", LongText(), nullable=False),
    Column("sha256", LongText(64), nullable=False),
    Column("path", LongText(), nullable=False),
)

letter_returns = Table(
    "letter_returns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery", Integer, nullable=False),
    Column("arrival", Integer, nullable=False),
    Column("fate", LongText(10), nullable=False),
    Column("status", LongText(20), nullable=False),
    Column("said", LongText(), nullable=False),
    Column("at", LongText(40), nullable=False),
    UniqueConstraint("delivery", "arrival"),
)
