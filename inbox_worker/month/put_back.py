"""A single file of a home, out of a backup: the bytes that the journal names, whichever backup has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import make_folder, sha256_file, whole
from inbox_worker.ledger.backup_lists import BackupError, KeptFile
from inbox_worker.ledger.backup_store import BackupStore
from inbox_worker.ledger.belonging import own_journal, record_alone
from inbox_worker.ledger.leftover import set_damaged_aside
from inbox_worker.ledger.mark import Mark
from inbox_worker.month.backup import find_named
from inbox_worker.settings.home import Home

_STAFFS = ("rules/", "templates/")


@dataclass(frozen=True)
class PutBack:
    """A file that was put back. `number`: of the backup that had it, 0 when nothing was wrong with it; `aside`: where
    what lay in its place is kept, '' when nothing did."""

    path: str
    sha256: str
    number: int
    aside: str = ""


def put_back_file(home: Home, folder: Path, path: str, number: int, now: datetime, password: str = "") -> PutBack:
    """Put a file back as the journal names it; one that no journal names as the newest backup (or `number`) has it.
    Use inside `lock_for_writing`.

    Raises UseError for what is no file of the home or of the backup, or was destroyed by certificate, BackupError when
    no backup has the right bytes.
    """
    name = _name_of(home, path)
    store = BackupStore(folder.absolute(), password)
    with own_journal(home) as journal:
        if by := journal.destroyed.certificate_of(home.path, name):
            named = f"{name} was destroyed by certificate {by.number} on {by.destroyed_at[:10]}, and is not put back"
            raise UseError(f"{named}: {by.path} says who did it and why")
        wanted = find_named(journal, home).get(name, "")
        found = next(_find_copies(store, name, wanted, number), None)
        if found is None:
            raise BackupError(_what_lacks(store, name, wanted))
        at, kept = found
        if not wanted and store.read(at).journal.head.journal != journal.database.head().journal:
            raise UseError(
                f"the journal does not name {name}, and {store.folder} holds backups of another home, or of this one "
                "before its ledger was restored from workbooks; nothing was put back"
            )
        target = home.path / name
        before = sha256_file(target) if target.is_file() else ""
        if before == kept.sha256:
            return PutBack(name, kept.sha256, 0)
        aside = set_damaged_aside(home.ledger, target) if before else None
        make_folder(target.parent)
        with whole(target) as temporary:
            if store.copy(kept.sha256, temporary) != kept.sha256:
                raise BackupError(f"{store.object(kept.sha256)} was changed while it was read; run the command again")
            temporary.chmod(kept.mode)
        details = f"{name}: {before or 'not there'} -> {kept.sha256}, backup № {at}"
        record_alone(journal, "restore", str(store.folder), now, details=details)
    return PutBack(name, kept.sha256, at, aside.relative_to(home.path).as_posix() if aside else "")


def find_wanting(home: Home, folder: Path, path: str, number: int, password: str = "") -> list[str] | None:
    """Return the files of a folder of the home that are not there, or not as the journal names them; None for what is
    no folder. Of files that no journal names only rules and templates: others go by right, and would be taken again."""
    name = _name_of(home, path)
    with own_journal(home) as journal:
        named = find_named(journal, home)
        shown = BackupStore(folder.absolute(), password).read(number).files.values()
        staffs = {one.path: "" for one in shown if one.sha256 and one.path.startswith(_STAFFS)}
        below = {file: digest for file, digest in (staffs | named).items() if file.startswith(f"{name}/")}
        wanting = [file for file, digest in below.items() if not _is_well(home.path / file, digest)]
        gone = {file for file in wanting if journal.destroyed.certificate_of(home.path, file)}
    return sorted(set(wanting) - gone) if below else None


def _is_well(path: Path, digest: str) -> bool:
    return path.is_file() and digest in ("", sha256_file(path))


def _name_of(home: Home, path: str) -> str:
    place = Path(path)
    if place.is_absolute():
        if not place.is_relative_to(home.path):
            raise UseError(f"{path} is not in the home {home.path}; name a file of it, like ledger/facts/...")
        place = place.relative_to(home.path)
    if ".." in place.parts or not place.parts:
        raise UseError(f"{path!r} names no file of a home; write it as `check --deep` names it, like ledger/facts/...")
    journal = Path(home.journal_url.removeprefix("sqlite:///"))
    if (home.path / place).name.startswith(journal.name) and (home.path / place).parent == journal.parent:
        raise UseError("a journal belongs to its files: `restore` makes the whole home, never the journal alone")
    if home.path / place == Mark(home.ledger).path:
        raise UseError(
            f"no backup holds {place}, for each commit writes it: `inbox-worker ledger accept-journal --reason TEXT` "
            "writes a lost one anew"
        )
    return place.as_posix()


def _find_copies(store: BackupStore, name: str, wanted: str, number: int) -> Iterator[tuple[int, KeptFile]]:
    """Yield whole copies of the file, the newest first, with the number of their backup. `wanted`: its hash, '' = any:
    such bytes are the file wherever they lay, as a document did that was approved or sent since. `number`: only of that
    backup, 0 = of all."""
    numbers = [number] if number else list(reversed(store.numbers()))
    for at in numbers or [0]:
        files = store.read(at).files
        kept = files.get(name)
        if wanted and (kept is None or kept.sha256 != wanted):
            kept = next((one for one in files.values() if one.sha256 == wanted), None)
        if kept is not None and kept.sha256 and store.is_whole(kept.sha256):
            yield at, kept


def _what_lacks(store: BackupStore, name: str, wanted: str) -> str:
    if wanted:
        return f"no backup in {store.folder} has a whole {name} of SHA-256 {wanted[:12]}…, which the journal names"
    return f"no backup in {store.folder} has a whole {name}, and the journal does not name it; is the path right?"
