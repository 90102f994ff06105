"""Texts in PostgreSQL have no length and are ordered by code point, as in SQLite (`ledger/words.py`).

A later migration that adds a column of text gives it `Words` for its type.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (
    *("arrivals", "attempts", "closes", "customers", "deliveries", "documents", "fact_files", "findings"),
    *("letter_returns", "mail_places", "months", "outbox_documents", "outbox_moves", "outbox_proofs", "submissions"),
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    inspector = sa.inspect(connection)
    for table in TABLES:
        names = [column["name"] for column in inspector.get_columns(table) if isinstance(column["type"], sa.String)]
        op.execute(f"ALTER TABLE {table} " + ", ".join(f'ALTER "{name}" TYPE text COLLATE "C"' for name in names))
