"""A home with a small town loaded, made once and copied for each test."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from worker_home import Hands, Place

from inbox_worker.cli.homes import make_home
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.open_office import open_office
from inbox_worker.deciding.take_in import take_in
from inbox_worker.demo import Story, build_town
from inbox_worker.month.office import lock_for_writing
from inbox_worker.receiving.opening import LOAD
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.once import build_once


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Story]:
    return build_once(tmp_path_factory, "service", load_town)


def load_town(folder: Path) -> tuple[Path, Story]:
    make_home(folder / "home")
    config = folder / "home" / "config.yaml"
    text = config.read_text("utf-8").replace("quiet_seconds: 2 ", "quiet_seconds: 0.2 ")
    config.write_text(text.replace("scan_seconds: 15 ", "scan_seconds: 0.5 "), "utf-8")
    schedule = folder / "home" / "rules" / "schedule.yaml"
    text = schedule.read_text("utf-8").replace("  documents: [", "  active: no\n  documents: [")
    schedule.write_text(text, "utf-8")  # or on some days of the month a pass takes as long as bills do
    home = load_home(folder / "home")
    assert (home.config.folders.quiet_seconds, home.config.folders.scan_seconds) == (0.2, 0.5)
    story = build_town(folder / "town", customers=20, accounts=300, rules=load_rules(home.rules))
    first = datetime(2026, 8, 1, 10, tzinfo=ALMATY)
    with lock_for_writing(home), open_office(home) as office, CellReader(office.rules.limits) as reader:
        for register in story.registers:
            taken = take_in(Pipeline(office, reader), register, LOAD, first, "", first)
            assert taken.outcome is not None and taken.outcome.posted
    return folder / "home", story


@pytest.fixture
def place(loaded: tuple[Path, Story], tmp_path: Path) -> Place:
    shutil.copytree(loaded[0], tmp_path / "home")
    return Place(load_home(tmp_path / "home"), loaded[1])


@pytest.fixture
def hands() -> Hands:
    return Hands()
