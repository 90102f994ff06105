"""A home out of a backup: made beside its place, compared file by file, and given its name when all of it is proven."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import make_folder, sha256_file, sync_disk, sync_folder, whole
from inbox_worker.core.hashes import DESTROYED, lack
from inbox_worker.core.progress import follow
from inbox_worker.core.scratch import make_scratch
from inbox_worker.ledger.backup_lists import BackupError, BackupList, KeptFile, digests_of
from inbox_worker.ledger.backup_store import BackupStore
from inbox_worker.ledger.belonging import own_journal, record_alone
from inbox_worker.ledger.destroyed import RESTORE, describe_certificates, read_lines
from inbox_worker.ledger.journal_copy import mark_journal, put_back_journal
from inbox_worker.ledger.verify import LedgerProblem
from inbox_worker.month.verify import verify
from inbox_worker.settings.home import Home, load_config, load_home
from inbox_worker.settings.secret_files import secret_files

JOURNAL_VARIABLE = "INBOX_WORKER_JOURNAL"
STAGING = ".restoring"  # ends the name of what is made beside a home
_CONFIG = "config.yaml"
_MOST_NAMED = 20


@dataclass(frozen=True)
class Restored:
    """A home that was restored. `problems`: what was damaged in the home when it was backed up; `secrets`: files of
    passwords that it lacks, each with the key of config.yaml that names it."""

    made: BackupList
    problems: list[LedgerProblem]
    secrets: dict[Path, str]


def check_backups(folder: Path, number: int = 0, password: str = "") -> list[BackupList]:
    """Read a backup (0 = every one, the newest last) and compare each file with its hash, once; write nothing. Raises
    BackupError, which names what differs."""
    store = BackupStore(folder.absolute(), password)
    made = [store.read(one) for one in ([number] if number else store.numbers() or [0])]
    digests = sorted(set[str]().union(*map(digests_of, made)))
    _refuse(store, [digest for digest in follow(digests, "checking") if not store.is_whole(digest)], *made)
    return made


def restore(folder: Path, place: Path, number: int, now: datetime, password: str = "") -> Restored:
    """Make the home of a backup (0 = the newest) in an empty place, and prove it before it gets its name.

    Raises UseError for a place that is not empty, BackupError for a backup that differs from what was written, and
    JournalError when the journal's place is taken; then nothing is left in the place.
    """
    store, home = BackupStore(folder.absolute(), password), place.absolute()
    made = store.read(number)
    _require_empty(home)
    ended = staging_of(home).is_dir()
    with _beside(home) as staging:
        _copy_all(store, made, staging)
        taken = _take_certificates(store, made, staging)
        with _journal_in(store, made, staging, ended=ended) as built:
            problems = verify(built, deep=True, stored=False)
            sync_disk(staging)
            with whole(staging / _CONFIG) as temporary:  # last: without it no command takes the folder for a home
                store.copy(made.files[_CONFIG].sha256, temporary)
            (staging / _CONFIG).chmod(made.files[_CONFIG].mode)
            staging.rename(home)
    sync_folder(home.parent)
    restored = load_home(home)
    with own_journal(restored) as journal:
        newer = describe_certificates(read_lines(home)) if taken else ""
        record_alone(journal, RESTORE, str(store.folder), now, details=f"№ {made.number}, {made.made_at}{newer}")
    secrets = {path: key for path, key in secret_files(restored).items() if key and not path.exists()}
    return Restored(made, problems, secrets)


def try_restore(folder: Path, number: int, now: datetime, password: str = "") -> tuple[list[LedgerProblem], float]:
    """Restore a backup whose journal is a file into a folder that is removed again. Return what is not whole, and how
    many seconds it took. Raises UseError where the journal would be put elsewhere."""
    if JOURNAL_VARIABLE in os.environ:
        raise UseError(
            f"{JOURNAL_VARIABLE} names where the journal would be put; a trial is for journals in the home. Restore "
            f"into a new --home with {JOURNAL_VARIABLE} naming an empty database, then remove both"
        )
    begun = time.monotonic()
    with make_scratch("trial") as place:
        done = restore(folder, Path(place) / "home", number, now, password)
    return done.problems, time.monotonic() - begun


def _require_empty(home: Path) -> None:
    if home.is_symlink() or (home.exists() and not home.is_dir()):
        raise UseError(f"{home} is no folder; name one that is empty or not there")
    if home.is_dir() and next(home.iterdir(), None):
        raise UseError(f"{home} is not empty, and a restore replaces nothing; name a folder that is empty or not there")
    if home.is_mount():
        raise UseError(f"{home} is the top of a disk; name a folder in it: it gets its name when all of it is there")


def staging_of(home: Path) -> Path:
    """Return where a home is made before it gets its name."""
    return home.with_name(f".{home.name}{STAGING}")


@contextmanager
def _beside(home: Path) -> Iterator[Path]:
    """A folder beside the home to build it in; whatever goes wrong, nothing of it is left. A kill leaves a folder that
    no command takes for a home, and the next restore does away with it."""
    staging = staging_of(home)
    shutil.rmtree(staging, ignore_errors=True)
    make_folder(staging)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _journal_in(store: BackupStore, made: BackupList, staging: Path, *, ended: bool) -> Iterator[Home]:
    """Put the journal where the config of the backup, or INBOX_WORKER_JOURNAL, says, with its mark. `ended`: an earlier
    restore of this home was cut off, and may have put it there."""
    config = staging / ".config.tmp"
    store.copy(made.files[_CONFIG].sha256, config)
    built = Home(staging, load_config(config))
    config.unlink()
    path = put_back_journal(store, made.journal, built.journal_url, ended=ended)
    try:
        mark_journal(built.ledger, made.journal)
        yield built
    except BaseException:
        if path:
            path.unlink(missing_ok=True)
        raise


def _copy_all(store: BackupStore, made: BackupList, staging: Path) -> None:
    """Copy the files of the home but its config and its journal, which are compared here, and read each again."""
    if _CONFIG not in made.files:
        raise BackupError(f"{store.list_of(made.number)} names no {_CONFIG}; it is no backup of a home")
    broken = [one for one in (made.files[_CONFIG].sha256, made.journal.sha256) if not store.is_whole(one)]
    for file in follow(sorted(made.files.values(), key=lambda one: one.path), "restoring"):
        target = staging / file.path
        if not file.sha256:
            make_folder(target)
        elif file.path != _CONFIG and not _copy_file(store, file, target):
            broken.append(file.sha256)
    _refuse(store, broken, made)
    for file in sorted(made.files.values(), key=lambda one: one.path, reverse=True):
        if not file.sha256:
            (staging / file.path).chmod(file.mode)


def _take_certificates(store: BackupStore, made: BackupList, staging: Path) -> bool:
    """Take what was destroyed since from the newest backup of this place, if it has any: `check` tells that this one
    brought it back. Raises BackupError when it is damaged there."""
    newest = store.read(0)
    file = newest.files.get(DESTROYED.as_posix())
    if newest.number <= made.number or not file:
        return False
    if not _copy_file(store, file, staging / DESTROYED):
        _refuse(store, [file.sha256], newest)
    return True


def _copy_file(store: BackupStore, file: KeptFile, target: Path) -> bool:
    if lack(store.object(file.sha256))[0]:
        return False
    make_folder(target.parent)
    digest = store.copy(file.sha256, target)  # made durable with all others, before the home gets its name
    target.chmod(file.mode)
    return digest == file.sha256 == sha256_file(target)


def _refuse(store: BackupStore, broken: list[str], *made: BackupList) -> None:
    """Raises BackupError that names the damaged objects, and the files of the home that they were in these backups."""
    if not broken:
        return
    names = {file.sha256: file.path for one in made for file in one.files.values() if file.sha256}
    names |= {one.journal.sha256: f"journal of backup {one.number}" for one in made}
    words = "; ".join(f"{store.object(digest)} ({names[digest]})" for digest in broken[:_MOST_NAMED])
    more = f" and {len(broken) - _MOST_NAMED} more" if len(broken) > _MOST_NAMED else ""
    raise BackupError(
        f"the backup differs from what was written: {words}{more}. Where the home is whole, remove these files and "
        "back up again: they are copied anew; else restore from another copy of the backup"
    )
