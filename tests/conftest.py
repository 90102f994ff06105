"""Keep what holds for every test: no width of our own screen in programs that are started, and seldom a search for
garbage."""

from __future__ import annotations

import gc
import os

# pytest imports readline, and readline puts both into the environment of this process's children, not into os.environ
for name in ("COLUMNS", "LINES"):
    os.unsetenv(name)
    os.environ.pop(name, None)


def pytest_collection_finish() -> None:
    """Leave out of every search for garbage what was imported and collected: that is most of it, and it stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
