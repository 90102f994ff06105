"""A part of a statement keeps the orders that were rejected with it (4.1.7); acts of people are found by their names,
beside which the service's decisions are many."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index. Which orders were rejected with a part before, nobody recorded."""
    op.add_column("transfers", sa.Column("rejected_orders", LongText(), nullable=False, server_default=""))
    those = sa.text("act <> 'decide'")
    op.create_index("acts_by_name", "acts", ["act"], sqlite_where=those, postgresql_where=those)
