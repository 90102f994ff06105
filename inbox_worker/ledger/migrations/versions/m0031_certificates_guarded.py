"""Certificates of what was destroyed, and their files, are guarded as acts are (4.1.12, 4.1.17)."""

from alembic import op

from inbox_worker.ledger.guards import drop_guards, make_guards

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the guards of these tables; those that are there are made again as they were."""
    drop_guards(op.get_bind())
    make_guards(op.get_bind())
