"""The one end of every source: raw bytes in the archive, then a row in the journal, which is the queue."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from inbox_worker.core.errors import collect_faults
from inbox_worker.core.files import sha256, sync_folder, write_atomic
from inbox_worker.core.hashes import difference, read_proven
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.journal import Journal
from inbox_worker.receiving.message import parse_message

_LOG = logging.getLogger(__name__)


MOST_UNDECIDED = 200  # no source fetches more while so many wait for a decision
FAR_AHEAD = timedelta(days=3 * 365)  # a receipt later than that was written by a clock gone wrong


def keep(
    journal: Journal,
    archive: Path,
    raw: bytes,
    source: str,
    mailbox: str,
    received_at: datetime,
    stated_sender: str = "",
    place: str = "",
) -> Arrival:
    """Keep what came: its bytes in the archive, then its row in the journal, where it waits for a decision.

    A mailbox does the same with a batch: `write_raw` for each, then one transaction. `source` is the file's name as
    people know it, `place` where the file or message is.
    """
    return journal.register(write_raw(archive, raw, source, mailbox, received_at, stated_sender, place))


def keep_file(
    journal: Journal,
    archive: Path,
    file: Path,
    mailbox: str,
    received_at: datetime | None,
    stated_sender: str,
    now: datetime,
    place: str = "",
) -> Arrival:
    """Keep a file. `place` says where it is, when that is no path of this machine."""
    raw = file.read_bytes()
    moment = received_at or receipt_of(file, raw, now)
    return keep(journal, archive, raw, file.name, mailbox, moment, stated_sender, place or str(file.absolute()))


def receipt_of(file: Path, raw: bytes, now: datetime) -> datetime:
    """Return when our server received an e-mail, by its topmost Received header; `now` for any other file.

    A moment far ahead counts as none: its clock was wrong, and no sender is to blame for that. Neither does a fault of
    ours count that keeps the e-mail from being read: its bytes must be kept all the same.
    """
    told, faults = None, list[Exception]()
    if file.suffix.casefold() == ".eml":
        with collect_faults(faults):
            told = parse_message(raw).received_at
    return told if told and told < now + FAR_AHEAD else now


def write_raw(
    archive: Path,
    raw: bytes,
    source: str,
    mailbox: str,
    received_at: datetime,
    stated_sender: str = "",
    place: str = "",
) -> Arrival:
    """Write the bytes into the archive by their hash; they and their name are durable, also when they were there
    before. The arrival has no number yet."""
    digest, received_at = sha256(raw), to_almaty(received_at)
    name = Path(str(received_at.year), f"{received_at.month:02d}", digest)
    path = archive / name
    lost = not path.exists()
    if lost or (path.is_file() and difference(path, digest)):
        if not lost:
            _LOG.warning("archive/%s was damaged; the same bytes came again and are put in its place", name)
        write_atomic(path, raw)
    else:
        sync_folder(path.parent)
    return Arrival(0, digest, mailbox, source, received_at, stated_sender, name.as_posix(), place=place)


def raw_of(archive: Path, arrival: Arrival) -> bytes:
    """Return the arrival's bytes as they came. Raises DamagedFile: the sender has no part in what happened here."""
    return read_proven(archive / arrival.raw, arrival.sha256)
