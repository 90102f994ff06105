"""The files of a proof pack, and what it lacks: what was destroyed by a certificate, or is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from inbox_worker.core.files import read_file
from inbox_worker.core.hashes import DamagedFile, find_certificate, read_proven
from inbox_worker.ledger.destroyed import CERTIFICATES
from inbox_worker.settings.texts import Say


@dataclass(frozen=True)
class Lack:
    """A file that a proof does not hold: of which form, its hash, and why (`prove.why.*` of the texts). `certificate`:
    of its destruction (8.10) and its day, 0 and '' for a file that is lost or another."""

    form: str
    file: str
    sha256: str
    why: str
    certificate: int
    day: str


@dataclass
class PackedFiles:
    """The files of a proof out of a home, and those that it lacks."""

    home: Path
    files: dict[str, bytes] = field(default_factory=dict)
    lacking: list[Lack] = field(default_factory=list)

    def take(self, form: str, name: str, path: Path, digest: str) -> None:
        """Put a file that is what the journal names into the pack; of another say what lacks, and why."""
        try:
            self.files[name] = read_proven(path, digest)
        except DamagedFile:
            gone = find_certificate(path)
            if gone and (page := self.home / CERTIFICATES / f"{gone[0]:06d}.html").is_file():
                self.files[f"certificates/{page.name}"] = read_file(page)
            why = "destroyed" if gone else "damaged" if path.exists() else "lost"
            self.lacking.append(Lack(form, name, digest, why, *(gone or (0, ""))))


def say_lack(say: Say, lack: Lack) -> str:
    """Return what lacks and why, in the reader's language."""
    day = f"{date.fromisoformat(lack.day):%d.%m.%Y}" if lack.day else ""
    why = say(f"prove.why.{lack.why}", number=lack.certificate, day=day)
    return say("prove.lacking", form=lack.form, file=lack.file, why=why)
