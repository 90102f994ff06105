"""Acts about documents are found by what they are about: each letter asks for those of its documents (4.1.17)."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    those = sa.text("act IN ('approve', 'amend', 'put back', 'reject')")
    op.create_index("acts_of_review", "acts", ["subject"], sqlite_where=those, postgresql_where=those)
