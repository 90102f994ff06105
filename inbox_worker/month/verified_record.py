"""The record that `ledger verify` keeps of what it found whole: a file of the ledger and, with `ledger.storage`, an
object by its hash, for the machine that takes over (4.1.17)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime

from inbox_worker.core.files import read_small_file, sha256, whole
from inbox_worker.ledger.acts import ACCEPT_ROWS, VERIFY, ChainedAct, record_act
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.row_seals import SeenRows
from inbox_worker.ledger.storage import follow_storage
from inbox_worker.month.shared_anchors import share_seen
from inbox_worker.settings.home import Home

NAME = "verified.json"
FOLDER = "verified"  # of the storage
LOST = ", record lost"  # in the details of the act


def record_run(home: Home, journal: Journal, data: bytes, details: str, now: datetime) -> None:
    """Keep the record of a run, and record the act that names it and the anchors that the run saw. The file has its
    name after the act: a kill between loses neither. Raises StorageDown."""
    anchors, digest = share_seen(home, journal)
    if storage := follow_storage(home):
        storage.keep_bytes(_object_name(sha256(data)), data)
    with whole(home.ledger / NAME) as temporary:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with journal.transaction() as connection:
            said = {"details": details + anchors, "before": digest, "after": sha256(data)}
            record_act(connection, VERIFY, "ledger", now, **said)


def read_record(acts: Sequence[ChainedAct], home: Home) -> bytes | None:
    """Return the record of the last run among these acts; None when it is not there, or is another one. Raises
    StorageDown."""
    runs = [act for act in acts if act.act == VERIFY]
    if not runs:
        return None
    for name in (NAME, f".{NAME}.tmp"):
        try:
            data = read_small_file(home.ledger / name)
        except OSError:
            continue
        if sha256(data) == runs[-1].after:
            return data
    storage = follow_storage(home)
    data = storage.read_bytes(_object_name(runs[-1].after)) if storage else b""
    return data if sha256(data) == runs[-1].after else None


def read_seen(acts: Sequence[ChainedAct], home: Home) -> SeenRows:
    """Return what the last run knew of the journal's rows; nothing where its record is lost. Raises StorageDown."""
    return SeenRows.read(json.loads(read_record(acts, home) or b"{}"))


def find_lost_records(acts: Sequence[ChainedAct], home: Home | None = None) -> list[str]:
    """Find, since a person answered last, runs that found the record changed or gone, and whether it is now (in
    `home`): what changed in rows before them is not known any more. Raises StorageDown."""
    answered = max((act.number for act in acts if act.act == ACCEPT_ROWS), default=0)
    lost = [act for act in acts if act.act == VERIFY and act.number > answered and LOST in act.details]
    found = [f"was changed or gone when act {act.number}, `ledger verify` of {act.at}, looked" for act in lost]
    is_lost = home is not None and has_lost_record(acts, home)
    return [*found, *(["is not what the last `ledger verify` recorded"] if is_lost else [])]


def has_lost_record(acts: Sequence[ChainedAct], home: Home) -> bool:
    """Tell whether the record is not that of the last run. Raises StorageDown."""
    ran = any(act.act == VERIFY for act in acts)
    return read_record(acts, home) is None and (ran or (home.ledger / NAME).exists())


def find_changed_copy(acts: Sequence[ChainedAct], home: Home) -> str:
    """Return where the storage has another record of the last run than was put there, '' where it has that one or none.
    Raises StorageDown."""
    storage, last = follow_storage(home), next((act.after for act in reversed(acts) if act.act == VERIFY), "")
    data = storage.read_bytes(_object_name(last)) if storage and last else b""
    return f"{storage.shown}/{_object_name(last)}" if storage and data and sha256(data) != last else ""


def _object_name(digest: str) -> str:
    return f"{FOLDER}/{digest}.json"
