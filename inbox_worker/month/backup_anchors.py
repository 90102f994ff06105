"""Backups as witnesses of the chain of acts: each holds the anchors of its day on another disk, so a chain that was
made anew with its anchors agrees with itself and not with them (4.1.17)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from inbox_worker.core.files import read_file
from inbox_worker.core.scratch import make_scratch
from inbox_worker.ledger.acts import ChainedAct
from inbox_worker.ledger.backup_store import BackupStore
from inbox_worker.month.anchors import ANCHORS, parse_anchors


def compare_backups(store: BackupStore, acts: Sequence[ChainedAct], numbers: Sequence[int]) -> Iterator[str]:
    """Find backups with an anchor that is not of these acts: acts were changed since, or it is another home's."""
    hashes = {act.number: act.hash for act in acts}
    for made in map(store.read, numbers):
        file = made.files.get(f"ledger/{ANCHORS}")
        if file and not store.is_whole(file.sha256):
            yield f"backup {made.number} has anchors that are damaged or gone: `backup --full` looks at all of it"
            continue
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
