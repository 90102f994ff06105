"""Certificates of what was destroyed (4.1.12, 8.10): proofs without content."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    texts = ("proposed_at", "proposed_by", "items", "destroyed_at", "destroyed_by", "finished_at", "sha256")
    op.create_table(
        "certificates",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("state", LongText(10), nullable=False),
        *(sa.Column(name, LongText(), nullable=False) for name in texts),
    )
    of_file = ("sha256", "item", "kind", "customer", "since", "clause", "decided")
    op.create_table(
        "destroyed_files",
        sa.Column("certificate", sa.Integer, primary_key=True),
        sa.Column("path", LongText(), primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        *(sa.Column(name, LongText(), nullable=False) for name in of_file),
    )
