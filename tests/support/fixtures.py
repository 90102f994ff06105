"""Every test gets an office of its own; all share one reading process.

def build(office: TownOffice) -> None: ...  # registers, payments, closes: what every test of a file begins with

office = copies_of(build)                   # instead of the fixture `office`, in that file
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import ROOT, TownOffice


@pytest.fixture(scope="session")
def reader() -> Iterator[CellReader]:
    with CellReader(load_rules(ROOT / "rules").limits) as reading:
        yield reading


@pytest.fixture
def office(tmp_path: Path, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path / "home", reader) as opened:
        yield opened


def copies_of(build: Callable[[TownOffice], object]) -> Any:
    """A fixture: an office that was built once, copied for each test."""
    built: dict[str, TownOffice] = {}

    @pytest.fixture
    def office(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
        if not built:
            with TownOffice(tmp_path_factory.mktemp("built") / "home", reader) as first:
                build(first)
            built["home"] = first
        with TownOffice.copied(built["home"], tmp_path / "home", reader) as copy:
            yield copy

    return office
