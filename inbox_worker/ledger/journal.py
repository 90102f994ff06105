"""The journal: small records in one database, one transaction a decision - the only commit point.

Its parts stand by subject: `arrivals.py`, `submissions.py` (with facts and Customers), `closes.py`;
`database.py` opens it.
"""

from __future__ import annotations

from inbox_worker.ledger.arrivals import Arrivals
from inbox_worker.ledger.closes import Closes
from inbox_worker.ledger.database import open_database
from inbox_worker.ledger.mark import Mark
from inbox_worker.ledger.submissions import Submissions


class Journal(Arrivals, Submissions, Closes):
    """Reads and writes the journal's records."""

    def follow(self, mark: Mark) -> None:
        """Mark every commit from now on; `belonging.py` has compared the mark with this journal."""
        self._mark = mark


def open_journal(url: str) -> Journal:
    """Opens the journal, bringing its tables to the program's shape."""
    return Journal(open_database(url))
