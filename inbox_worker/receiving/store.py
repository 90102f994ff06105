"""Raw bytes first: what came is in the archive, by its hash, before anything is read from it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from inbox_worker.core.files import sha256, sync_folder, write_atomic
from inbox_worker.core.hashes import difference, read_proven
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import to_almaty

_LOG = logging.getLogger(__name__)


def keep(
    archive: Path,
    raw: bytes,
    source: str,
    mailbox: str,
    received_at: datetime,
    stated_sender: str,
    place: str = "",
    *,
    alone: bool = True,
) -> Arrival:
    """Write the bytes into the archive by their hash; they are durable, the arrival has no number yet.

    `place`: where the file or message is. `alone`: False for one of many, whose names are made durable together
    by `keep_names` before they are numbered.
    """
    digest, received_at = sha256(raw), to_almaty(received_at)
    name = Path(str(received_at.year), f"{received_at.month:02d}", digest)
    path = archive / name
    lost = not path.exists()
    if lost or (path.is_file() and difference(path, digest)):
        if not lost:
            _LOG.warning("archive/%s was damaged; the same bytes came again and are put in its place", name)
        write_atomic(path, raw, name_durable=alone)
    return Arrival(0, digest, mailbox, source, received_at, stated_sender, name.as_posix(), place=place)


def keep_names(archive: Path, arrivals: Iterable[Arrival]) -> None:
    """Makes the names of kept arrivals durable, also of those whose bytes lay in the archive already."""
    for folder in sorted({(archive / arrival.raw).parent for arrival in arrivals}):
        sync_folder(folder)


def raw_of(archive: Path, arrival: Arrival) -> bytes:
    """The arrival's bytes as they came. Raises DamagedFile: the sender has no part in what happened here."""
    return read_proven(archive / arrival.raw, arrival.sha256)
