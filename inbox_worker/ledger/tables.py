"""Tables of the journal. Changes go through a migration in `migrations/versions`; a test compares both."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()
_UNDECIDED = text("outcome IS NULL")

arrivals = Table(
    "arrivals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("mailbox", String(40), nullable=False),
    Column("source", Text, nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("stated_sender", Text, nullable=False, default=""),
    Column("sender", Text, nullable=False, default=""),
    Column("message_id", Text, nullable=False, default="", index=True),
    Column("raw", Text, nullable=False),
    Column("outcome", String(20), nullable=True),
    Column("oversize", BigInteger, nullable=False, default=0, server_default="0"),
    Index("arrivals_undecided", "number", sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
)

mail_places = Table(
    "mail_places",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("folder", String(200), primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True, autoincrement=False),
    Column("uid", BigInteger, primary_key=True, autoincrement=False),
    Column("mailbox", String(40), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("arrival", Integer, nullable=False, index=True),
    Column("moved_to", Text, nullable=True),
    Index("mail_places_lying", "account", "folder", "moved_to"),
    Index("mail_places_bytes", "mailbox", "sha256"),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("arrival", Integer, nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("attachment", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("form", String(40), nullable=False),
    Column("customer", String(12), nullable=False),
    Column("outcome", String(20), nullable=False, index=True),
    Column("month", String(7), nullable=False, default=""),
    Column("complete_at", String(40), nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_posted", Integer, nullable=False),
    Column("rules", String(16), nullable=False),
    Column("documents", Text, nullable=False, default=""),
    Column("replaces", String(40), nullable=False, default=""),
    Column("replaced_by", String(40), nullable=False, default=""),
    Column("duplicate_of", String(40), nullable=False, default=""),
    Column("sequence", Integer, nullable=False, default=0),
    Column("added", Integer, nullable=False, default=0, server_default="0"),
    Column("changed", Integer, nullable=False, default=0, server_default="0"),
    Column("unchanged", Integer, nullable=False, default=0, server_default="0"),
    Column("gone", Integer, nullable=False, default=0, server_default="0"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arrival", Integer, nullable=False, index=True),
    Column("submission", String(40), nullable=False, default="", index=True),
    Column("code", String(60), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("sheet", Text, nullable=False),
    Column("cell", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("message_kk", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("remedy_kk", Text, nullable=False),
    Column("clause", String(40), nullable=False),
)

fact_files = Table(
    "fact_files",
    metadata,
    Column("path", String(200), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("customer", String(12), nullable=False),
    Column("month", String(7), nullable=False),
    Column("submission", String(40), nullable=False, index=True),
    Column("rows", Integer, nullable=False),
    Index("fact_files_kind_month", "kind", "month"),
)

customers = Table(
    "customers",
    metadata,
    Column("bin", String(12), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("contract_date", String(10), nullable=False),
    Column("valid_until", String(10), nullable=False, default=""),
    Column("emails", Text, nullable=False),
    Column("bic", String(11), nullable=False),
    Column("iban", String(34), nullable=False),
    Column("kbe", String(4), nullable=False),
    Column("head", Text, nullable=False, default=""),
    Column("address", Text, nullable=False, default=""),
    Column("utilities", Boolean, nullable=False),
    Column("attested_until", String(10), nullable=False, default=""),
    Column("submission", String(40), nullable=False),
)

months = Table(
    "months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("state", String(10), nullable=False),
)

closes = Table(
    "closes",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("rules", String(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("reopened_at", String(40), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("customer", String(12), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("number", String(20), nullable=False, default=""),
    Column("dated", String(10), nullable=False),
    UniqueConstraint("month", "customer", "kind"),
)

outbox_documents = Table(
    "outbox_documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("bin", String(12), nullable=False),
    Column("folder", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("account", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("lying", String(64), nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("close_number", Integer, nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("changed_at", String(40), nullable=False),
    Column("entry", Text, nullable=False),
    UniqueConstraint("month", "bin", "name", "sha256"),
)

outbox_moves = Table(
    "outbox_moves",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document", Integer, nullable=False, index=True),
    Column("was", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("who", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("note", Text, nullable=False),
)

outbox_proofs = Table(
    "outbox_proofs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document", Integer, nullable=False),
    Column("way", String(10), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("letter", Integer, nullable=False),
    Column("message_id", String(200), nullable=False, index=True),
    Column("state", String(12), nullable=False, index=True),
    Column("queued_at", String(40), nullable=False),
    Column("sent_at", String(40), nullable=False),
    Column("answer", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("path", Text, nullable=False),
    UniqueConstraint("document", "way", "recipient"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("mailbox", String(40), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("known", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("why", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("arrival", Integer, nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("mailbox", String(40), nullable=False),
    Column("recipient", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("message_id", String(200), nullable=False, index=True, unique=True),
    Column("thread", Text, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("next_at", String(40), nullable=False),
    Column("sent_at", String(40), nullable=False),
    Column("last_answer", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("path", Text, nullable=False),
)

letter_returns = Table(
    "letter_returns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery", Integer, nullable=False),
    Column("arrival", Integer, nullable=False),
    Column("fate", String(10), nullable=False),
    Column("status", String(20), nullable=False),
    Column("said", Text, nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("delivery", "arrival"),
)
