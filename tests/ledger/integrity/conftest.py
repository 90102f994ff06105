"""A home with a file of every kind, made once for each database, and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_worker.ledger.journal import Journal, open_journal
from tests.ledger.integrity.life import MONTH, Life, begin
from tests.support.here import Runner
from tests.support.once import build_once
from tests.support.postgres import Postgres
from tests.support.s3 import S3, Bucket, served

_OF_THE_DATABASE = ("test_guards.py", "test_approvals.py")  # what SQLite and PostgreSQL do in ways of their own


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The same proof on PostgreSQL is slow, where the database does nothing of its own in it."""
    for item in items:
        ours = item.path.parent == Path(__file__).parent and item.path.name not in _OF_THE_DATABASE
        if ours and "[postgresql" in item.name:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def begun_here(tmp_path_factory: pytest.TempPathFactory, runner: Runner) -> Life:
    """With its journal in SQLite. Not to be changed."""
    folder = build_once(tmp_path_factory, "integrity", lambda folder: begin(folder, runner).home.parent)
    return Life(folder / "home", folder / "forms", runner)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def begun(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, runner: Runner) -> Life:
    """Not to be changed; `life` is a copy."""
    if request.param == "sqlite":
        found: Life = request.getfixturevalue("begun_here")
        return found
    server: Postgres = request.getfixturevalue("server")
    return begin(tmp_path_factory.mktemp(request.param), runner, server.fresh(), server)


@pytest.fixture(scope="session")
def booked(begun: Life, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The same with its ledger workbooks."""

    def make(folder: Path) -> Path:
        copy = begun.copy(folder / "home")
        assert copy.run("ledger", "books", MONTH).code == 0
        return copy.home

    if begun.server is None:
        return replace(begun, home=build_once(tmp_path_factory, "integrity-books", make))
    copy = begun.copy(tmp_path_factory.mktemp("booked") / "home")
    assert copy.run("ledger", "books", MONTH).code == 0
    return copy


@pytest.fixture
def life(begun: Life, tmp_path: Path) -> Life:
    return begun.copy(tmp_path / "home")


@pytest.fixture(scope="session")
def storages() -> Iterator[S3]:
    """A server that no test stops."""
    with served() as running:
        yield running


@pytest.fixture
def bucket(storages: S3) -> Bucket:
    return storages.bucket()


@pytest.fixture
def journal(life: Life) -> Iterator[Journal]:
    """The home's journal, opened beside the commands."""
    opened = open_journal(life.journal)
    yield opened
    opened.database.dispose()
