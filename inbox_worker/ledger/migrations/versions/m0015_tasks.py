"""Tasks for people, acts of people, and what a held form waits for."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.words import Words

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("kind", Words(40), nullable=False),
        sa.Column("customer", Words(), nullable=False),
        sa.Column("sender", Words(), nullable=False),
        sa.Column("what", Words(), nullable=False),
        sa.Column("arrival", sa.Integer(), nullable=False),
        sa.Column("submission", Words(40), nullable=False),
        sa.Column("clause", Words(40), nullable=False),
        sa.Column("due", Words(10), nullable=False),
        sa.Column("made_at", Words(40), nullable=False),
        sa.Column("done_at", Words(40), nullable=False),
        sa.Column("done_by", Words(), nullable=False),
        sa.Column("note", Words(), nullable=False),
    )
    op.create_index("ix_tasks_arrival", "tasks", ["arrival"])
    op.create_index("ix_tasks_done_at", "tasks", ["done_at"])
    op.create_table(
        "acts",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", Words(40), nullable=False),
        sa.Column("who", Words(), nullable=False),
        sa.Column("act", Words(40), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("details", Words(), nullable=False),
    )
    for name in ("held_for", "task", "confirmed"):
        op.add_column("submissions", sa.Column(name, Words(), nullable=False, server_default=""))
    op.execute("update submissions set held_for = 'documents' where outcome = 'held'")
