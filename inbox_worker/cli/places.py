"""Writes what a command was asked for: into a file of the user's, never one of the home's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from inbox_worker.settings.home import Home


def write_result(home: Home, path: Path, data: bytes, *, new: bool = False) -> Path:
    """Write what a command was asked to put into a file of the user's, and return its place; `require_place` first."""
    from inbox_worker.core.files import write_atomic

    require_place(home, path, new=new)
    write_atomic(path, data)
    return path.absolute()


def require_place(home: Home, path: Path, *, new: bool = False) -> None:
    """Raise UseError for a file that the program or its settings keep, for a folder that is not there, and where `new`
    for a file that is."""
    place = path.parent.resolve() / path.name
    kept = (home.ledger, home.archive, home.inbox, home.outbox, home.rules, home.path / "templates")
    own = [one.resolve() for one in (*kept, home.path / "config.yaml")]
    if any(one == place or one in place.parents for one in own):
        raise UseError(f"{path} belongs to the home; name a file outside of it")
    if not place.parent.is_dir():
        raise UseError(f"there is no folder {path.parent}; make it first")
    if place.is_dir() or (new and place.exists()):
        raise UseError(f"{path} is there already; name a new file")
