"""What makes files the truth only with their hash: the journal's own state for `ledger/mark`, the hashes of marked
workbooks and of a close's files."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.words import Words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    state = op.create_table(
        "journal_state",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("journal", Words(32), nullable=False),
        sa.Column("commits", sa.BigInteger(), nullable=False),
        sa.Column("head", Words(32), nullable=False),
        sa.Column("arrival", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("config", Words(16), nullable=False),
    )
    op.create_table(
        "answer_files",
        sa.Column("submission", Words(40), primary_key=True),
        sa.Column("sha256", Words(64), nullable=False),
    )
    op.create_table(
        "close_files",
        sa.Column("month", Words(7), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("name", Words(40), primary_key=True),
        sa.Column("sha256", Words(64), nullable=False),
    )
    connection = op.get_bind()
    arrival = connection.execute(sa.text("select max(number) from arrivals")).scalar() or 0
    sequence = connection.execute(sa.text("select max(sequence) from submissions")).scalar() or 0
    first = {"id": 1, "journal": uuid4().hex, "commits": 0, "head": uuid4().hex, "config": ""}
    op.bulk_insert(state, [{**first, "arrival": arrival, "sequence": sequence}])
