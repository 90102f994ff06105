"""One PostgreSQL for all tests that leave it alone, a server of its own for those that crash it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres import Postgres, served, why_not


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that the test may crash."""
    if reason := why_not():
        pytest.skip(reason)
    with served() as running:
        yield running


@pytest.fixture
def url(server: Postgres) -> str:
    """An empty database's."""
    return server.fresh()
