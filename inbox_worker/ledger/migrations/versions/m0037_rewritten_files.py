"""Certificates may name consumers who left, and the files written anew without their personal data (4.1.12, 8.10)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.guards import drop_guards, make_guards
from inbox_worker.ledger.text_types import LongText

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables with their guards; no certificate had named any."""
    op.create_table(
        "cleared_accounts",
        sa.Column("certificate", sa.Integer, primary_key=True),
        sa.Column("account", LongText(), primary_key=True),
        *(sa.Column(name, LongText(), nullable=False) for name in ("customer", "since", "clause")),
    )
    op.create_table(
        "rewritten_files",
        sa.Column("certificate", sa.Integer, primary_key=True),
        sa.Column("path", LongText(), primary_key=True),
        *(sa.Column(name, LongText(64), nullable=False) for name in ("old_sha256", "new_sha256")),
    )
    drop_guards(op.get_bind())
    make_guards(op.get_bind())
