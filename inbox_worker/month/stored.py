"""Closes that the journal names, and what belongs into the storage (`ledger.storage`): compared, put there, brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from inbox_worker.core.hashes import hash_of_object, trouble
from inbox_worker.core.progress import follow
from inbox_worker.ledger.acts import find_acts
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.storage import FOLDERS, FROM_HERE, LedgerStorage, StorageDown, follow_storage
from inbox_worker.ledger.verify import LedgerProblem, NamedFile, kept_files
from inbox_worker.month.anchors import ANCHORS as LINES
from inbox_worker.month.frozen import FrozenClose, frozen_close
from inbox_worker.month.shared_anchors import find_anchor_objects, share_anchors
from inbox_worker.month.timestamps import FOLDER as ANCHORS
from inbox_worker.settings.home import Home

_SIDE_BY_SIDE = 8
_CHAIN = "an act"
_UNTIL_THEN = "until then nothing is decided or closed"


def closes_named(journal: Journal, home: Path) -> Iterator[tuple[FrozenClose, str]]:
    """Yield every close that the journal names, and how people call it. A reopened one is under its number as soon
    as the month is closed again."""
    places, files = home / "ledger" / "closes", journal.closes.files_of()
    for record in journal.closes.all():
        month, number = record.month, record.number
        kept = places / f"{month}.{number}"
        folder = kept if kept.is_dir() or journal.closes.count(month) > number else places / str(month)
        yield frozen_close(record, folder, files[month, number]), f"close {number} of {month}"


def find_stored(journal: Journal, home: Home) -> Iterator[NamedFile]:
    """List what belongs into the storage: facts, and the files of closes that the journal names by their hashes."""
    facts = home.ledger / "facts"
    yield from (file for file in kept_files(journal, home.path) if facts in file.path.parents)
    for close, named in closes_named(journal, home.path):
        for name, digest in close.files.items():
            yield NamedFile(close.folder / f"{name}.parquet", digest, named)


def find_storage_problems(journal: Journal, home: Home, deep: bool) -> list[LedgerProblem]:
    """Find what the journal names and the storage does not have; `deep`: or has otherwise. Nothing where the ledger has
    no storage."""
    storage = follow_storage(home)
    if storage is None:
        return []
    try:
        named = {storage.name(file.path, file.sha256): file for file in find_stored(journal, home)}
        named |= {name: NamedFile(home.ledger / name, digest, _CHAIN) for name, digest in _find_anchors(journal, home)}
        there = storage.list_objects((*FOLDERS, ANCHORS))  # after: what is posted meanwhile is there before it is named
        found = [
            LedgerProblem(f"{storage.shown}/{name}", "is not there, and the journal names it", file.since, FROM_HERE)
            for name, file in named.items()
            if name not in there
        ]
        if deep:
            found += _find_changed(storage, {name: file for name, file in named.items() if name in there}, there)
    except StorageDown as error:
        return [LedgerProblem(storage.shown, f"cannot be compared: {error}", "", _UNTIL_THEN)]
    return found


def _find_changed(
    storage: LedgerStorage, named: dict[str, NamedFile], states: dict[str, str]
) -> Iterator[LedgerProblem]:
    def read(name: str) -> str:
        return hash_of_object(f"{storage.shown}/{name}", states[name], lambda: storage.hash_of(name))

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for (name, file), digest in zip(named.items(), pool.map(read, named), strict=True):
            if digest != file.sha256:
                what = f"differs from what the journal names (SHA-256 {digest[:12] or 'none'}…)"
                yield LedgerProblem(f"{storage.shown}/{name}", what, file.since, FROM_HERE)


def tell_unnamed(journal: Journal, home: Home) -> Iterator[str]:
    """Tell what lies in the storage and no journal names, and closes that are too old to be kept there."""
    storage = follow_storage(home)
    if storage is None:
        return
    for close, named in closes_named(journal, home.path):
        if not close.files:
            yield f"{named} is of an earlier version, which named no hash of each file: it stays on this disk alone"
    try:
        there = storage.list_objects((*FOLDERS, ANCHORS))
    except StorageDown:
        return  # told by `verify`
    kept = {storage.name(file.path, file.sha256) for file in find_stored(journal, home)}
    unnamed = sorted(there.keys() - kept - {name for name, _ in _find_anchors(journal, home)})
    if unnamed:
        yield (
            f"objects of {storage.shown} that no journal names: {len(unnamed)}, {unnamed[0]} the first; left by a "
            "kill or by another home, or just being written; nothing reads or removes them"
        )


def _find_anchors(journal: Journal, home: Home) -> Iterator[tuple[str, str]]:
    return find_anchor_objects(home, find_acts(journal.database))


def store_all(journal: Journal, home: Home) -> tuple[int, list[LedgerProblem]]:
    """Put all that the journal names into the storage, each file compared. Return how many were not there, and what
    neither this disk nor the storage has. Raises StorageDown."""
    storage = follow_storage(home)
    if storage is None:
        return 0, []
    before, lacking = storage.list_objects().keys(), list[LedgerProblem]()
    for file in follow(list(find_stored(journal, home)), "storing"):
        what, remedy = trouble(file.path, file.sha256)
        if what:
            lacking.append(_tell(home, file, what, remedy))
        else:
            storage.keep(file.path, file.sha256)
    share_anchors(home, journal, compare=True)
    return len(storage.list_objects().keys() - before), lacking


def fetch_all(journal: Journal, home: Home) -> tuple[int, list[LedgerProblem]]:
    """Bring all that the journal names and that is not on this disk. Return how many files came, and what could not be
    brought."""
    if follow_storage(home) is None:
        return 0, []
    away = [file for file in find_stored(journal, home) if not file.path.exists()]
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        results: Sequence[tuple[str, str]] = list(follow(pool.map(_bring, away), "fetching", len(away)))
    problems = [_tell(home, file, *result) for file, result in zip(away, results, strict=True) if result[0]]
    came = len(away) - len(problems)
    try:
        share_anchors(home, journal)
    except StorageDown as error:
        problems.append(LedgerProblem(f"ledger/{LINES}", f"cannot be compared: {error}", "", _UNTIL_THEN))
    return came, problems


def _tell(home: Home, file: NamedFile, what: str, remedy: str) -> LedgerProblem:
    return LedgerProblem(file.path.relative_to(home.path).as_posix(), what, file.since, remedy)


def _bring(file: NamedFile) -> tuple[str, str]:
    return trouble(file.path, file.sha256)
