"""Customers have versions: what was told, when, by whom, from when it counts (section 11, 4.3.3)."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.text_types import LongText

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the wording that stands is each Customer's first version. Nobody noted who loaded it."""
    op.create_table(
        "customer_versions",
        sa.Column("bin", LongText(12), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("begins", LongText(10), nullable=False),
        sa.Column("stated_at", LongText(40), nullable=False),
        sa.Column("stated_by", LongText(), nullable=False),
        sa.Column("name", LongText(), nullable=False),
        sa.Column("kind", LongText(), nullable=False),
        sa.Column("contract", LongText(), nullable=False),
        sa.Column("contract_date", LongText(10), nullable=False),
        sa.Column("valid_until", LongText(10), nullable=False),
        sa.Column("emails", LongText(), nullable=False),
        sa.Column("bic", LongText(11), nullable=False),
        sa.Column("iban", LongText(34), nullable=False),
        sa.Column("kbe", LongText(4), nullable=False),
        sa.Column("head", LongText(), nullable=False),
        sa.Column("address", LongText(), nullable=False),
        sa.Column("utilities", sa.Boolean(), nullable=False),
        sa.Column("attested_until", LongText(10), nullable=False),
        sa.Column("submission", LongText(40), nullable=False),
    )
    connection = op.get_bind()
    query = "select c.*, s.complete_at from customers c join submissions s on s.id = c.submission"
    names = sa.inspect(connection).get_columns("customer_versions")
    values = ", ".join(f":{column['name']}" for column in names)
    put = sa.text(f"insert into customer_versions ({', '.join(column['name'] for column in names)}) values ({values})")
    for row in connection.execute(sa.text(query)).mappings().all():
        moment = to_almaty(datetime.fromisoformat(row["complete_at"]))
        first = {"number": 1, "begins": moment.date().isoformat(), "stated_by": ""}
        connection.execute(put, {**row, **first, "stated_at": moment.isoformat(timespec="seconds")})
