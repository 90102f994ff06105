"""The small centre of trust_centre.py on each kind of journal; and the office of other tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from trust_centre import Centre, centre_in, make_centre

from tests.faults.killer import Killer
from tests.support.fixtures import office
from tests.support.once import build_once

__all__ = ["office"]


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory, runner: Killer) -> Centre:
    """Not to be changed; `centre` is a copy."""
    folder = build_once(tmp_path_factory, "centre", lambda folder: make_centre(folder, runner).folder)
    return centre_in(folder, runner)


@pytest.fixture
def centre(begun: Centre, tmp_path: Path) -> Centre:
    return begun.copy(tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def either(request: pytest.FixtureRequest, tmp_path: Path, runner: Killer) -> Centre:
    """The same centre on each kind of journal."""
    if request.param == "sqlite":
        centre: Centre = request.getfixturevalue("centre")
        return centre
    return make_centre(tmp_path, runner, request.getfixturevalue("server").fresh())
