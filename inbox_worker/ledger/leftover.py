"""Files that no journal names: left by a kill between a file and its commit, or by a journal that was given up. They
are moved to `ledger/leftover`, told in the log, and never deleted or overwritten."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from inbox_worker.core.files import free_path, make_folder, sync_folder

FOLDER = "leftover"
_LOG = logging.getLogger(__name__)


def set_aside(ledger: Path, path: Path) -> Path:
    """Moves a file or folder of the ledger to `leftover`, under its own name there or the next free one."""
    wanted = ledger / FOLDER / path.relative_to(ledger)
    make_folder(wanted.parent)
    target = free_path(wanted)
    path.rename(target)
    sync_folder(target.parent)
    sync_folder(path.parent)
    _LOG.warning(
        "%s is named by no journal (a kill left it, or an older journal): moved to %s",
        path.relative_to(ledger.parent),
        target.relative_to(ledger.parent),
    )
    return target


def set_damaged_aside(ledger: Path, path: Path) -> Path:
    """Move a file of the home that is not what the journal names to `leftover/damaged`: it may be a proof."""
    wanted = ledger / FOLDER / "damaged" / path.relative_to(ledger.parent)
    make_folder(wanted.parent)
    target = free_path(wanted)
    path.rename(target)
    sync_folder(target.parent)
    return target


def list_aside(ledger: Path) -> list[Path]:
    """Return every file that was moved aside, sorted."""
    return sorted(path for path in (ledger / FOLDER).rglob("*") if path.is_file() and not path.is_symlink())


def unnamed_facts(ledger: Path, named: Collection[str]) -> Iterator[Path]:
    """Find fact files that the journal does not name. `named`: paths below the ledger, as the journal has them. What a
    named one links to is not among them: to move it would break what is whole."""
    known = named if isinstance(named, (set, frozenset)) else set(named)
    linked: set[Path] | None = None  # asked when the first unnamed one is met
    for folder, _, files in os.walk(ledger / "facts"):
        below = os.path.relpath(folder, ledger)
        for name in sorted(files):
            if name.endswith(".parquet") and f"{below}/{name}" not in known:
                path = Path(folder) / name
                linked = _find_links(ledger, known) if linked is None else linked
                if path.resolve() not in linked:
                    yield path


def _find_links(ledger: Path, named: Collection[str]) -> set[Path]:
    return {(ledger / path).resolve() for path in named if (ledger / path).is_symlink()}


def traces_of_a_past(ledger: Path, archive: Path) -> Iterator[Path]:
    """Find what only a home with a journal comes to have: a mark, closes, facts, letters in the archive."""
    places = (ledger / "mark", ledger / "closes", ledger / "facts", archive)
    for place in places:
        if place.is_file():
            yield place
        for folder, _, files in os.walk(place):
            yield from (Path(folder) / name for name in sorted(files))
