"""One small billing centre a file: explaining changes nothing in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.support.office import TownOffice


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path_factory.mktemp("town") / "home", reader) as opened:
        yield opened
