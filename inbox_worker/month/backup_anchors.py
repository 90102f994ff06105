"""Backups as witnesses of the chain of acts: each holds the anchors of its day on another disk, so a chain that was
made anew with its anchors agrees with itself and not with them (4.1.17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inbox_worker.core.files import read_file
from inbox_worker.core.scratch import make_scratch
from inbox_worker.ledger.acts import ChainedAct
from inbox_worker.ledger.backup_lists import BackupList
from inbox_worker.ledger.backup_store import BackupStore
from inbox_worker.month.anchors import ANCHORS, parse_anchors


def compare_backups(store: BackupStore, acts: Sequence[ChainedAct], numbers: Sequence[int]) -> Iterator[str]:
    """Find backups with an anchor, or a last act, that is not of these acts: they were changed or taken back since, or
    it is another home's."""
    hashes = {act.number: act.hash for act in acts}
    for made in map(store.read, numbers):
        differing = list(_compare_anchors(store, made, hashes))
        yield from differing or _compare_last(store, made, hashes)


def _compare_last(store: BackupStore, made: BackupList, hashes: Mapping[int, str]) -> Iterator[str]:
    """Find that the journal lacks the last act of a backup, or has another one: also of days without an anchor."""
    number = made.act.partition(" ")[0]
    if not made.is_of(hashes):
        since = (
            "acts were changed or taken back since, or the home came out of an older backup; `inbox-worker restore "
            f"{store.folder} --number {made.number}` into an empty --home makes the one of that moment anew"
        )
        if int(number) in hashes:
            yield f"act {number} is not the one that backup {made.number} of {made.made_at} has: {since}"
        else:
            yield f"act {number}, the last one of backup {made.number} of {made.made_at}, is not there: {since}"


def _compare_anchors(store: BackupStore, made: BackupList, hashes: Mapping[int, str]) -> Iterator[str]:
    file = made.files.get(f"ledger/{ANCHORS}")
    if file and not store.is_whole(file.sha256):
        yield f"backup {made.number} has anchors that are damaged or gone: `backup --full` looks at all of it"
        return
    for anchor in _read_anchors(store, file.sha256) if file else ():
        if hashes.get(anchor["number"]) != anchor["hash"]:
            yield (
                f"act {anchor['number']} is not the one that backup {made.number} of {made.made_at} has an anchor "
                f"of ({anchor['day']}): acts up to it were changed since, or the home came out of an older backup"
            )
            break


def _read_anchors(store: BackupStore, digest: str) -> list[dict[str, Any]]:
    with make_scratch("anchors") as place:
        copy = Path(place) / ANCHORS
        store.copy(digest, copy)
        return parse_anchors(read_file(copy))
