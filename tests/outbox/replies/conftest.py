"""An office that answers, a mail server to answer by, and customers whose letters are answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reply_office import AnsweringOffice, smtp

from inbox_worker.workbooks.cells import CellReader
from tests.support.mail_sink import Server, Sink, make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[Server]:
    with Server(sink) as listening:
        yield listening


@pytest.fixture
def answering(tmp_path: Path, reader: CellReader, server: Server) -> Iterator[AnsweringOffice]:
    with AnsweringOffice.at(tmp_path / "home", reader, smtp=smtp(server.port)) as opened:
        yield opened
