"""Tables of the journal. Changes go through a migration in `migrations/versions`; a test compares both."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    TextClause,
    UniqueConstraint,
    false,
    text,
)

from inbox_worker.core.model import MonthState, Outcome, Severity
from inbox_worker.ledger.text_types import (
    Identifier,
    LongText,
    NumberOrNone,
    Typed,
    Words,
    day_text,
    moment_text,
    month_text,
    second_text,
)

metadata = MetaData()
IS_FETCHED = text("place >= 'imap:' AND place < 'imap;'")  # the letters of mailboxes (`mail_places.py`)
IS_OF_REVIEW = text("act IN ('approve', 'amend', 'put back', 'reject')")  # of documents (`approvals.py`)
IS_OF_RENDERING = text("act = 'render'")  # of documents that were put up (`render_acts.py`)
IS_NO_DECISION = text("act <> 'decide'")  # most acts are decisions of the service (`decision_acts.py`)
_PARTS: list[tuple[Index, TextClause]] = []


def _index_part(name: str, column: str, where: TextClause) -> Index:
    """Return an index of some rows. To name PostgreSQL here would load its dialect with every command."""
    index = Index(name, column, sqlite_where=where)
    _PARTS.append((index, where))
    return index


def tell_postgres() -> None:
    """Tell PostgreSQL, too, of which rows the indexes of some rows are."""
    for index, where in _PARTS:
        index.dialect_options["postgresql"]["where"] = where


arrivals = Table(
    "arrivals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("sha256", LongText(64), nullable=False, index=True),
    Column("mailbox", LongText(40), nullable=False),
    Column("source", LongText(), nullable=False),
    Column("received_at", moment_text(), nullable=False),
    Column("stated_sender", LongText(), nullable=False, default=""),
    Column("sender", LongText(), nullable=False, default=""),
    Column("message_id", Identifier(), nullable=False, default="", index=True),
    Column("raw", LongText(), nullable=False),
    Column("outcome", Typed(20, Outcome, nothing=None), nullable=True),
    Column("oversize", BigInteger, nullable=False, default=0, server_default="0"),
    Column("tries", Integer, nullable=False, default=0, server_default="0"),
    Column("why", LongText(), nullable=False, default="", server_default=""),
    Column("place", LongText(), nullable=False, default="", server_default=""),
    Column("customers", Words(";"), nullable=False, default="", server_default=""),
    _index_part("arrivals_undecided", "number", text("outcome IS NULL")),
    _index_part("arrivals_failed", "number", text("outcome = 'failed'")),
    _index_part("arrivals_fetched", "place", IS_FETCHED),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", LongText(40), primary_key=True),
    Column("arrival", Integer, nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("attachment", LongText(), nullable=False),
    Column("sha256", LongText(64), nullable=False, index=True),
    Column("form", LongText(40), nullable=False),
    Column("customer", LongText(12), nullable=False),
    Column("outcome", Typed(20, Outcome), nullable=False, index=True),
    Column("month", month_text(), nullable=False, default=""),
    Column("complete_at", moment_text(), nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_posted", Integer, nullable=False),
    Column("rules", LongText(16), nullable=False),
    Column("documents", Typed(), nullable=False, default=""),
    Column("replaces", Typed(40), nullable=False, default=""),
    Column("replaced_by", Typed(40), nullable=False, default=""),
    Column("duplicate_of", Typed(40), nullable=False, default=""),
    Column("sequence", NumberOrNone(), nullable=False, default=0),
    Column("added", Integer, nullable=False, default=0, server_default="0"),
    Column("changed", Integer, nullable=False, default=0, server_default="0"),
    Column("unchanged", Integer, nullable=False, default=0, server_default="0"),
    Column("gone", Integer, nullable=False, default=0, server_default="0"),
    Column("held_for", Words(" "), nullable=False, default="", server_default=""),
    Column("task", Typed(), nullable=False, default="", server_default=""),
    Column("confirmed", Typed(), nullable=False, default="", server_default=""),
)

tasks = Table(
    "tasks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", LongText(40), nullable=False),
    Column("customer", LongText(), nullable=False),
    Column("sender", LongText(), nullable=False),
    Column("what", LongText(), nullable=False),
    Column("arrival", Integer, nullable=False, index=True),
    Column("submission", LongText(40), nullable=False),
    Column("clause", LongText(40), nullable=False),
    Column("due", day_text(), nullable=False),
    Column("made_at", second_text(), nullable=False),
    Column("done_at", second_text(), nullable=False, index=True),
    Column("done_by", LongText(), nullable=False),
    Column("note", LongText(), nullable=False),
)

act_answers = Table(
    "act_answers",
    metadata,
    Column("submission", LongText(40), nullable=False),
    Column("act", LongText(40), nullable=False),
    Column("customer", LongText(12), nullable=False, index=True),
    Column("answer", LongText(40), nullable=False),
    Column("answered_on", day_text(), nullable=False),
    Column("reason", LongText(), nullable=False),
    Column("came_at", second_text(), nullable=False),
    Column("task", LongText(40), nullable=False),
)

acts = Table(
    "acts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", LongText(40), nullable=False),
    Column("who", LongText(), nullable=False),
    Column("act", LongText(40), nullable=False),
    Column("subject", LongText(), nullable=False),
    Column("details", LongText(), nullable=False),
    Column("origin", LongText(), nullable=False, server_default=""),
    Column("before", LongText(64), nullable=False, server_default=""),
    Column("after", LongText(64), nullable=False, server_default=""),
    Column("hash", LongText(64), nullable=False, server_default=""),
    _index_part("acts_of_review", "subject", IS_OF_REVIEW),
    _index_part("acts_of_rendering", "subject", IS_OF_RENDERING),
    _index_part("acts_by_name", "act", IS_NO_DECISION),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arrival", Integer, nullable=False, index=True),
    Column("submission", LongText(40), nullable=False, default="", index=True),
    Column("code", LongText(60), nullable=False),
    Column("severity", Typed(10, Severity), nullable=False),
    Column("sheet", LongText(), nullable=False),
    Column("cell", LongText(20), nullable=False),
    Column("value", LongText(), nullable=False),
    Column("message", LongText(), nullable=False),
    Column("message_kk", LongText(), nullable=False),
    Column("remedy", LongText(), nullable=False),
    Column("remedy_kk", LongText(), nullable=False),
    Column("clause", LongText(40), nullable=False),
)

fact_files = Table(
    "fact_files",
    metadata,
    Column("path", LongText(200), primary_key=True),
    Column("sha256", LongText(64), nullable=False),
    Column("kind", LongText(40), nullable=False),
    Column("customer", LongText(12), nullable=False),
    Column("month", month_text(), nullable=False),
    Column("submission", LongText(40), nullable=False, index=True),
    Column("rows", Integer, nullable=False),
    Index("fact_files_kind_month", "kind", "month"),
)


def _customer_columns() -> tuple[Column[Any], ...]:
    """Columns of what a register tells of a Customer, with the form that told it."""
    return (
        Column("name", LongText(), nullable=False),
        Column("kind", LongText(), nullable=False),
        Column("contract", LongText(), nullable=False),
        Column("contract_date", day_text(), nullable=False),
        Column("valid_until", day_text(), nullable=False, default=""),
        Column("emails", Words(";"), nullable=False),
        Column("bic", LongText(11), nullable=False),
        Column("iban", LongText(34), nullable=False),
        Column("kbe", LongText(4), nullable=False),
        Column("head", LongText(), nullable=False, default=""),
        Column("address", LongText(), nullable=False, default=""),
        Column("utilities", Boolean, nullable=False),
        Column("attested_until", day_text(), nullable=False, default=""),
        Column("own_account", LongText(34), nullable=False, default="", server_default=""),
        Column("own_bic", LongText(11), nullable=False, default="", server_default=""),
        Column("no_depersonalised", Boolean, nullable=False, default=False, server_default=false()),
        Column("price", Typed(12, Decimal), nullable=False, default="", server_default=""),
        Column("contact", LongText(), nullable=False, default="", server_default=""),
        Column("phone", LongText(), nullable=False, default="", server_default=""),
        Column("submission", LongText(40), nullable=False),
    )


customers = Table("customers", metadata, Column("bin", LongText(12), primary_key=True), *_customer_columns())

customer_versions = Table(
    "customer_versions",
    metadata,
    Column("bin", LongText(12), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("begins", day_text(), nullable=False),
    Column("stated_at", second_text(), nullable=False),
    Column("stated_by", LongText(), nullable=False),
    *_customer_columns(),
)

months = Table(
    "months",
    metadata,
    Column("month", month_text(), primary_key=True),
    Column("state", Typed(10, MonthState), nullable=False),
)

closes = Table(
    "closes",
    metadata,
    Column("month", month_text(), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sha256", LongText(64), nullable=False),
    Column("made_at", moment_text(), nullable=False),
    Column("rules", LongText(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("reopened_at", moment_text(), nullable=False, default=""),
    Column("reason", LongText(), nullable=False, default=""),
)

close_files = Table(
    "close_files",
    metadata,
    Column("month", month_text(), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", LongText(40), primary_key=True),
    Column("sha256", LongText(64), nullable=False),
    Column("format", Integer, nullable=False, default=0),
)

answer_files = Table(
    "answer_files",
    metadata,
    Column("submission", LongText(40), primary_key=True),
    Column("sha256", LongText(64), nullable=False),
)

journal_state = Table(
    "journal_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("journal", LongText(32), nullable=False),
    Column("commits", BigInteger, nullable=False),
    Column("head", LongText(32), nullable=False),
    Column("arrival", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("config", LongText(16), nullable=False),
    Column("last_act", LongText(64), nullable=False, server_default=""),
    Column("numbers", LongText(), nullable=False, server_default=""),
    Column("foreign_rows", LongText(), nullable=False, server_default=""),
)

watched_files = Table(
    "watched_files",
    metadata,
    Column("path", LongText(400), primary_key=True),
    Column("sha256", LongText(64), nullable=False),
    Column("seen", LongText(100), nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", month_text(), nullable=False),
    Column("customer", LongText(12), nullable=False),
    Column("kind", LongText(20), nullable=False),
    Column("number", LongText(20), nullable=False, default=""),
    Column("dated", day_text(), nullable=False),
    UniqueConstraint("month", "customer", "kind"),
)
