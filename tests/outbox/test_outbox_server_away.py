"""A mail server that is away or silent: what was asked for has failed, is named, and goes when the server is back."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.outbox.papers_home import MONTH, give, listed, make_home
from tests.support.here import Runner
from tests.support.mail_sink import Server, Sink


@pytest.fixture(params=["away", "silent"])
def no_server(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port on which nobody listens, or somebody who never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=16)) as listening:
        port: int = listening.getsockname()[1]
        if request.param == "away":
            listening.close()
        yield port


def _home(folder: Path, reader: CellReader, runner: Runner, kind: str, port: int) -> Path:
    home = make_home(folder, reader, [kind], smtp=port)
    config = home / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("timeout: 5", "timeout: 0.3"), "utf-8")
    give(runner, home, "outbox", "approve", "--all")
    return home


@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("kind", "command"),
    [("turnover", ("outbox", "send", "--all")), ("bills", ("bills", "send", MONTH))],
    ids=["documents", "bills"],
)
def test_what_was_to_be_sent_and_was_not_is_a_failed_job(
    no_server: int, kind: str, command: tuple[str, ...], reader: CellReader, runner: Runner, tmp_path: Path
) -> None:
    """The second time, too, when nobody asks the server before its time."""
    home = _home(tmp_path / "home", reader, runner, kind, no_server)
    for _ in range(2):
        ran = give(runner, home, *command, "--json", code=1)
        assert "letters that wait for the mail server: " in ran.err.splitlines()[-1]
        problems = json.loads(ran.out)["problems"]
        assert problems and {problem["code"] for problem in problems} == {"outbox.letter_waits"}
        assert all(str(no_server) in problem["ru"] for problem in problems)
    config = home / "config.yaml"
    with Server(Sink()) as server:
        config.write_text(config.read_text("utf-8").replace(f"port: {no_server}", f"port: {server.port}"), "utf-8")
        give(runner, home, "deliveries", "--again", "--all")
        give(runner, home, *command)
        assert listed(runner, home)["problems"] == []


@pytest.mark.quick(0)
def test_the_service_says_once_that_letters_wait(
    no_server: int, reader: CellReader, runner: Runner, tmp_path: Path
) -> None:
    home = _home(tmp_path / "home", reader, runner, "turnover", no_server)
    first, second = (give(runner, home, "once") for _ in range(2))
    assert "letters wait" in first.err and str(no_server) in first.err
    assert "Traceback" not in first.err + second.err
