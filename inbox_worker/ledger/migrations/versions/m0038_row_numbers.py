"""The journal's state knows the highest number of each table, and what came or went beside the program (4.1.17)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns, empty: the next commit fills in the numbers."""
    for name in ("numbers", "foreign_rows"):
        op.add_column("journal_state", sa.Column(name, LongText(), nullable=False, server_default=""))
