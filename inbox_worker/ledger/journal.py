"""The journal: small records in one database, one repository a subject, one transaction a decision.

Every repository takes the Database. Methods that read open their own reading; methods that write take the connection
of the caller's `transaction()`, the only commit point.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from sqlalchemy import Connection, Engine

from inbox_worker.ledger.act_answers import ActAnswers
from inbox_worker.ledger.arrivals import Arrivals
from inbox_worker.ledger.closes import Closes
from inbox_worker.ledger.customers import Customers
from inbox_worker.ledger.database import Database, open_database
from inbox_worker.ledger.destroyed import Destroyed
from inbox_worker.ledger.fact_files import FactFiles
from inbox_worker.ledger.letter_reports import Returns
from inbox_worker.ledger.letters import Letters
from inbox_worker.ledger.mail_places import MailPlaces
from inbox_worker.ledger.sent_documents import Documents
from inbox_worker.ledger.submissions import Submissions
from inbox_worker.ledger.tasks import Tasks
from inbox_worker.ledger.transfers import Transfers


class Journal:
    """The repositories of one database."""

    def __init__(self, engine: Engine) -> None:
        self.database = database = Database(engine)
        self.arrivals = Arrivals(database)
        self.places = MailPlaces(database)
        self.submissions = Submissions(database)
        self.facts = FactFiles(database)
        self.customers = Customers(database)
        self.closes = Closes(database)
        self.documents = Documents(database)
        self.letters = Letters(database)
        self.letter_reports = Returns(database)
        self.tasks = Tasks(database)
        self.act_answers = ActAnswers(database)
        self.transfers = Transfers(database)
        self.destroyed = Destroyed(database)

    def transaction(self) -> AbstractContextManager[Connection]:
        """Open one durable unit: all of it stands, or nothing."""
        return self.database.transaction()


def open_journal(url: str) -> Journal:
    """Open the journal, bringing its tables to the program's shape."""
    return Journal(open_database(url))
