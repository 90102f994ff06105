"""What the worker has begun: a small file an attempt, so that a kill neither doubles nor forgets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from inbox_worker.files import sync_folder, write_atomic
from inbox_worker.model import Arrival


@dataclass(frozen=True)
class Attempt:
    """Bytes about to be decided; written before the journal hears of them, gone when the file is moved.

    `name` is the file's name in the drop folder, '' when none lies there (any more).
    `received_at` is kept over retries: our failure must not make a form late (4.3.2). `known` are arrivals of
    the same bytes that were decided before: any other decided one is this attempt's own.
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
    """The attempts of a home, a file each in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, mailbox: str, sha256: str) -> Attempt | None:
        """The attempt at these bytes, None when there is none."""
        path = self._path(mailbox, sha256)
        return _read(path) if path.exists() else None

    def all(self) -> list[Attempt]:
        """Every attempt, in no order that matters."""
        return [_read(path) for path in sorted(self._folder.glob("*.json"))]

    def keep(self, attempt: Attempt) -> None:
        """Makes the attempt durable."""
        record = {**asdict(attempt), "received_at": attempt.received_at.isoformat()}
        text = json.dumps(record, ensure_ascii=False, indent=1)
        write_atomic(self._path(attempt.mailbox, attempt.sha256), text.encode())

    def forget(self, attempt: Attempt) -> None:
        """The attempt is over."""
        self._path(attempt.mailbox, attempt.sha256).unlink(missing_ok=True)
        if self._folder.exists():
            sync_folder(self._folder)

    def _path(self, mailbox: str, sha256: str) -> Path:
        return self._folder / f"{mailbox}-{sha256}.json"


def _read(path: Path) -> Attempt:
    record = json.loads(path.read_text("utf-8"))
    record["received_at"] = datetime.fromisoformat(record["received_at"])
    record["known"] = tuple(record["known"])
    return Attempt(**record)
