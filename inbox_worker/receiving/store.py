"""The one end of every source: raw bytes in the archive, then a row in the journal, which is the queue."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from inbox_worker.core.errors import collect_faults
from inbox_worker.core.files import read_file, sha256, sync_folder, write_atomic
from inbox_worker.core.hashes import difference, read_proven
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.journal import Journal
from inbox_worker.receiving.message import parse_message

_LOG = logging.getLogger(__name__)


MOST_UNDECIDED = 200  # no source fetches more while so many wait for a decision
FAR_AHEAD = timedelta(days=3 * 365)  # a receipt later than that was written by a clock gone wrong


@dataclass(frozen=True)
class Incoming:
    """Bytes that came, before they are kept."""

    raw: bytes
    source: str  # the file's name as people know it
    mailbox: str
    received_at: datetime
    stated_sender: str = ""  # given by staff
    place: str = ""  # where the file or message is

    def as_arrival(self) -> Arrival:
        """Return the record of it, which has no number yet, as of bytes that lie nowhere."""
        received_at, digest = to_almaty(self.received_at), sha256(self.raw)
        return Arrival(0, digest, self.mailbox, self.source, received_at, self.stated_sender, "", place=self.place)


def keep(journal: Journal, archive: Path, came: Incoming) -> Arrival:
    """Keep what came: its bytes in the archive, then its row in the journal, where it waits for a decision.

    A mailbox does the same with a batch: `write_raw` for each, then one transaction.
    """
    return journal.arrivals.register(write_raw(archive, came))


def read_incoming(
    file: Path, mailbox: str, received_at: datetime | None, stated_sender: str, now: datetime, place: str = ""
) -> Incoming:
    """Read a file that came. `place` says where it is, when it is in a drop folder: no link is followed there."""
    raw = read_file(file, follow=not place)
    moment = received_at or receipt_of(file, raw, now)
    return Incoming(raw, file.name, mailbox, moment, stated_sender, place or str(file.absolute()))


def receipt_of(file: Path, raw: bytes, now: datetime) -> datetime:
    """Return when our server received an e-mail, by its topmost Received header; `now` for any other file.

    A moment far ahead counts as none: its clock was wrong, and no sender is to blame for that. Neither does a fault of
    ours count that keeps the e-mail from being read: its bytes must be kept all the same.
    """
    stated, faults = None, list[Exception]()
    if file.suffix.casefold() == ".eml":
        with collect_faults(faults):
            stated = parse_message(raw).received_at
    return stated if stated and stated < now + FAR_AHEAD else now


def write_raw(archive: Path, came: Incoming) -> Arrival:
    """Write the bytes into the archive by their hash; they and their name are durable, also when they were there
    before. The arrival has no number yet."""
    arrival = came.as_arrival()
    name = Path(str(arrival.received_at.year), f"{arrival.received_at.month:02d}", arrival.sha256)
    path = archive / name
    lost = not path.exists()
    if lost or (path.is_file() and difference(path, arrival.sha256)):
        if not lost:
            _LOG.warning("archive/%s was damaged; the same bytes came again and are put in its place", name)
        write_atomic(path, came.raw)
    else:
        sync_folder(path.parent)
    return replace(arrival, raw=name.as_posix())


def raw_of(archive: Path, arrival: Arrival) -> bytes:
    """Return the arrival's bytes as they came. Raises DamagedFile: the sender has no part in what happened here."""
    return read_proven(archive / arrival.raw, arrival.sha256)
