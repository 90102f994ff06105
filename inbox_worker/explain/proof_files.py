"""The files of a proof pack, and what it lacks: what was destroyed by a certificate, or is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from inbox_worker.core.hashes import DamagedFile, find_certificate, read_proven
from inbox_worker.ledger.destroyed import CERTIFICATES


@dataclass(frozen=True)
class Lack:
    """A file that a proof does not hold: of which form, its hash, and why. `certificate`: of its destruction (8.10), 0
    for a file that is lost or another."""

    form: str
    file: str
    sha256: str
    why: str
    certificate: int


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
        except DamagedFile as damage:
            gone = find_certificate(path)
            if gone and (page := self.home / CERTIFICATES / f"{gone[0]:06d}.html").is_file():
                self.files[f"certificates/{page.name}"] = page.read_bytes()
            why = f"destroyed by certificate {gone[0]} on {gone[1]} (8.10)" if gone else damage.what
            self.lacking.append(Lack(form, name, digest, why, gone[0] if gone else 0))
