"""Statements of distribution, what they pass on to each Customer, and payment orders (4.1.7)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables: what was distributed before has no record, and is distributed by a statement of its own."""
    op.create_table(
        "distributions",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("bank", LongText(11), nullable=False),
        sa.Column("day", LongText(10), nullable=False),
        sa.Column("month", LongText(7), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("made_at", LongText(40), nullable=False),
        sa.UniqueConstraint("bank", "day", "place"),
    )
    op.create_table(
        "transfers",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("distribution", sa.Integer(), nullable=False, index=True),
        sa.Column("customer", LongText(12), nullable=False),
        sa.Column("knp", LongText(3), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("payment_order", sa.Integer(), nullable=False, index=True),
    )
    _make_orders()


def _make_orders() -> None:
    op.create_table(
        "payment_orders",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("bank", LongText(11), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False, index=True),
        sa.Column("customer", LongText(12), nullable=False),
        sa.Column("name", LongText(), nullable=False),
        sa.Column("bic", LongText(11), nullable=False),
        sa.Column("iban", LongText(34), nullable=False),
        sa.Column("kbe", LongText(4), nullable=False),
        sa.Column("knp", LongText(3), nullable=False),
        sa.Column("payer_iban", LongText(34), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("purpose", LongText(), nullable=False),
        sa.Column("made_at", LongText(40), nullable=False),
        sa.Column("state", LongText(12), nullable=False, index=True),
        sa.Column("proof", LongText(), nullable=False),
    )
