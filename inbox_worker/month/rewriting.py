"""Facts and closes written anew without personal data of consumers who left (4.1.12, 8.10).

Law of order: every new file lies whole in `ledger/.rewriting`, and in the storage, before the commit by which it
counts; then each takes the place of the old one. After a kill the next command that writes goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import whole, write_atomic
from inbox_worker.core.hashes import DESTROYED, hash_of, require, storage_of
from inbox_worker.ledger.destroyed import CertificateState, Stated, write_lines
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.personal_data import PERSONAL, PLACES, find_named, find_staged, write_cleared
from inbox_worker.ledger.rewritten import RewrittenFile, find_current_hashes, find_steps
from inbox_worker.ledger.verify import LedgerProblem
from inbox_worker.month.stored import closes_named
from inbox_worker.settings.home import Home

FOLDER = ".rewriting"  # in the ledger
_AGAIN = "`inbox-worker retention destroy {number}` takes it out again"
_NAMED = 5  # files


class RewritingError(JobError):
    """A file cannot be written anew as its certificate says; the text tells what to do."""


@dataclass(frozen=True)
class PersonalFile:
    """A file that may hold personal data. `kind`: of facts, or `places` of a close; `sha256`: by which the journal
    knows it now; `has_hash`: False of a close of an earlier version, which named no hash of each file; `form`: by which
    its facts were posted."""

    path: Path
    kind: str
    sha256: str
    form: str = ""

    @property
    def has_hash(self) -> bool:
        return bool(self.sha256)


def list_personal_files(journal: Journal, home: Path) -> Iterator[PersonalFile]:
    """Yield every file of facts and closes that the journal names, those of replaced forms and reopened closes too."""
    for file in journal.facts.since(0):
        if file.kind in PERSONAL:
            yield PersonalFile(home / "ledger" / file.path, file.kind, file.sha256, file.submission)
    for close, _ in closes_named(journal, home):
        yield PersonalFile(close.folder / f"{PLACES}.parquet", PLACES, close.files.get(PLACES, ""))


def stage_cleared(journal: Journal, home: Home, accounts: Sequence[str]) -> list[RewrittenFile]:
    """Write every file that holds personal data of these accounts anew beside its place, and return them, in order of
    path. Raises DamagedFile."""
    folder, asked = clear_staging(home), pa.array(accounts, pa.string())
    found = []
    for file in list_personal_files(journal, home.path) if accounts else ():
        if file.has_hash and find_named(require(file.path, file.sha256), file.kind, asked):
            digest = write_cleared(file.path, file.kind, asked, folder)
            found.append(RewrittenFile(file.path.relative_to(home.path).as_posix(), file.sha256, digest))
    return sorted(found, key=lambda one: one.path)


def clear_staging(home: Home) -> Path:
    """Do away with what was written beside its place, and return where that is."""
    folder = home.ledger / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def store_staged(home: Home, files: Sequence[RewrittenFile]) -> None:
    """Keep what was written anew where the ledger has a storage, before the journal names it. Raises StorageDown."""
    for file in files:
        path = home.path / file.path
        if storage := storage_of(path):
            storage.keep(path, file.new_sha256, find_staged(home.ledger / FOLDER, file.new_sha256))


def finish_rewriting(journal: Journal, home: Home) -> None:
    """Put what a destruction that was ended wrote anew into its place; do away with what no certificate names."""
    if is_unfinished(journal, home):
        install_cleared(journal, home)
    clear_staging(home)


def is_unfinished(journal: Journal, home: Home) -> bool:
    """Tell whether files wait for their places: whoever reads one meanwhile finds another than the journal names."""
    waits = (home.ledger / FOLDER).exists()
    return waits and any(one.state is CertificateState.DESTROYING for one in journal.destroyed.all())


def install_cleared(journal: Journal, home: Home) -> None:
    """Put each file that a certificate writes anew into the place of what it was, wherever that is still there, and
    take that out of the storage. Raises RewritingError when another writer of Parquet makes other bytes of it."""
    now, steps = find_current_hashes(journal.database), find_steps(journal.database)
    for file in list_personal_files(journal, home.path) if steps else ():
        before = [old for old, digest in now.items() if digest == file.sha256]
        if before and file.path.is_file():
            _install(journal, home, file, steps)
        if storage := storage_of(file.path):
            for old in before:
                storage.remove(file.path, old)


def _install(journal: Journal, home: Home, file: PersonalFile, steps: Mapping[str, tuple[int, str]]) -> None:
    folder = home.ledger / FOLDER
    while (digest := hash_of(file.path)) != file.sha256 and digest in steps:
        number, new = steps[digest]
        ready = find_staged(folder, new)
        if not ready.is_file() or hash_of(ready) != new:
            accounts = [one.account for one in journal.destroyed.items(number).accounts]
            made = write_cleared(file.path, file.kind, pa.array(accounts, pa.string()), folder)
            if made != new:
                raise RewritingError(
                    f"{file.path} would come out otherwise than certificate {number} says: it was made by another "
                    "version of the program; finish it with that one, or propose anew (`retention propose`)"
                )
        with whole(file.path) as temporary:
            shutil.copyfile(ready, temporary)


def state_destroyed(journal: Journal, home: Home) -> None:
    """State outside of a journal that was made of workbooks what was destroyed, and take names out that workbooks of
    before brought back."""
    write_atomic(home.path / DESTROYED, write_lines(journal.destroyed))
    install_cleared(journal, home)
    clear_staging(home)


def find_brought_back(journal: Journal, home: Path, stated: Stated, deep: bool) -> tuple[list[LedgerProblem], set[str]]:
    """Find what holds again what a certificate took out: files of a journal that does not know it (`stated` outside of
    it), and, `deep`, those that are what they were before. Return the problems and the files, below the home."""
    steps = find_steps(journal.database)
    unknown = {file.old_sha256: one.number for one, items in stated for file in items.rewritten
               if file.old_sha256 not in steps}  # fmt: skip
    back: dict[int, list[str]] = {}
    for file in list_personal_files(journal, home) if steps or unknown else ():
        number = unknown.get(file.sha256, 0)
        if deep and not number and file.path.is_file() and (digest := hash_of(file.path)) != file.sha256:
            number = steps[digest][0] if digest in steps else 0
        if number:
            back.setdefault(number, []).append(file.path.relative_to(home).as_posix())
    problems = [
        LedgerProblem(f"certificate {number}", f"took out personal data that are there again: {_name_some(paths)}", "",
                      _AGAIN.format(number=number))
        for number, paths in sorted(back.items())
    ]  # fmt: skip
    return problems, {path for paths in back.values() for path in paths}


def require_taken_out(journal: Journal, home: Path) -> None:
    """Raise RewritingError where files hold again what a certificate took out: that goes first."""
    for problem in find_brought_back(journal, home, (), deep=True)[0]:
        raise RewritingError(f"{problem.file} {problem.what}; {problem.remedy}")


def _name_some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:_NAMED]) + (f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else "")
