"""Names what lies in a drop folder and is never taken: a link, a folder, a pipe, a file that is closed to us.

Nothing of it is followed or read: a link could lead to any file of the machine.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inbox_worker.receiving.drop_watch import is_unfinished
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import one_line
from inbox_worker.settings.texts import Say

OURS = ("taken", "failed")  # folders that we make in a drop folder
UNTAKEN = "lies in a drop folder and is not taken"  # a problem in the log; `health` names each itself
MOST_NAMED = 20


@dataclass(frozen=True)
class Untaken:
    """One such thing. `code`: of the text that says what to do."""

    mailbox: str
    name: str
    code: str

    def line(self, say: Say) -> str:
        """Return what it is and what to do."""
        return say(self.code, path=f"inbox/{self.mailbox}/{self.name}")


def find_untaken(home: Home) -> list[Untaken]:
    """Return what is never taken from the drop folders, as it lies there now; a folder that cannot be read is told by
    whoever scans it."""
    found = []
    for mailbox in home.config.drop_folders:
        folder = home.inbox / mailbox
        if folder.is_dir() and os.access(folder, os.R_OK | os.X_OK):
            found += [Untaken(mailbox, one_line(name), code) for name, code in sorted(_look_into(folder))]
    return found


def lines_of(untaken: Iterable[Untaken], say: Say) -> list[str]:
    """Return a line for each, and one for those that are too many to be named."""
    lines = [one.line(say) for one in untaken]
    more = len(lines) - MOST_NAMED
    return lines if more <= 0 else [*lines[:MOST_NAMED], say("untaken.more", count=more)]


def _look_into(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.iterdir():
        code = "" if is_unfinished(path.name) else _code_of(path)
        if code:
            yield path.name, code


def _code_of(path: Path) -> str:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:  # taken away since it was listed
        return ""
    if stat.S_ISDIR(mode):
        return "" if path.name in OURS else "untaken.folder"
    if stat.S_ISLNK(mode):
        return "untaken.link"
    if not stat.S_ISREG(mode):
        return "untaken.special"
    return "" if os.access(path, os.R_OK) or not path.exists() else "untaken.closed"
