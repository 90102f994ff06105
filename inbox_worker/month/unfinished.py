"""Names what a killed command left: copies that nothing reads and that may hold names, letters or a whole home (8.10).

Each is told with what ends or removes it; nothing is removed here, for a command may be at work.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from inbox_worker.core.scratch import find_abandoned
from inbox_worker.month.restore import STAGING, staging_of
from inbox_worker.settings.home import Home

_RESTORE = (
    "{path} is what a restore makes before all of it is proven: one is at work, or was ended; `inbox-worker --home "
    "{home} restore FROM` begins anew in its place, `rm -r {path}` removes it"
)
_TORN = (
    "{path} has no name yet: a command is at work, or was ended; the next one that writes the same does so anew, "
    "`{remove} {path}` removes it"
)
_SCRATCH = "{path} was left by a command that was ended, and may hold what is in the home; `{remove} {path}` removes it"


def tell_restores(home: Path) -> Iterator[str]:
    """Tell of restores, beside the place of a home, that did not end."""
    place = home.absolute().parent
    found = place.glob(f".*{STAGING}") if os.access(place, os.R_OK | os.X_OK) else [staging_of(home.absolute())]
    for path in sorted(found):
        if os.path.isdir(path):  # noqa: PTH112 - a closed place is an error to Path
            own = path.with_name(path.name[1 : -len(STAGING)])
            yield _RESTORE.format(path=shlex.quote(str(path)), home=shlex.quote(str(own)))


def tell_unfinished(home: Home) -> Iterator[str]:
    """Tell what killed commands left in the home, beside it and in the system's temporary folder."""
    yield from tell_restores(home.path)
    for path in find_abandoned(home.ledger):
        yield _tell(_SCRATCH, path)
    for path in _find_torn(home.path):
        yield _tell(_TORN, path)


def _tell(what: str, path: Path) -> str:
    return what.format(path=shlex.quote(str(path)), remove="rm -r" if path.is_dir() else "rm")


def _find_torn(home: Path) -> Iterator[Path]:
    """Find files and folders that have no name yet: each is written beside its place, and begins with a dot."""
    for folder, folders, files in os.walk(home):
        torn = sorted(name for name in (*folders, *files) if name.startswith(".") and name.endswith((".tmp", ".trial")))
        yield from (Path(folder, name) for name in torn)
        folders[:] = [name for name in folders if name not in torn]
