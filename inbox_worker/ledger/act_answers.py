"""Answers of Customers to acts, as their forms told them (4.3.7): also of a form that waits for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from inbox_worker.core.model import Outcome, Submission
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import as_values

SIGNED, REFUSED = "signed", "refused"
REVISION = r"\s*ред\.?\s*\d+$"  # behind an act's number, which is that of its first version
_COUNTS = (Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.HELD)
c = t.act_answers.c


@dataclass(frozen=True)
class ActAnswer:
    """One row of an answer: `answer` is SIGNED or REFUSED, `act` the number without its revision."""

    submission: str
    act: str
    customer: str
    answer: str
    answered_on: date
    reason: str
    came_at: datetime
    task: str = ""


class ActAnswers:
    """Reads and writes the answers of a journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, connection: Connection, submission: Submission, answers: Iterable[ActAnswer]) -> None:
        """Record what a form answers, in the transaction of its decision; what it answered before is replaced."""
        connection.execute(t.act_answers.delete().where(c.submission == submission.id))
        for answer in answers if submission.outcome in _COUNTS else ():
            connection.execute(t.act_answers.insert().values(**as_values(answer)))

    def all(self) -> list[ActAnswer]:
        """Return the answers in the order they came; those of forms that were replaced whole are left out."""
        query = select(t.act_answers).join(t.submissions, t.submissions.c.id == c.submission)
        query = query.where(t.submissions.c.replaced_by == "").order_by(c.came_at, c.submission)
        return self._database.find_all(ActAnswer, query)
