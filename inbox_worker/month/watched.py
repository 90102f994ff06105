"""Rules, settings and templates: a change of theirs is an act (4.1.17), noticed before anything is done by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from inbox_worker.core.files import below, sha256
from inbox_worker.core.hashes import hash_of, state_of_file
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.database import Database

CHANGE = "change"
_WATCHED = ("config.yaml", "rules", "templates")
_MOST_NAMED = 20
w = t.watched_files.c


@dataclass(frozen=True)
class WatchedFile:
    """A file below the home. `seen`: its size and times, by which it is known to be the same without being read."""

    path: str
    sha256: str
    seen: str


def record_changes(home: Path, database: Database, now: datetime) -> list[str]:
    """Record an act for config.yaml, rules and templates, each when a file of it changed, came or went since the last
    command or pass; return the subjects. `before`, `after`: hashes over all files of the subject."""
    known = {file.path: file for file in find_watched(database)}
    found = {file.path: file for file in _look(home, known)}
    changed = [name for name in _WATCHED if hash_watched(known, name) != hash_watched(found, name)]
    if not changed:
        return []
    with database.transaction() as connection:
        for name in changed:
            before, after = (hash_watched(files, name) for files in (known, found))
            record_act(connection, CHANGE, name, now, details=_name_changed(known, found, name), before=before,
                       after=after)  # fmt: skip
        connection.execute(t.watched_files.delete())
        if found:
            connection.execute(t.watched_files.insert(), [vars(file) for file in found.values()])
    return changed


def find_watched(database: Database) -> list[WatchedFile]:
    """Return the files as they were when a command or pass last looked."""
    return database.find_all(WatchedFile, select(t.watched_files).order_by(w.path))


def find_hidden_changes(home: Path, database: Database) -> Iterator[str]:
    """Find files that are said to be in the state in which they were seen, and hold something else: no command would
    notice that they changed."""
    for file in find_watched(database):
        path = home / file.path
        if path.is_file() and state_of_file(path) == file.seen and hash_of(path) != file.sha256:
            yield f"it saw {file.path} as it stands now, and it is another: a change was made to go unseen"


def find_changes_since(home: Path, database: Database) -> Iterator[str]:
    """Find files that changed, came or went since a command that writes, or a pass, last looked."""
    known = {file.path: file for file in find_watched(database)}
    try:
        found = {file.path: file for file in _look(home, known)}
    except OSError:  # told by `check`
        return
    for path in sorted(known.keys() | found.keys()) if known else ():
        was, now = known.get(path), found.get(path)
        if (was and was.sha256) != (now and now.sha256):
            yield f"{path} has changed since the last command or pass that looked at it"


def hash_watched(files: Mapping[str, WatchedFile], name: str) -> str:
    """Return the hash over the files of `config.yaml`, `rules` or `templates`; '' where there are none."""
    own = [f"{path}:{files[path].sha256}\n" for path in sorted(files) if path.partition("/")[0] == name]
    return sha256("".join(own).encode()) if own else ""


def _look(home: Path, known: Mapping[str, WatchedFile]) -> Iterator[WatchedFile]:
    for name in _WATCHED:
        top = home / name
        for path in below(top) if top.is_dir() else [top]:
            if not path.is_file():
                continue
            place, seen = path.relative_to(home).as_posix(), state_of_file(path)
            last = known.get(place)
            yield last if last and last.seen == seen else WatchedFile(place, hash_of(path), seen)


def _name_changed(known: Mapping[str, WatchedFile], found: Mapping[str, WatchedFile], name: str) -> str:
    """Return which files changed; when the first look is taken, how many there are."""
    own = sorted(path for path in known.keys() | found.keys() if path.partition("/")[0] == name)
    if not any(path in known for path in own):
        return f"first seen: {len(own)}"
    hashes = [{path: file.sha256 for path, file in files.items()} for files in (known, found)]
    differing = [path for path in own if hashes[0].get(path) != hashes[1].get(path)]
    more = f" +{len(differing) - _MOST_NAMED}" if len(differing) > _MOST_NAMED else ""
    return ", ".join(differing[:_MOST_NAMED]) + more
