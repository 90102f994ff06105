"""The first migration: a journal of this shape or a later one is brought on; a new one is made of the tables."""

revision = "0016"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing: a journal is never older."""
