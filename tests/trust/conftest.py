"""The small centre of trust_centre.py on each kind of journal; and the office of other tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from trust_centre import Centre, make_centre

from tests.faults.killer import Killer
from tests.support.fixtures import office, reader
from tests.support.postgres import Postgres, served, why_not

__all__ = ["office", "reader"]


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with Killer(tmp_path_factory.mktemp("runner")) as warm:
        yield warm


@pytest.fixture
def centre(tmp_path: Path, runner: Killer) -> Centre:
    return make_centre(tmp_path, runner)


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    if reason := why_not():
        pytest.skip(reason)
    with served() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path, runner: Killer) -> Centre:
    """The same centre on each kind of journal."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("server").fresh()
    return make_centre(tmp_path, runner, url)
