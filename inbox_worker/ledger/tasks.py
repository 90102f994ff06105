"""Tasks: what needs a person, from whom it came, by when, and what became of it (money.md, Outcomes)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, func, or_, select

from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import as_values

c = t.tasks.c
LETTER = "letter"  # the kind of a letter without a form
DONE, NOTED = "tasks done", "tasks note"  # acts; their subject is the task
DONE_BY_FORM = "tasks done by a form"  # its moment is that of the form's receipt
STOP = "stop"  # whether lines are stopped (4.3.10, 4.3.11)


@dataclass(frozen=True)
class Task:
    """One thing that a person sees to. `what`: what came; `submission` is '' for a letter without a form, or the number
    of the open form or letter that such a letter is about.

    `note` is what staff wrote last.
    """

    kind: str
    customer: str
    sender: str
    what: str
    arrival: int
    submission: str
    clause: str
    due: date
    made_at: datetime
    number: int = 0
    done_at: datetime | None = None
    done_by: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """Return the number that people quote, like `T-000001`."""
        return f"T-{self.number:06d}"

    @property
    def source(self) -> str:
        """Return the number of the letter that it came of; '' for a task that the service made."""
        return f"IW-{self.arrival:06d}" if self.arrival else ""

    @property
    def is_reply(self) -> bool:
        """Return whether it stands for a letter about something that is open."""
        return self.kind == LETTER and bool(self.submission)

    @property
    def about(self) -> str:
        """Return the number of the form it stands for, or of the letter."""
        return self.source if self.is_reply else self.submission or self.source

    def speaks_of(self, number: str) -> bool:
        """Return whether it stands for a letter about that form (`IW-000005-1`), alone or with others of its letter."""
        return self.is_reply and self.submission in (number, number.rpartition("-")[0])

    def state(self, today: date) -> str:
        """Return open, done or overdue."""
        if self.done_at:
            return "done"
        return "overdue" if self.due < today else "open"


class Tasks:
    """Reads and writes the tasks of a journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- inside somebody's transaction ------------------------------------------------------------------------

    def add(self, connection: Connection, task: Task) -> Task:
        """Record a new task and return it with its number."""
        numbered = replace(task, number=(connection.execute(select(func.max(c.number))).scalar() or 0) + 1)
        connection.execute(t.tasks.insert().values(**as_values(numbered)))
        return numbered

    def finish(
        self, connection: Connection, numbers: Iterable[str], now: datetime, by: str, note: str, act: str = DONE
    ) -> None:
        """Mark open tasks done, each by an act of its own; those that are done already stay as they are.

        A note that staff wrote before stays when `note` is empty. `act`: DONE, or DONE_BY_FORM.
        """
        values = {"done_at": now, "done_by": by, **({"note": note} if note else {})}
        for number in filter(None, numbers):
            if self._change_open(connection, number, values):
                record_act(connection, act, number, now, who=by, details=note)

    def note(self, connection: Connection, number: str, now: datetime, note: str) -> None:
        """Write what is known of an open task, by an act."""
        if self._change_open(connection, number, {"note": note}):
            record_act(connection, NOTED, number, now, details=note)

    def _change_open(self, connection: Connection, number: str, values: Mapping[str, object]) -> bool:
        """Change a task if it is open; tell whether it was."""
        named = t.tasks.update().where(c.number == int(number.removeprefix("T-")), c.done_at == "")
        return connection.execute(named.values(**values)).rowcount == 1

    # --- reading ----------------------------------------------------------------------------------------------

    def all(self) -> list[Task]:
        """Return every task in order of number."""
        return self._database.find_all(Task, select(t.tasks).order_by(c.number))

    def open(self) -> list[Task]:
        """Return the tasks not done, the most urgent first, each with the letters about it behind it."""
        query = select(t.tasks).where(c.done_at == "").order_by(c.due, c.number)
        found = self._database.find_all(Task, query)
        spoken_of = {one.number: next((t for t in found if one.speaks_of(t.about)), one) for one in found}
        return sorted(found, key=lambda one: (spoken_of[one.number].due, spoken_of[one.number].number, one.number))

    def replies_about(self, submission: str) -> list[Task]:
        """Return the open letters about a form: who sent it may object."""
        return [task for task in self.open() if task.speaks_of(submission)]

    def find(self, identifier: str) -> Task | None:
        """Return the task of that number (`T-000001`), None when there is none."""
        digits = identifier.strip().upper().removeprefix("T-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            return None
        return self._database.find(Task, select(t.tasks).where(c.number == int(digits)))

    def of_arrival(self, number: int) -> str | None:
        """Return the number of the task that a letter without a form made, None when it made none."""
        own = or_(c.submission == "", c.kind == LETTER)
        query = select(t.tasks).where(c.arrival == number, own).order_by(c.number)
        found = self._database.find(Task, query)
        return found.id if found else None
