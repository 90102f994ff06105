"""Parts of statements know what they are of: a house, communal services (7.1), the operator's fee (4.2.5)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.text_types import LongText

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Nobody had an own account before, so what was distributed goes where it would have gone; the fee
    of those statements has no part, for nobody knows whether it left the bank already."""
    op.add_column("transfers", sa.Column("what", LongText(7), nullable=False, server_default="house"))
