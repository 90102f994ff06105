"""Every test gets an office of its own; all share one reading process.

def build(office: TownOffice) -> None: ...  # registers, payments, closes: what every test of a file begins with

office = copies_of(build)                   # instead of the fixture `office`, in that file
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.support.office import TownOffice
from tests.support.once import build_once


@pytest.fixture
def office(tmp_path: Path, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path / "home", reader) as opened:
        yield opened


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "home")


def copies_of(build: Callable[[TownOffice], object], scope: Literal["function", "module"] = "function") -> Any:
    """A fixture: an office that was built once a run, copied for each test; with `module` for the tests of a file,
    which change nothing in it."""
    name = f"{build.__module__}.{build.__qualname__}"

    @pytest.fixture(scope=scope)
    def office(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
        def make(folder: Path) -> tuple[Path, int, int]:
            with TownOffice(folder / "home", reader) as first:
                build(first)
            return first.folder, *first.numbers

        home, letters, books = build_once(tmp_path_factory, name, make)
        folder = tmp_path_factory.mktemp("copy") / "home"
        with TownOffice.copied(home, folder, reader, letters, books) as copy:
            yield copy

    return office
