"""A letter of a mailbox is one row: its place in the mailbox is the place of its arrival."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_FETCHED = sa.text("place >= 'imap:' AND place < 'imap;'")


def upgrade() -> None:
    """Write the places of letters into their arrivals; where one letter came in twice, the last not moved counts."""
    connection = op.get_bind()
    places = connection.execute(sa.text("select * from mail_places order by moved_to is null, uidvalidity, uid"))
    put = sa.text("update arrivals set place = :place where number = :number")
    for row in places.mappings().all():
        folder = f"imap://{row['account']}/{row['folder']}"
        place = f"{folder};UIDVALIDITY={row['uidvalidity']}/;UID={row['uid']};SIZE={row['size']}"
        moved = row["moved_to"]
        connection.execute(put, {"place": place if moved is None else f"{folder} -> {moved}", "number": row["arrival"]})
    op.drop_table("mail_places")
    op.create_index("arrivals_fetched", "arrivals", ["place"], sqlite_where=_FETCHED, postgresql_where=_FETCHED)
