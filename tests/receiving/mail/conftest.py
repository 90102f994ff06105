"""A town that every odd letter comes to: made once, copied for each letter."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.support.office import TownOffice, customer, line
from tests.support.once import build_once

OUR_SERVER = "mx.alseco.example"


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Path:
    """Customers A and B, account 1001 of A; the arrivals IW-000001 and IW-000002."""
    return build_once(tmp_path_factory, "mail", lambda folder: load_town(folder, reader))


def load_town(folder: Path, reader: CellReader) -> Path:
    home = folder / "home"
    with TownOffice(home, reader) as made:
        made.load_customers(customer("A"), customer("B"))
        made.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    return home


@pytest.fixture
def office(town: Path, tmp_path: Path, reader: CellReader) -> Iterator[TownOffice]:
    """The town's office; its mail server's name is known, so that Authentication-Results are asked."""
    with _opened(town, tmp_path / "home", reader) as opened:
        yield opened


@contextmanager
def _opened(town: Path, folder: Path, reader: CellReader) -> Iterator[TownOffice]:
    shutil.copytree(town, folder)
    with TownOffice(folder, reader) as opened:
        config = opened.office.home.config.model_copy(update={"authserv_id": OUR_SERVER})
        opened.office = replace(opened.office, home=replace(opened.office.home, config=config))
        yield opened
