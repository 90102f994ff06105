"""The disk fills up at any moment of review and delivery: nothing is lost, it is said plainly, and with room the same
command goes on to the same end (1, 10.12). The disk is a real one: a small tmpfs.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.faults.killer import Ran
from tests.outbox.papers_home import MONTH, TO_ACCOUNTS, give, listed, make_home, rows, state_of
from tests.support.here import Runner
from tests.support.mail_sink import Server, Sink

pytestmark = pytest.mark.slow
SIZE = 8 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")
MOST_PAGES = 120


class Disk:
    """A small disk of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, pages: int) -> None:
        """Leaves so many free pages. A command that failed in this process has its journal open until it is collected,
        and what is open takes room."""
        gc.collect()
        free = os.statvfs(self.folder).f_bavail
        assert free > pages
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, (free - pages) * PAGE)

    def make_room(self) -> None:
        self._filler.unlink()


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    folder = tmp_path_factory.mktemp("disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here ({mounted.stderr.decode().strip()}): needs root")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # a reading process may not have left it yet


@pytest.fixture(scope="module")
def pending(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Path:
    """Real documents of a Customer to review; they go into the exchange folder."""
    return make_home(tmp_path_factory.mktemp("full") / "home", reader, ["turnover", "payments", "debtors"])


@pytest.fixture(scope="module")
def approved(pending: Path, runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = shutil.copytree(pending, tmp_path_factory.mktemp("approved") / "home")
    give(runner, home, "outbox", "approve", "--all")
    return home


def plainly(ran: Ran) -> None:
    """Exit code 1 and one line that names the full disk and its mend; no traceback, nothing that looks like success."""
    assert ran.code == 1, ran
    assert ran.err.startswith("inbox-worker: ") and "Traceback" not in ran.err, ran.err
    assert re.search("no space left|disk is full", ran.err, re.IGNORECASE), ran.err
    assert "make room" in ran.err, ran.err


def documents(home: Path) -> list[str]:
    """Every document of the outbox, wherever it lies, by name."""
    lying = [path for path in (home / "outbox").rglob("*") if path.is_file()]
    return sorted(path.name for path in lying if path.name != "manifest.json" and not path.name.endswith(".tmp"))


@pytest.mark.parametrize("command", ["approve", "send"])
def test_the_outbox_on_a_full_disk(
    command: str, pending: Path, approved: Path, runner: Runner, disk: Disk, tmp_path: Path
) -> None:
    before = pending if command == "approve" else approved
    arguments = ("outbox", command, "--all")
    whole = shutil.copytree(before, tmp_path / "whole")
    give(runner, whole, *arguments)
    listed(runner, whole)
    after, names = state_of(whole), documents(before)
    refused = 0
    for pages in range(0, MOST_PAGES, 2):
        home = shutil.copytree(before, disk.folder / "home")
        disk.fill(pages)
        ran = runner.run(*arguments, "--home", home)
        assert documents(home) == names, (pages, ran)
        if ran.code:
            plainly(ran)
            refused += 1
        disk.make_room()
        give(runner, home, *arguments)
        assert listed(runner, home)["problems"] == [], pages
        assert state_of(home) == after, pages
        assert not list(home.rglob("*.tmp")), pages
        shutil.rmtree(home)
        if refused > 3 and not ran.code:  # room for once: what a process had still open was let go
            break
    assert refused > 3 and not ran.code, "every stage met the full disk, and at last there was room enough"


def test_bills_on_a_full_disk(reader: CellReader, runner: Runner, disk: Disk, sink: Sink, tmp_path: Path) -> None:
    """A letter that could not be kept is not sent; one that the server took is never sent again."""
    command, addresses = ("bills", "send", MONTH), sorted(one for some in TO_ACCOUNTS.values() for one in some)
    with Server(sink) as server:
        before = make_home(tmp_path / "before", reader, ["bills"], smtp=server.port)
        give(runner, before, "outbox", "approve", "--all")
        refused = 0
        for pages in range(0, MOST_PAGES, 2):
            sink.letters.clear()
            home = shutil.copytree(before, disk.folder / "home")
            disk.fill(pages)
            ran = runner.run(*command, "--home", home)
            if ran.code:
                plainly(ran)
                refused += 1
            disk.make_room()
            for again in (command, ("once",), command):
                give(runner, home, *again)
            taken = sorted(got.recipients[0] for got in sink.letters)
            states = rows(home, "select recipient, state from deliveries order by recipient")
            assert sorted(row["recipient"] for row in states) == addresses, pages
            doubtful = [row["recipient"] for row in states if row["state"] == "uncertain"]
            assert {row["state"] for row in states} <= {"sent", "uncertain"}, (pages, states)
            assert len(taken) == len(set(taken)) and {*taken, *doubtful} == set(addresses), (pages, taken, doubtful)
            codes = [problem["code"] for problem in bills_problems(runner, home)]
            assert codes.count("outbox.letter_uncertain") == len(doubtful), (pages, codes)
            shutil.rmtree(home)
            if refused > 3 and not ran.code:  # as above
                break
        assert refused > 3 and not ran.code


def bills_problems(runner: Runner, home: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(give(runner, home, "bills", "send", MONTH, "--json").out)["problems"]
    return found
