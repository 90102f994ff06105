"""Anchors where they are kept: a file of the ledger and, with `ledger.storage`, an object each, so that machines that
take turns have those of all (4.1.17).

An object's name is the anchor's day with the hash of its bytes, so none is ever written over: the line as
`audit-anchors.jsonl` has it, or the answer of a server of time stamps. Only lines of the chain of acts go there or
come from there.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import PRIVATE_FILE, make_folder, read_file, sha256, sync_folder, write_atomic
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import ACCEPT_ANCHORS, ChainedAct, find_acts, record_act
from inbox_worker.ledger.decision_acts import SERVICE
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.storage import LedgerStorage, StorageDown, follow_storage
from inbox_worker.month.anchors import (
    ANCHOR,
    ANCHORS,
    anchor_problems,
    describe_seen,
    find_other,
    parse_anchor,
    parse_anchors,
    read_anchor_bytes,
)
from inbox_worker.month.timestamps import FOLDER, stamp_problems
from inbox_worker.settings.home import Home

_LINE = ".json"
_STAMP = re.compile(rf"{FOLDER}/(\d{{4}}-\d\d-\d\d)\.[0-9a-f]{{64}}\.(ts[qr])")


def write_anchor(home: Home, journal: Journal, now: datetime) -> str:
    """Write the hash of the last act into `ledger/audit-anchors.jsonl`, once a day, and that it was written as an act.
    Return the line, '' when the day has one or nothing was ever done. Raises StorageDown."""
    day = to_almaty(now).date().isoformat()
    if _has_day(home, day):
        return ""
    acts = [act for act in find_acts(journal.database, _last_number(journal)) if act.hash]
    if not acts:
        return ""
    share_anchors(home, journal)
    if _has_day(home, day):  # another machine's
        return ""
    line = json.dumps({"day": day, "number": acts[-1].number, "hash": acts[-1].hash})
    if storage := follow_storage(home):
        storage.keep_bytes(_object_name(f"{day}{_LINE}", line.encode()), line.encode())
    handle = os.open(home.ledger / ANCHORS, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(home.ledger)
    with journal.transaction() as connection:
        said, digest = f"act {acts[-1].number}", sha256(line.encode())
        record_act(connection, ANCHOR, day, now, who=SERVICE, details=said, after=digest)
    return line


def _has_day(home: Home, day: str) -> bool:
    lines = read_anchor_bytes(home.ledger).splitlines()
    return any(day in line.decode("utf-8", "replace") for line in lines[-1:])


def _last_number(journal: Journal) -> int:
    return int(journal.database.value(select(func.max(t.acts.c.number))) or 1)


def gather_anchors(home: Home, acts: Sequence[ChainedAct]) -> bytes:
    """Return the lines of the ledger's file and those of the chain that the storage has beside them, in order. Raises
    StorageDown."""
    storage, data = follow_storage(home), read_anchor_bytes(home.ledger)
    return _with_stored(storage, data, acts) if storage else data


def find_anchors(home: Home, acts: Sequence[ChainedAct]) -> list[dict[str, Any]]:
    """Return the anchors of the ledger and of its storage, oldest first. Raises StorageDown."""
    return parse_anchors(gather_anchors(home, acts))


def share_anchors(home: Home, journal: Journal, compare: bool = False) -> None:
    """Bring anchors and time stamps that another machine put into the storage, and put there those that are here alone;
    nothing where the ledger has no storage. `compare`: those that are there are read, and mended. Raises
    StorageDown."""
    storage = follow_storage(home)
    if storage is None:
        return
    before, acts = read_anchor_bytes(home.ledger), find_acts(journal.database)
    data = _with_stored(storage, before, acts)
    if data != before:
        write_atomic(home.ledger / ANCHORS, data)
    there = storage.list_objects((FOLDER,))
    for name, line in _objects_of(data, acts):
        if compare or name not in there:
            storage.keep_bytes(name, line)
    share_stamps(home, compare)


def share_seen(home: Home, journal: Journal) -> tuple[str, str]:
    """Share anchors before a run of `ledger verify` is recorded, and return what its act says of them."""
    with suppress(StorageDown):  # told by the run
        share_anchors(home, journal)
    return describe_seen(find_acts(journal.database), read_anchor_bytes(home.ledger))


def share_stamps(home: Home, compare: bool = False) -> None:
    """Bring and put time stamps alone. Raises StorageDown."""
    storage, folder = follow_storage(home), home.ledger / FOLDER
    if storage is None:
        return
    there = storage.list_objects((FOLDER,))
    for name, data in _find_stamps(home):
        if compare or name not in there:
            storage.keep_bytes(name, data)
    for found in filter(None, map(_STAMP.fullmatch, sorted(there))):
        path = folder / f"{found[1]}.{found[2]}"
        if not path.exists() and _object_name(path.name, data := storage.read_bytes(found[0])) == found[0]:
            make_folder(folder)
            write_atomic(path, data)


def _find_stamps(home: Home) -> Iterator[tuple[str, bytes]]:
    for path in sorted((home.ledger / FOLDER).glob("*.ts[qr]")):
        yield _object_name(path.name, data := read_file(path)), data


def find_anchor_objects(home: Home, acts: Sequence[ChainedAct]) -> Iterator[tuple[str, str]]:
    """List name and hash of what the storage should have of the anchors and time stamps that are here."""
    for name, data in (*_objects_of(read_anchor_bytes(home.ledger), acts), *_find_stamps(home)):
        yield name, sha256(data)


def find_anchor_problems(home: Home, acts: Sequence[ChainedAct]) -> list[str]:
    """Find what is wrong with anchors and with their time stamps. Raises StorageDown."""
    return [*anchor_problems(acts, gather_anchors(home, acts)), *stamp_problems(home.ledger)]


def accept_anchors(home: Home, journal: Journal, reason: str, now: datetime) -> str:
    """Record that a person answers for the anchors that are gone; return what was told of them. Raises UseError when
    none is gone, or when others than the chain's stand there: nobody can answer for those."""
    acts = find_acts(journal.database)
    data = gather_anchors(home, acts)
    if other := next(find_other(acts, data), ""):
        raise UseError(f"{other}; put back what the auditor was sent, or what a backup has")
    lost = anchor_problems(acts, data)
    if not lost:
        raise UseError(f"ledger/{ANCHORS} has every line that acts know of; there is nothing to accept")
    with journal.transaction() as connection:
        record_act(connection, ACCEPT_ANCHORS, ANCHORS, now, details=f"{reason}; {lost[0]}", before=sha256(data))
    return lost[0]


def _with_stored(storage: LedgerStorage, data: bytes, acts: Sequence[ChainedAct]) -> bytes:
    """Put each line of the chain that lies in the storage alone before the first one here of a later act."""
    lines = data.splitlines()
    here = {name for name, _ in _objects_of(data, acts)}
    for name in sorted(storage.list_objects((FOLDER,)).keys() - here):
        stored = storage.read_bytes(name) if name.endswith(_LINE) else b""
        if (name, stored) not in _objects_of(stored, acts):
            continue
        number = _number_of(stored)
        place = next((place for place, line in enumerate(lines) if _number_of(line) > number), len(lines))
        lines.insert(place, stored)
    return b"".join(line + b"\n" for line in lines)


def _objects_of(data: bytes, acts: Sequence[ChainedAct]) -> list[tuple[str, bytes]]:
    """Name the object of each line that is an anchor of these acts, with the line."""
    hashes = {act.number: act.hash for act in acts}
    found = [(line, anchor) for line in data.splitlines() if (anchor := parse_anchor(line))]
    return [
        (_object_name(f"{anchor['day']}{_LINE}", line), line)
        for line, anchor in found
        if hashes.get(anchor["number"]) == anchor["hash"]
    ]


def _number_of(line: bytes) -> int:
    anchor = parse_anchor(line)
    return int(anchor["number"]) if anchor else 0


def _object_name(file: str, data: bytes) -> str:
    stem, _, ending = file.rpartition(".")
    return f"{FOLDER}/{stem}.{sha256(data)}.{ending}"
