"""A home with a file of every kind, made once for each database, and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.killer import Killer
from tests.ledger.integrity.life import Life, begin
from tests.support.fixtures import reader, runner, server
from tests.support.postgres import Postgres

__all__ = ["reader", "runner", "server"]


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
