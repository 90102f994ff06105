"""Folders for a while, named by the process that makes them: what a killed one left is known by that, for it may hold a
whole home, a month or letters."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

_SPILL = ".spill-"  # in the ledger, where a month is computed
_PREFIX = "inbox-worker-"
_PROCESS = re.compile(r"-(\d+)-[^-]*$")


def scratch_prefix(kind: str) -> str:
    """Return how names of this process begin in the system's temporary folder."""
    return f"{_PREFIX}{kind}-{os.getpid()}-"


def make_scratch(kind: str) -> TemporaryDirectory[str]:
    """Return a folder in the system's temporary folder, which goes at the end of its `with`."""
    return TemporaryDirectory(prefix=scratch_prefix(kind))


def make_spill(ledger: Path, kind: str) -> TemporaryDirectory[str]:
    """Return a folder on the ledger's own disk, which goes at the end of its `with`."""
    return TemporaryDirectory(dir=ledger, prefix=f"{_SPILL}{kind}-{os.getpid()}-")


def find_abandoned(ledger: Path) -> Iterator[Path]:
    """Find what processes of ours that are no more left in the system's temporary folder and in the ledger."""
    for folder, prefix in ((Path(tempfile.gettempdir()), _PREFIX), (ledger, _SPILL)):
        for path in sorted(folder.glob(f"{prefix}*")):
            found = _PROCESS.search(path.name)
            if found and not _is_running(int(found[1])):
                yield path


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # another user's, or a number that is no process's
    return True
