"""Builds once a run what tests of several processes only copy: homes that took seconds, what LibreOffice saved."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def build_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], Made]) -> Made:
    """Return what `build` made of an empty folder; it can be pickled and nobody changes it or the folder.

    Whichever of the run's processes asks first builds it, the others wait for it. What failed is built anew. `name`: of
    the folder, its own in the whole run.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, made = base / f"once-{name}", base / f"once-{name}.made"
    with (base / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            made.write_bytes(pickle.dumps(build(folder)))
        found: Made = pickle.loads(made.read_bytes())
    return found
