"""Until when a gas maintainer is attested (4.3.10)."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("attested_until", sa.String(length=10), nullable=False, server_default="")
    op.add_column("customers", column)


def downgrade() -> None:
    op.drop_column("customers", "attested_until")
