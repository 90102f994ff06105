"""Acts are chained: each holds the hash of itself and of the act before it (4.1.17)."""

import sqlalchemy as sa
from alembic import op

from inbox_worker.ledger.act_chain import hash_act
from inbox_worker.ledger.text_types import LongText

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

_NEW = ("origin", "before", "after", "hash")


def upgrade() -> None:
    """Add what an act did not say, and chain the acts that are there as they stand."""
    for name in _NEW:
        length = None if name == "origin" else 64
        op.add_column("acts", sa.Column(name, LongText(length), nullable=False, server_default=""))
    op.add_column("journal_state", sa.Column("last_act", LongText(64), nullable=False, server_default=""))
    connection, last = op.get_bind(), ""
    chained = sa.text("update acts set hash = :hash where number = :number")
    for act in connection.execute(sa.text("select * from acts order by number")).mappings().all():
        last = hash_act(last, dict(act))
        connection.execute(chained, {"hash": last, "number": act["number"]})
    connection.execute(sa.text("update journal_state set last_act = :last"), {"last": last})
