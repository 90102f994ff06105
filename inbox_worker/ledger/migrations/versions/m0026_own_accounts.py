"""Customers may have an account of their own for utilities (7.1), and forbid depersonalised use (4.2.7)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns to what was loaded last and to every version; nobody had told any of it."""
    for table in ("customers", "customer_versions"):
        op.add_column(table, sa.Column("own_account", LongText(34), nullable=False, server_default=""))
        op.add_column(table, sa.Column("own_bic", LongText(11), nullable=False, server_default=""))
        op.add_column(table, sa.Column("no_depersonalised", sa.Boolean(), nullable=False, server_default=sa.false()))
