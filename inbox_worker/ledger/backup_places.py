"""Tell what acts prove of the places of backups: lists that were taken away, a home that is older than its backups, and
what no list there names (4.1.13)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from inbox_worker.core.files import sha256_file
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import ChainedAct, find_chained_acts
from inbox_worker.ledger.backup_lists import BackupError, digests_of
from inbox_worker.ledger.backup_store import BackupStore, list_in, numbers_in, unfinished_in
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.destroyed import RESTORE
from inbox_worker.ledger.verify import LedgerProblem, unread

BACKUP = "backup"  # its `before` is the hash of the list that was the newest there
_NUMBER = re.compile(r"№ (\d+)(?:, |$)")


def find_wrong_places(database: Database) -> list[LedgerProblem]:
    """Find lists that a later backup was begun after and that are not there, and places with newer backups than this
    home knows of. A place without any list, as on a disk that is not mounted, is none."""
    acts = find_chained_acts(database, BACKUP, RESTORE)
    found = list[LedgerProblem]()
    for place in dict.fromkeys(act.subject for act in acts if act.act == BACKUP):
        try:
            found += _look(Path(place), acts)
        except OSError as error:
            found.append(unread(error))
    return found


def _look(folder: Path, acts: Sequence[ChainedAct]) -> Iterator[LedgerProblem]:
    numbers = numbers_in(folder)
    if not numbers:
        return
    for act in find_begun(acts, folder):
        if _number_of(act) == unfinished_in(folder):
            continue
        what = (
            f"is not there, and act {act.number} of {act.at} began that backup: its list was taken away since, "
            f"or the place is a copy of an earlier day; a restore would bring back backup {numbers[-1]}"
        )
        remedy = f"see who could write there, and back up again: `inbox-worker backup {folder}`"
        yield LedgerProblem(str(list_in(folder, _number_of(act))), what, "", remedy)
    made = [act for act in acts if act.act == BACKUP and act.subject == str(folder)]
    restored = any(act.act == RESTORE and act.number > made[-1].number and _number_of(act) for act in acts)
    if numbers[-1] > max(map(_number_of, made)) and not restored:
        what = f"is newer than this home: its last act of a backup there is of {made[-1].at} (act {made[-1].number})"
        remedy = f"restore it: `inbox-worker restore {folder}` into an empty --home; a copy of a home is told so, too"
        yield LedgerProblem(str(list_in(folder, numbers[-1])), what, "", remedy)


def find_begun(acts: Sequence[ChainedAct], folder: Path) -> list[ChainedAct]:
    """Return the acts of backups that were begun in a place after the newest one that is there. Another disk in its
    place has another one."""
    numbers = numbers_in(folder)
    newest = sha256_file(list_in(folder, numbers[-1])) if numbers else ""
    here = [act for act in acts if act.act == BACKUP and act.subject == str(folder)]
    return [act for act in here if newest and act.before == newest]


def next_number(acts: Sequence[ChainedAct], folder: Path) -> int:
    """Return the number of the next backup in a place: none that was begun there is given again."""
    return max([*numbers_in(folder), *map(_number_of, find_begun(acts, folder))], default=0) + 1


def tell_unlisted(folder: Path, password: str) -> list[str]:
    """Return what of a place no list names, and numbers without a list: whoever has no home any more sees by it that a
    newer backup may have been there."""
    store, named = BackupStore(folder.absolute(), password), set[str]()
    numbers = store.numbers()
    for number in numbers:
        with suppress(BackupError):
            named |= {store.object(digest).name for digest in digests_of(store.read(number))}
    found = []
    if gone := sorted(set(range(numbers[0], numbers[-1])) - set(numbers)) if numbers else []:
        found.append(f"{store.lists} has no list of backup {', '.join(map(str, gone))}, and has earlier and later ones")
    if unlisted := [path for path in (store.folder / "objects").glob("??/*") if path.name not in named]:
        newest = to_almaty(datetime.fromtimestamp(max(path.stat().st_mtime for path in unlisted)).astimezone())
        found.append(
            f"files in {store.folder / 'objects'} that no whole list names: {len(unlisted)}, the newest of "
            f"{newest.isoformat(timespec='seconds')}; a backup was ended in the middle, or its list was taken away: "
            "see whether the newest backup that you know of is there"
        )
    return found


def _number_of(act: ChainedAct) -> int:
    found = _NUMBER.match(act.details)
    return int(found[1]) if found else 0
