"""The journal: small records in one database, one transaction a decision - the only commit point.

Its parts stand by subject: `arrivals.py`, `tries.py`, `submissions.py` (with facts and Customers), `closes.py`;
`database.py` opens it.
"""

from __future__ import annotations

from pathlib import Path

from inbox_worker.ledger.arrivals import Arrivals
from inbox_worker.ledger.belonging import compare
from inbox_worker.ledger.closes import Closes
from inbox_worker.ledger.database import open_database
from inbox_worker.ledger.mark import Mark
from inbox_worker.ledger.submissions import Submissions
from inbox_worker.ledger.tries import Tries


class Journal(Arrivals, Tries, Submissions, Closes):
    """Reads and writes the journal's records."""

    def check_home(self, ledger: Path, archive: Path) -> None:
        """Raises JournalError when this is not the journal of these files (`belonging.py`); marks it from now on."""
        mark = Mark(ledger)
        try:
            compare(self, mark, ledger, archive)
        except BaseException:
            mark.close()
            self.dispose()
            raise
        self._mark = mark


def open_journal(url: str) -> Journal:
    """Opens the journal, bringing its tables to the program's shape."""
    return Journal(open_database(url))
