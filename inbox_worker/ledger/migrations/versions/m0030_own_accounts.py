"""Own accounts of Customers (7.1); parts of statements by what they are of, the operator's fee among them (4.2.5)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Nobody had an own account before, so what was distributed goes where it would have gone; the fee
    of those statements has no part, for nobody knows whether it left the bank already."""
    for table in ("customers", "customer_versions"):
        op.add_column(table, sa.Column("own_iban", LongText(34), nullable=False, server_default=""))
    op.add_column("transfers", sa.Column("what", LongText(7), nullable=False, server_default="house"))
