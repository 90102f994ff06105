"""The journal: small records in one database, one transaction a decision - the only commit point.

Its parts stand by subject: `arrivals.py`, `tries.py`, `submissions.py` (with facts and Customers), `closes.py`;
`database.py` opens it.
"""

from __future__ import annotations

from pathlib import Path

from inbox_worker.ledger.arrivals import Arrivals
from inbox_worker.ledger.closes import Closes
from inbox_worker.ledger.database import JournalError, open_database
from inbox_worker.ledger.submissions import Submissions
from inbox_worker.ledger.tries import Tries


class Journal(Arrivals, Tries, Submissions, Closes):
    """Reads and writes the journal's records."""

    def check_home(self, ledger: Path) -> None:
        """Raises JournalError when this is another home's journal: one that knows nothing though facts lie here (a
        command without the service's INBOX_WORKER_JOURNAL), or, in a database elsewhere, names facts that do not."""
        if not self.arrived():
            if not next(ledger.glob("facts/*/*/*.parquet"), None):
                return
            why = f"the journal is empty, and {ledger / 'facts'} is not"
        elif self.engine.dialect.name == "sqlite":  # lies among its facts
            return
        else:
            last = self.last_file()
            if last is None or (ledger / last.path).is_file():
                return
            why = f"the journal names {last.path}, which is not in {ledger}"
        self.dispose()
        raise JournalError(
            f"{why}: it is the journal of another home, or of another day than these files. Give every home a journal "
            "of its own, name it alike for the service and for commands, and restore both from one backup"
        )


def open_journal(url: str) -> Journal:
    """Opens the journal, bringing its tables to the program's shape."""
    return Journal(open_database(url))
