"""Acts about documents that were rendered are found by what they are about: each document that is put up asks for those
of its Customer's month (4.1.17)."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    those = sa.text("act = 'render'")
    op.create_index("acts_of_rendering", "acts", ["subject"], sqlite_where=those, postgresql_where=those)
