"""What each form changed: rows added, changed, unchanged, gone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("added", "changed", "unchanged", "gone"):
        op.add_column("submissions", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
