"""A backup of a whole home while its service runs: the journal of one moment, and every file as of that moment.

Files are copied first while work goes on; then, alone in the home, what changed since. So others wait only for that.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from inbox_worker import __version__
from inbox_worker.core.errors import UseError
from inbox_worker.core.files import is_read_only, sha256_file
from inbox_worker.core.progress import follow
from inbox_worker.core.scratch import make_scratch
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import find_acts
from inbox_worker.ledger.backup_lists import BackupList, DamagedList, KeptFile, KeptJournal, digests_of
from inbox_worker.ledger.backup_places import BACKUP, find_wrong_places, next_number
from inbox_worker.ledger.backup_store import BackupStore, forget_backups
from inbox_worker.ledger.belonging import own_journal, record_alone
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.journal_copy import JournalView, view_journal
from inbox_worker.ledger.verify import LedgerProblem, named_files
from inbox_worker.month.backup_anchors import compare_backups
from inbox_worker.month.office import lock_for_copying
from inbox_worker.month.stored import closes_named, fetch_all
from inbox_worker.month.witnesses import describe_head
from inbox_worker.settings.home import Home
from inbox_worker.settings.secret_files import secret_files

FOLDERS = ("archive", "inbox", "ledger", "outbox", "rules", "templates")
_OF_THE_MOMENT = ("mark", "health.json")  # the mark is written anew of the journal's own state
_UNFINISHED = (".spill-", ".mark.", ".rewriting")
_WALKS = 10  # a file that people move meanwhile is looked for so often
_Names = dict[str, str]


@dataclass(frozen=True)
class MadeBackup:
    """A backup that was made. `damaged`: files that are not what the journal names, kept as they are; `left_out`:
    what is in the home and not in the backup; `secrets`: files of passwords there, which no backup holds; `removed`:
    earlier backups; `unrecorded`: why it is no act; `torn`: lists of earlier backups that were damaged; `mended`:
    damaged objects that were copied anew; `lost`: hashes of those that the home does not have any more;
    `other_chain`: what the backup before says otherwise of the chain of acts; `others`: earlier ones with acts that are
    not the home's, which were not removed; `gone`: lists that are not there any more."""

    made: BackupList
    new_files: int
    new_bytes: int
    damaged: list[str]
    left_out: list[str]
    secrets: tuple[str, ...] = ()
    removed: int = 0
    unrecorded: str = ""
    torn: tuple[Path, ...] = ()
    mended: int = 0
    lost: tuple[str, ...] = ()
    other_chain: tuple[str, ...] = ()
    others: tuple[int, ...] = ()
    gone: tuple[LedgerProblem, ...] = ()


def make_backup(
    home: Home, folder: Path, now: datetime, keep: int = 0, password: str = "", *, full: bool = False
) -> MadeBackup:
    """Copy the home into a folder, beside the backups that are there, of which the newest `keep` stay (0 = all).
    `full`: everything that is kept there is read and compared first; what was damaged is copied anew.

    Raises UseError for a folder in the home, or with backups of another home, BackupError when another backup writes
    there.
    """
    target = folder.absolute()
    if inside := why_inside(home, folder):
        raise UseError(inside)
    store = BackupStore(target, password)
    with store.writing_alone():
        with own_journal(home) as journal:
            fetch_all(journal, home)  # a backup needs no storage; what cannot be brought is named as lacking
            acts, gone = find_acts(journal.database), tuple(find_wrong_places(journal.database))
            owner = journal.database.head().journal
        _refuse_anothers(store, owner)
        torn = tuple(store.set_damaged_lists_aside(every=full))
        kept = {digest for number in store.numbers() for digest in digests_of(store.read(number))} if full else set()
        damaged = store.drop_damaged(kept)
        other = tuple(compare_backups(store, acts, store.numbers()[-1:]))
        made = _Backup(home, store).make(now, next_number(acts, target))
        lost = tuple(sorted(digest for digest in damaged if not store.object(digest).exists()))
        removed, others = forget_backups(store, keep, {act.number: act.hash for act in acts})
        made = replace(made, removed=removed, others=others, torn=torn, other_chain=other, gone=gone)
        return replace(made, mended=len(damaged) - len(lost), lost=lost)


def why_inside(home: Home, folder: Path) -> str:
    """Return why no backup of the home is made in a folder that is in it; '' for one that is not."""
    if not folder.resolve().is_relative_to(home.path.resolve()):
        return ""
    return f"{folder} is in the home, and a backup must outlive it; name a folder of another disk"


def _refuse_anothers(store: BackupStore, owner: str) -> None:
    """Whoever restored from there would get the newest home, and `keep` would remove the other one's backups. A list
    that a disk damaged says nobody's name: the one before it does."""
    for number in reversed(store.numbers()):
        try:
            of = store.read(number).journal.head.journal
        except DamagedList:
            continue
        if of == owner:
            return
        raise UseError(
            f"{store.folder} holds backups of another home, or of this one before its ledger was restored from "
            "workbooks; name a folder of its own"
        )


class _Backup:
    """One run: what is known of each file so far, and what was copied."""

    def __init__(self, home: Home, store: BackupStore) -> None:
        self.home, self.store = home, store
        self.left_out: set[str] = set()
        self._secret, self.secrets = secret_files(home).keys(), set[str]()
        self.new_files = self.new_bytes = 0
        url = home.journal_url
        self._journal = Path(make_url(url).database or "") if url.startswith("sqlite:") else None

    def make(self, now: datetime, number: int) -> MadeBackup:
        numbers = self.store.numbers()
        known = self._walk(self.store.read(numbers[-1]).files if numbers else {})
        last = sha256_file(self.store.list_of(numbers[-1])) if numbers else ""
        self.store.begin(number)
        act = partial(_record, subject=str(self.store.folder), number=number, now=now, before=last)
        with ExitStack() as others_wait, _at_rest(self.home, others_wait, act) as (view, named, unrecorded, head):
            for _ in range(_WALKS):
                before, known = known, self._walk(known)
                if not before.keys() - known.keys():
                    break
            others_wait.close()
            journal = self._copy_journal(view)
        made_at = to_almaty(now).isoformat(timespec="seconds")
        made = BackupList(number, made_at, __version__, journal, known, head)
        self.store.settle()
        self.store.write(made)
        damaged, left_out, secrets = _find_differing(named, known), sorted(self.left_out), tuple(sorted(self.secrets))
        return MadeBackup(made, self.new_files, self.new_bytes, damaged, left_out, secrets, unrecorded=unrecorded)

    def _copy_journal(self, view: JournalView) -> KeptJournal:
        with self._place_of_copy() as folder:
            copy = Path(folder) / ".journal.tmp"
            copy.unlink(missing_ok=True)
            try:
                view.write(copy)
                digest, size = self._keep(copy)
            finally:
                copy.unlink(missing_ok=True)
        return KeptJournal(view.database, digest, size, view.head)

    def _place_of_copy(self) -> AbstractContextManager[str | Path]:
        """Give the folder of the journal's copy: never beside encrypted backups, for it is not encrypted itself."""
        if not self.store.encrypted:
            return nullcontext(self.store.folder)
        return make_scratch("backup") if is_read_only(self.home.ledger) else nullcontext(self.home.ledger)

    def _walk(self, before: Mapping[str, KeptFile]) -> dict[str, KeptFile]:
        """Keep every file that is not known as it is. `before`: as of the walk or the backup before."""
        found: dict[str, KeptFile] = {}
        for path in follow(list(self._paths()), "backing_up"):
            try:
                kept = self._keep_path(path, before)
            except FileNotFoundError:
                continue  # moved or done away with meanwhile: where it went, the next walk finds it
            found[kept.path] = kept
        return found

    def _keep_path(self, path: Path, before: Mapping[str, KeptFile]) -> KeptFile:
        status = path.stat()
        name, mode = path.relative_to(self.home.path).as_posix(), stat.S_IMODE(status.st_mode)
        if path.is_dir():
            return KeptFile(name, "", 0, mode)
        seen = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        last = before.get(name)
        if last and last.seen == seen and self.store.has(last.sha256, last.size):
            return replace(last, mode=mode)
        return KeptFile(name, *self._keep(path), mode, seen)

    def _keep(self, path: Path) -> tuple[str, int]:
        digest, size, new = self.store.keep(path)
        self.new_files += new
        self.new_bytes += size * new
        return digest, size

    def _paths(self) -> Iterator[Path]:
        """Files at the top of the home, and all in its folders; links below them are left out, and said so."""
        exchange = self.home.config.exchange
        inside = exchange is not None and not Path(exchange.folder).is_absolute()
        folders = {*FOLDERS, *([Path(exchange.folder).parts[0]] if exchange and inside else [])}
        for place in sorted(self.home.path.iterdir()):
            if place.name in folders and place.is_dir():
                yield place
                yield from self._below(place)
            elif place.is_file() and not place.is_symlink():
                if not self._is_secret(place):
                    yield place
            elif not place.name.startswith("."):
                self.left_out.add(place.name)

    def _below(self, top: Path) -> Iterator[Path]:
        for folder, folders, files in os.walk(top):
            folders[:] = sorted(name for name in folders if self._belongs(Path(folder, name)))
            yield from (Path(folder, name) for name in (*folders, *sorted(files)) if self._belongs(Path(folder, name)))

    def _is_secret(self, path: Path) -> bool:
        if path not in self._secret:
            return False
        self.secrets.add(path.relative_to(self.home.path).as_posix())
        return True

    def _belongs(self, path: Path) -> bool:
        name = path.name
        if self._is_secret(path):
            return False
        if path.is_symlink():
            self.left_out.add(path.relative_to(self.home.path).as_posix())
            return False
        if name.startswith(".") and (name.endswith((".tmp", ".lock")) or name == ".lock"):
            return False
        if path.parent == self.home.ledger and (name in _OF_THE_MOMENT or name.startswith(_UNFINISHED)):
            return False
        journal = self._journal
        return journal is None or path.parent != journal.parent or not name.startswith(journal.name)


@contextmanager
def _at_rest(
    home: Home, others_wait: ExitStack, act: Callable[[Journal], str]
) -> Iterator[tuple[JournalView, _Names, str, str]]:
    """Hold the journal of a moment at which nobody writes into the home, until `others_wait` is closed, and give what
    it names by which hash, what `act` says, done before, and the last act."""
    others_wait.enter_context(lock_for_copying(home))
    with own_journal(home) as journal:
        fetch_all(journal, home)
        unrecorded = act(journal)
        with journal.database.connect_for_queries() as connection:
            last = describe_head(connection)
        with view_journal(home.journal_url) as view:
            yield view, find_named(journal, home), unrecorded, last


def _record(journal: Journal, subject: str, number: int, now: datetime, before: str) -> str:
    """Record the backup as an act before it is made, so that it holds its own. Return why that could not be done: a
    home whose disk is full needs its backup most."""
    try:
        record_alone(journal, BACKUP, subject, now, details=f"№ {number}", before=before)
    except (OperationalError, OSError) as error:
        return str(getattr(error, "orig", error))
    return ""


def find_named(journal: Journal, home: Home) -> _Names:
    """Return what the journal names in the home now: path -> hash."""
    named = {file.path: file.sha256 for file in named_files(journal, home.path) if not file.moved}
    for close, _ in closes_named(journal, home.path):
        named.update({close.folder / f"{name}.parquet": digest for name, digest in close.files.items()})
    inside = (path for path in named if path.is_relative_to(home.path))
    return {path.relative_to(home.path).as_posix(): named[path] for path in inside}


def _find_differing(named: _Names, kept: dict[str, KeptFile]) -> list[str]:
    return sorted(path for path, digest in named.items() if path not in kept or kept[path].sha256 != digest)
