"""One PostgreSQL for all tests that leave it alone, a server of its own for those that crash it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.fixtures import reader
from tests.support.postgres import Postgres, served, why_not

__all__ = ["reader"]


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A server that no test stops."""
    yield from _running()


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that the test may crash."""
    yield from _running()


def _running() -> Iterator[Postgres]:
    if reason := why_not():
        pytest.skip(reason)
    with served() as running:
        yield running


@pytest.fixture
def url(server: Postgres) -> str:
    """An empty database's."""
    return server.fresh()
