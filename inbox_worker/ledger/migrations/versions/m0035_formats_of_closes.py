"""A close says the format of each of its files; 0 of one that was made before formats had versions."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("close_files", sa.Column("format", sa.Integer, nullable=False, server_default="0"))
