"""Arrivals hold their tries, the reason of the last one, and where they are. The table `attempts` goes.

What it knew is kept: tries and reasons of undecided arrivals, and the drop folder's file of each arrival that may not
be moved yet. A file that was tried before it could be stored is tried again.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.words import Words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("arrivals", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    for name in ("why", "place", "customers"):
        op.add_column("arrivals", sa.Column(name, Words(), nullable=False, server_default=""))
    failed = sa.text("outcome = 'failed'")
    op.create_index("arrivals_failed", "arrivals", ["number"], sqlite_where=failed, postgresql_where=failed)
    connection = op.get_bind()
    for attempt in connection.execute(sa.text("SELECT mailbox, sha256, name, known, tries, why FROM attempts")).all():
        _keep(connection, attempt)
    op.drop_table("attempts")


def _keep(connection: sa.Connection, attempt: sa.Row[Any]) -> None:
    query = "SELECT number, outcome FROM arrivals WHERE mailbox = :mailbox AND sha256 = :sha256 ORDER BY number"
    known = attempt.known.split(",")
    in_folder = bool(attempt.name) and "/" not in attempt.name
    for arrival in connection.execute(sa.text(query), {"mailbox": attempt.mailbox, "sha256": attempt.sha256}).all():
        if arrival.outcome and str(arrival.number) in known:
            continue
        values = {
            "number": arrival.number,
            "tries": 0 if arrival.outcome else attempt.tries,
            "why": "" if arrival.outcome else attempt.why,
            "place": f"inbox/{attempt.mailbox}/{attempt.name}" if in_folder else "",
        }
        change = "UPDATE arrivals SET tries = :tries, why = :why, place = :place WHERE number = :number"
        connection.execute(sa.text(change), values)
