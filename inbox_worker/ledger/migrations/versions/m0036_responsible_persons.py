"""Customers may name the person responsible for working with the operator, and a telephone (6.2.7)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns to what was loaded last and to every version; nobody had told any of it."""
    for table in ("customers", "customer_versions"):
        for name in ("contact", "phone"):
            op.add_column(table, sa.Column(name, LongText(), nullable=False, server_default=""))
