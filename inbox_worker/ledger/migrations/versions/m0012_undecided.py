"""The few arrivals without a decision are found at once, however many were decided over the years."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    undecided = sa.text("outcome IS NULL")
    op.create_index("arrivals_undecided", "arrivals", ["number"], sqlite_where=undecided, postgresql_where=undecided)
