"""Tables of the journal. Changes go through a migration in `migrations/versions`; a test compares both."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from inbox_worker.ledger.text_types import Identifier, Words

metadata = MetaData()
_UNDECIDED = text("outcome IS NULL")
_FAILED = text("outcome = 'failed'")

arrivals = Table(
    "arrivals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("sha256", Words(64), nullable=False, index=True),
    Column("mailbox", Words(40), nullable=False),
    Column("source", Words(), nullable=False),
    Column("received_at", Words(40), nullable=False),
    Column("stated_sender", Words(), nullable=False, default=""),
    Column("sender", Words(), nullable=False, default=""),
    Column("message_id", Identifier(), nullable=False, default="", index=True),
    Column("raw", Words(), nullable=False),
    Column("outcome", Words(20), nullable=True),
    Column("oversize", BigInteger, nullable=False, default=0, server_default="0"),
    Column("tries", Integer, nullable=False, default=0, server_default="0"),
    Column("why", Words(), nullable=False, default="", server_default=""),
    Column("place", Words(), nullable=False, default="", server_default=""),
    Column("customers", Words(), nullable=False, default="", server_default=""),
    Index("arrivals_undecided", "number", sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
    Index("arrivals_failed", "number", sqlite_where=_FAILED, postgresql_where=_FAILED),
)

mail_places = Table(
    "mail_places",
    metadata,
    Column("account", Words(200), primary_key=True),
    Column("folder", Words(200), primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True, autoincrement=False),
    Column("uid", BigInteger, primary_key=True, autoincrement=False),
    Column("mailbox", Words(40), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Words(64), nullable=False),
    Column("arrival", Integer, nullable=False, index=True),
    Column("moved_to", Words(), nullable=True),
    Index("mail_places_lying", "account", "folder", "moved_to"),
    Index("mail_places_bytes", "mailbox", "sha256"),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", Words(40), primary_key=True),
    Column("arrival", Integer, nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("attachment", Words(), nullable=False),
    Column("sha256", Words(64), nullable=False, index=True),
    Column("form", Words(40), nullable=False),
    Column("customer", Words(12), nullable=False),
    Column("outcome", Words(20), nullable=False, index=True),
    Column("month", Words(7), nullable=False, default=""),
    Column("complete_at", Words(40), nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_posted", Integer, nullable=False),
    Column("rules", Words(16), nullable=False),
    Column("documents", Words(), nullable=False, default=""),
    Column("replaces", Words(40), nullable=False, default=""),
    Column("replaced_by", Words(40), nullable=False, default=""),
    Column("duplicate_of", Words(40), nullable=False, default=""),
    Column("sequence", Integer, nullable=False, default=0),
    Column("added", Integer, nullable=False, default=0, server_default="0"),
    Column("changed", Integer, nullable=False, default=0, server_default="0"),
    Column("unchanged", Integer, nullable=False, default=0, server_default="0"),
    Column("gone", Integer, nullable=False, default=0, server_default="0"),
    Column("held_for", Words(), nullable=False, default="", server_default=""),
    Column("task", Words(), nullable=False, default="", server_default=""),
    Column("confirmed", Words(), nullable=False, default="", server_default=""),
)

tasks = Table(
    "tasks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", Words(40), nullable=False),
    Column("customer", Words(), nullable=False),
    Column("sender", Words(), nullable=False),
    Column("what", Words(), nullable=False),
    Column("arrival", Integer, nullable=False, index=True),
    Column("submission", Words(40), nullable=False),
    Column("clause", Words(40), nullable=False),
    Column("due", Words(10), nullable=False),
    Column("made_at", Words(40), nullable=False),
    Column("done_at", Words(40), nullable=False, index=True),
    Column("done_by", Words(), nullable=False),
    Column("note", Words(), nullable=False),
)

acts = Table(
    "acts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Words(40), nullable=False),
    Column("who", Words(), nullable=False),
    Column("act", Words(40), nullable=False),
    Column("subject", Words(), nullable=False),
    Column("details", Words(), nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arrival", Integer, nullable=False, index=True),
    Column("submission", Words(40), nullable=False, default="", index=True),
    Column("code", Words(60), nullable=False),
    Column("severity", Words(10), nullable=False),
    Column("sheet", Words(), nullable=False),
    Column("cell", Words(20), nullable=False),
    Column("value", Words(), nullable=False),
    Column("message", Words(), nullable=False),
    Column("message_kk", Words(), nullable=False),
    Column("remedy", Words(), nullable=False),
    Column("remedy_kk", Words(), nullable=False),
    Column("clause", Words(40), nullable=False),
)

fact_files = Table(
    "fact_files",
    metadata,
    Column("path", Words(200), primary_key=True),
    Column("sha256", Words(64), nullable=False),
    Column("kind", Words(40), nullable=False),
    Column("customer", Words(12), nullable=False),
    Column("month", Words(7), nullable=False),
    Column("submission", Words(40), nullable=False, index=True),
    Column("rows", Integer, nullable=False),
    Index("fact_files_kind_month", "kind", "month"),
)

customers = Table(
    "customers",
    metadata,
    Column("bin", Words(12), primary_key=True),
    Column("name", Words(), nullable=False),
    Column("kind", Words(), nullable=False),
    Column("contract", Words(), nullable=False),
    Column("contract_date", Words(10), nullable=False),
    Column("valid_until", Words(10), nullable=False, default=""),
    Column("emails", Words(), nullable=False),
    Column("bic", Words(11), nullable=False),
    Column("iban", Words(34), nullable=False),
    Column("kbe", Words(4), nullable=False),
    Column("head", Words(), nullable=False, default=""),
    Column("address", Words(), nullable=False, default=""),
    Column("utilities", Boolean, nullable=False),
    Column("attested_until", Words(10), nullable=False, default=""),
    Column("submission", Words(40), nullable=False),
)

months = Table(
    "months",
    metadata,
    Column("month", Words(7), primary_key=True),
    Column("state", Words(10), nullable=False),
)

closes = Table(
    "closes",
    metadata,
    Column("month", Words(7), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sha256", Words(64), nullable=False),
    Column("made_at", Words(40), nullable=False),
    Column("rules", Words(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("reopened_at", Words(40), nullable=False, default=""),
    Column("reason", Words(), nullable=False, default=""),
)

close_files = Table(
    "close_files",
    metadata,
    Column("month", Words(7), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", Words(40), primary_key=True),
    Column("sha256", Words(64), nullable=False),
)

answer_files = Table(
    "answer_files",
    metadata,
    Column("submission", Words(40), primary_key=True),
    Column("sha256", Words(64), nullable=False),
)

journal_state = Table(
    "journal_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("journal", Words(32), nullable=False),
    Column("commits", BigInteger, nullable=False),
    Column("head", Words(32), nullable=False),
    Column("arrival", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("config", Words(16), nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", Words(7), nullable=False),
    Column("customer", Words(12), nullable=False),
    Column("kind", Words(20), nullable=False),
    Column("number", Words(20), nullable=False, default=""),
    Column("dated", Words(10), nullable=False),
    UniqueConstraint("month", "customer", "kind"),
)
