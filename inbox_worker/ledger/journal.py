"""The journal: small records in one database, one transaction a decision - the only commit point.

Its parts stand by subject: `arrivals.py`, `submissions.py` (with facts and Customers), `closes.py`; `database.py` opens
it.
"""

from __future__ import annotations

from pathlib import Path

from inbox_worker.ledger.arrivals import Arrivals
from inbox_worker.ledger.closes import Closes
from inbox_worker.ledger.database import JournalError, open_database
from inbox_worker.ledger.submissions import Submissions


class Journal(Arrivals, Submissions, Closes):
    """Reads and writes the journal's records."""

    def check_home(self, ledger: Path) -> None:
        """A database elsewhere may be another home's. Raises JournalError when it names facts that are not here, or
        knows nothing of those that are: one database belongs to one home."""
        if self.engine.dialect.name == "sqlite":
            return
        last = self.last_file()
        if last and not (ledger / last.path).is_file():
            why = f"the journal names {last.path}, which is not in {ledger}"
        elif last is None and not self.arrived() and next(ledger.glob("facts/*/*/*.parquet"), None):
            why = f"the journal is empty, and {ledger / 'facts'} is not"
        else:
            return
        self.dispose()
        raise JournalError(
            f"{why}: this database is the journal of another home, or of another day than these files. "
            "Give every home a database of its own, and restore both from one backup"
        )


def open_journal(url: str) -> Journal:
    """Opens the journal, bringing its tables to the program's shape."""
    return Journal(open_database(url))
