"""A home with a small town loaded, made once and copied for each test; forms of that town as real files."""

from __future__ import annotations

import email
import email.policy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from inbox_worker.calendar import ALMATY
from inbox_worker.config import Home, load_home
from inbox_worker.context import open_office, writing
from inbox_worker.demo import Story, build_town
from inbox_worker.form.workbook import CellReader
from inbox_worker.homes import make_home
from inbox_worker.ledger.journal import open_journal
from inbox_worker.model import Arrival
from inbox_worker.opening import LOAD
from inbox_worker.pipeline import Pipeline
from inbox_worker.rules import load_rules
from inbox_worker.takein import take_in
from inbox_worker.worker import Worker

NOW = datetime(2026, 8, 20, 12, 0, tzinfo=ALMATY)


@dataclass(frozen=True)
class Place:
    """A test's own home."""

    home: Home
    story: Story

    @property
    def corrections(self) -> Path:
        return self.home.inbox / "korrektirovki"

    @property
    def readings(self) -> Path:
        return self.home.inbox / "bigoperators"

    def letter(self, slug: str) -> Path:
        """A letter of the town's post."""
        return next(s.path for s in self.story.steps if s.path and slug in s.path.name)

    def workbook(self, slug: str) -> bytes:
        """The workbook in a letter of the town's post."""
        letter = email.message_from_bytes(self.letter(slug).read_bytes(), policy=email.policy.SMTP)
        data = next(letter.iter_attachments()).get_payload(decode=True)
        assert isinstance(data, bytes)
        return data

    def arrivals(self) -> list[Arrival]:
        """What came after the registers, in order of number."""
        journal = open_journal(self.home.journal_url)
        try:
            with journal.engine.connect() as connection:
                count = connection.exec_driver_sql("select count(*) from arrivals").scalar_one()
            return [journal.arrival(number) for number in range(3, count + 1)]
        finally:
            journal.dispose()

    def outcomes(self) -> list[tuple[str, str, str]]:
        """Number, name and outcome of each arrival."""
        return [(a.id, a.source, a.outcome.value if a.outcome else "") for a in self.arrivals()]

    def once(self, now: datetime = NOW) -> None:
        with Worker(self.home) as worker:
            worker.once(now)


def under(folder: Path) -> list[str]:
    """Every file in a folder and below, by its path in it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Story]:
    folder = tmp_path_factory.mktemp("worker")
    make_home(folder / "home")
    config = folder / "home" / "config.yaml"
    text = config.read_text("utf-8").replace("quiet_seconds: 2 ", "quiet_seconds: 0.2 ")
    config.write_text(text.replace("scan_seconds: 15 ", "scan_seconds: 0.5 "), "utf-8")
    home = load_home(folder / "home")
    assert (home.config.folders.quiet_seconds, home.config.folders.scan_seconds) == (0.2, 0.5)
    story = build_town(folder / "town", customers=20, accounts=300, rules=load_rules(home.rules))
    first = datetime(2026, 8, 1, 10, tzinfo=ALMATY)
    with writing(home), open_office(home) as office, CellReader(office.rules.limits) as reader:
        for register in story.registers:
            taken = take_in(Pipeline(office, reader), register, LOAD, first, "", first)
            assert taken.outcome is not None and taken.outcome.posted
    return folder / "home", story


@pytest.fixture
def place(loaded: tuple[Path, Story], tmp_path: Path) -> Iterator[Place]:
    shutil.copytree(loaded[0], tmp_path / "home")
    yield Place(load_home(tmp_path / "home"), loaded[1])
