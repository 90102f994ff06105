"""Where each letter of a mailbox lay, and letters of which only the head was taken."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("arrivals", sa.Column("oversize", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "mail_places",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("folder", sa.String(200), primary_key=True),
        sa.Column("uidvalidity", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("uid", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("mailbox", sa.String(40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("arrival", sa.Integer(), nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=True),
    )
    op.create_index("ix_mail_places_arrival", "mail_places", ["arrival"])
    op.create_index("mail_places_lying", "mail_places", ["account", "folder", "moved_to"])
    op.create_index("mail_places_bytes", "mail_places", ["mailbox", "sha256"])


def downgrade() -> None:
    op.drop_table("mail_places")
    op.drop_column("arrivals", "oversize")
