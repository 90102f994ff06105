"""What the worker has begun: a record of the journal an attempt, so that a kill neither doubles nor forgets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.tables import attempts as table
from inbox_worker.model import Arrival


@dataclass(frozen=True)
class Attempt:
    """Bytes about to be decided; written before the journal hears of them, gone when the file is moved.

    `name` is the file's name in the drop folder (of a letter: its place in the mailbox, with a `/`), '' when
    nothing lies there (any more). `received_at` is kept over retries: our failure must not make a form late
    (4.3.2). `known` are arrivals of the same bytes that were decided before: any other decided one is this
    attempt's own.
    """

    mailbox: str
    sha256: str
    name: str
    received_at: datetime
    known: tuple[int, ...]
    tries: int = 0  # how many ended without a decision
    why: str = ""

    def own(self, same_bytes: Sequence[Arrival]) -> Arrival | None:
        """The arrival that this attempt led to, when its outcome is in the journal."""
        mine = [a for a in same_bytes if a.mailbox == self.mailbox and a.number not in self.known and a.outcome]
        return mine[0] if mine else None


class Attempts:
    """The attempts of a home, in its journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def find(self, mailbox: str, sha256: str) -> Attempt | None:
        """The attempt at these bytes, None when there is none."""
        query = select(table).where(table.c.mailbox == mailbox, table.c.sha256 == sha256)
        with self._journal.reading() as connection:
            row = connection.execute(query).first()
        return _attempt_of(row) if row else None

    def all(self) -> list[Attempt]:
        """Every attempt, by mailbox and bytes."""
        with self._journal.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.mailbox, table.c.sha256))
            return [_attempt_of(row) for row in rows]

    def keep(self, attempt: Attempt) -> None:
        """Makes the attempt durable, in a transaction of its own."""
        with self._journal.transaction() as connection:
            _put(connection, attempt)

    def forget(self, attempt: Attempt) -> None:
        """The attempt is over."""
        with self._journal.transaction() as connection:
            _remove(connection, attempt)

    def adopt(self, folder: Path) -> None:
        """Takes over what a version before 0006 kept as files in `ledger/attempts`; the folder goes.

        Killed in between, it is done again; a file that no version wrote whole says nothing and goes too.
        """
        if not folder.is_dir():
            return
        for path in sorted(folder.iterdir()):
            if path.suffix == ".json" and not path.name.startswith("."):
                self.keep(_read(path))
            path.unlink()
        folder.rmdir()


def _put(connection: Connection, attempt: Attempt) -> None:
    _remove(connection, attempt)
    values: dict[str, Any] = {**asdict(attempt), "received_at": attempt.received_at.isoformat()}
    values["known"] = ",".join(map(str, attempt.known))
    connection.execute(table.insert().values(**values))


def _remove(connection: Connection, attempt: Attempt) -> None:
    same = and_(table.c.mailbox == attempt.mailbox, table.c.sha256 == attempt.sha256)
    connection.execute(table.delete().where(same))


def _attempt_of(row: Row[Any]) -> Attempt:
    values = dict(row._mapping)
    values["received_at"] = datetime.fromisoformat(values["received_at"])
    values["known"] = tuple(int(number) for number in values["known"].split(",") if number)
    return Attempt(**values)


def _read(path: Path) -> Attempt:
    record = json.loads(path.read_text("utf-8"))
    record["received_at"] = datetime.fromisoformat(record["received_at"])
    record["known"] = tuple(record["known"])
    return Attempt(**record)
