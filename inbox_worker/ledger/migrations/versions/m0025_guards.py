"""The database itself guards what was recorded for good (4.1.17); rules and settings are watched."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.guards import make_guards
from inbox_worker.ledger.text_types import LongText

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the guards, and the table of files whose changes are acts."""
    op.create_table(
        "watched_files",
        sa.Column("path", LongText(400), primary_key=True),
        sa.Column("sha256", LongText(64), nullable=False),
        sa.Column("seen", LongText(100), nullable=False),
    )
    make_guards(op.get_bind())
