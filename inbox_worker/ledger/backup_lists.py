"""The list of a backup: every file of a home with its hash, and the journal that belongs to them; sealed by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import sha256
from inbox_worker.ledger.mark import JournalHead

KIND = "inbox-worker-backup-1"


class BackupError(JobError):
    """A backup cannot be made, or what lies in its place is not what it was; the text names it and what to do."""


class DamagedList(BackupError):
    """The list of a backup is not what was written: a disk, a hand or a copy that was ended changed it."""


@dataclass(frozen=True)
class KeptFile:
    """A file or folder of the home. `path`: below the home; `sha256`: '' for a folder. `seen`: size and times of
    change, by which the next backup knows that it is the same."""

    path: str
    sha256: str
    size: int
    mode: int
    seen: tuple[int, ...] = ()


@dataclass(frozen=True)
class KeptJournal:
    """The journal's copy: in which database it was, and its state, that of all the files."""

    database: str
    sha256: str
    size: int
    head: JournalHead


@dataclass(frozen=True)
class BackupList:
    """One backup: a journal and the files that belong to it, by path. `act`: number and hash of the journal's last
    act; '' in lists of earlier versions."""

    number: int
    made_at: str
    version: str
    journal: KeptJournal
    files: Mapping[str, KeptFile]
    act: str = ""

    def is_of(self, hashes: Mapping[int, str]) -> bool:
        """Return whether the acts whose hashes these are, by number, have the last act of the backup."""
        number, _, digest = self.act.partition(" ")
        return not self.act or hashes.get(int(number)) == digest


def write_lines(made: BackupList) -> Iterator[bytes]:
    """Yield the lines of a backup's list, the last of which is a hash over those before."""
    head = {"kind": KIND, "number": made.number, "made_at": made.made_at, "version": made.version, "act": made.act}
    journal = {**vars(made.journal), "head": vars(made.journal.head)}
    seal = hashlib.sha256()
    for row in ({**head, "journal": journal}, *(vars(one) for one in made.files.values())):
        line = json.dumps(row, sort_keys=True).encode() + b"\n"
        seal.update(line)
        yield line
    yield json.dumps({"sha256": seal.hexdigest()}).encode() + b"\n"


def read_lines(path: Path, data: bytes) -> BackupList:
    """Return the list that these bytes of a file are. Raises DamagedList when it is not what was written, BackupError
    for one that is none of ours."""
    lines = data.splitlines(keepends=True)
    try:
        rows = [json.loads(line) for line in lines]
        sealed = rows[-1]["sha256"]
    except (ValueError, LookupError, TypeError):
        sealed = ""
    if not sealed or sha256(b"".join(lines[:-1])) != sealed:
        raise DamagedList(f"{path} differs from the list that was written")
    return _list_of(path, rows[0], rows[1:-1])


def _list_of(path: Path, head: dict[str, Any], rows: list[dict[str, Any]]) -> BackupList:
    if head.get("kind") != KIND:
        raise BackupError(f"{path} was written by another version of inbox-worker; restore with that one")
    words = head["journal"]
    journal = KeptJournal(**{**words, "head": JournalHead(**words["head"])})
    files = [KeptFile(**{**row, "seen": tuple(row["seen"])}) for row in rows]
    for file in files:
        place = PurePosixPath(file.path)
        if place.is_absolute() or ".." in place.parts:
            raise BackupError(f"{path} names {file.path!r}, which is outside a home; it is no backup of ours")
    kept = {one.path: one for one in files}
    return BackupList(head["number"], head["made_at"], head["version"], journal, kept, head.get("act", ""))


def digests_of(made: BackupList) -> set[str]:
    """Return the hashes of everything that a backup has."""
    return {made.journal.sha256, *(file.sha256 for file in made.files.values() if file.sha256)}
