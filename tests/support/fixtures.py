"""Every test gets an office of its own; all share one reading process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_worker.form.workbook import CellReader
from inbox_worker.rules import load_rules
from tests.support.office import ROOT, TownOffice


@pytest.fixture(scope="session")
def reader() -> Iterator[CellReader]:
    with CellReader(load_rules(ROOT / "rules").limits) as reading:
        yield reading


@pytest.fixture
def office(tmp_path: Path, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path / "home", reader) as opened:
        yield opened
