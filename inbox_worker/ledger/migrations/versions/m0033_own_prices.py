"""Customers may have a price of their own agreement (4.8, 5.1)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column to what was loaded last and to every version; the price list counted for all."""
    for table in ("customers", "customer_versions"):
        op.add_column(table, sa.Column("price", LongText(12), nullable=False, server_default=""))
