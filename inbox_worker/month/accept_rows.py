"""A person answers for rows of the journal that came or went beside the program, and for those of which the record that
`ledger verify` keeps was lost (4.1.17)."""

from __future__ import annotations

from datetime import datetime

from inbox_worker.core.errors import UseError
from inbox_worker.ledger.acts import ACCEPT_ROWS, find_acts, record_act
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.row_numbers import find_foreign_rows
from inbox_worker.ledger.tables import journal_state
from inbox_worker.month.verified_record import NAME, find_lost_records


def accept_rows(journal: Journal, reason: str, now: datetime) -> list[str]:
    """Record that a person looked at such rows and answers for them; return what was told of them. Raises UseError when
    none is known."""
    lost = [f"{NAME} {what}" for what in find_lost_records(find_acts(journal.database))]
    with journal.transaction() as connection:
        found = [*find_foreign_rows(connection), *lost]
        if not found:
            raise UseError("no row came or went beside the program; there is nothing to accept")
        record_act(connection, ACCEPT_ROWS, "journal", now, details=f"{reason}; {'; '.join(found)}")
        connection.execute(journal_state.update().values(foreign_rows=""))
    return found
