"""What lies in the outbox: each version of a document, every step of its review, and proof of its delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_documents",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("bin", sa.String(12), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("lying", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("close_number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
        sa.Column("changed_at", sa.String(40), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.UniqueConstraint("month", "bin", "name", "sha256"),
    )
    op.create_index("ix_outbox_documents_state", "outbox_documents", ["state"])
    op.create_table(
        "outbox_moves",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("document", sa.Integer(), nullable=False),
        sa.Column("was", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index("ix_outbox_moves_document", "outbox_moves", ["document"])
    op.create_table(
        "outbox_proofs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("document", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("letter", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("queued_at", sa.String(40), nullable=False),
        sa.Column("sent_at", sa.String(40), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.UniqueConstraint("document", "way", "recipient"),
    )
    op.create_index("ix_outbox_proofs_message_id", "outbox_proofs", ["message_id"])
    op.create_index("ix_outbox_proofs_state", "outbox_proofs", ["state"])
