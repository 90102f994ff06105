"""A home with a file of every kind, made once for each database, and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.killer import Killer
from tests.ledger.integrity.life import Life, begin
from tests.support.fixtures import reader
from tests.support.postgres import Postgres, served, why_not

__all__ = ["reader"]


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with Killer(tmp_path_factory.mktemp("runner")) as warm:
        yield warm


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    if reason := why_not():
        pytest.skip(reason)
    with served() as running:
        yield running


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def begun(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, runner: Killer) -> Life:
    """Not to be changed; `life` is a copy."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        return begin(folder, runner)
    server: Postgres = request.getfixturevalue("server")
    return begin(folder, runner, server.fresh(), server)


@pytest.fixture
def life(begun: Life, tmp_path: Path) -> Life:
    return begun.copy(tmp_path / "home")
