"""A desk with two customers, and a mail server of our own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.outbox.desk import Desk, load_registers
from tests.outbox.post import Counter, Post
from tests.support.fixtures import copies_of
from tests.support.mail_sink import Sink
from tests.support.office import TownOffice

office = copies_of(load_registers)


@pytest.fixture
def desk(office: TownOffice) -> Desk:
    return Desk(office)


@pytest.fixture
def counter() -> Iterator[Counter]:
    with Counter() as open_counter:
        yield open_counter


@pytest.fixture
def post(desk: Desk, counter: Counter) -> Post:
    return Post(desk, counter.port)


@pytest.fixture(scope="module")
def sink() -> Sink:
    return Sink()
