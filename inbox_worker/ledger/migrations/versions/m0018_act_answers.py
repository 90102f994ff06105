"""Answers to acts have a table: an act's life is known from it (4.3.7)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; answers that came before are their tasks, and stay so."""
    op.create_table(
        "act_answers",
        sa.Column("submission", LongText(40), nullable=False),
        sa.Column("act", LongText(40), nullable=False),
        sa.Column("customer", LongText(12), nullable=False),
        sa.Column("answer", LongText(40), nullable=False),
        sa.Column("answered_on", LongText(10), nullable=False),
        sa.Column("reason", LongText(), nullable=False),
        sa.Column("came_at", LongText(40), nullable=False),
        sa.Column("task", LongText(40), nullable=False),
    )
    op.create_index("ix_act_answers_customer", "act_answers", ["customer"])
