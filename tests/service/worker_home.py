"""A test's home: what lies in it, the town's letters, and what its journal says."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import ALMATY, Clock
from inbox_worker.demo import Story
from inbox_worker.ledger.journal import open_journal
from inbox_worker.service.worker import Worker
from inbox_worker.settings.home import Home, load_home
from tests.support.lent import lent

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
            with journal.database.engine.connect() as connection:
                count = connection.exec_driver_sql("select count(*) from arrivals").scalar_one()
            return [journal.arrivals.get(number) for number in range(3, count + 1)]
        finally:
            journal.database.dispose()

    def outcomes(self) -> list[tuple[str, str, str]]:
        """Number, name and outcome of each arrival."""
        return [(a.id, a.source, a.outcome.value if a.outcome else "") for a in self.arrivals()]

    def break_bytes(self, data: bytes) -> None:
        """A fault of ours that these bytes alone meet: the archive does not give them back."""
        self._archived(data).mkdir(parents=True)

    def mend_bytes(self, data: bytes) -> None:
        self._archived(data).rmdir()
        self._archived(data).write_bytes(data)

    def _archived(self, data: bytes) -> Path:
        return self.home.archive / f"{NOW:%Y}" / f"{NOW:%m}" / sha256(data)

    def block_archive(self) -> None:
        """A fault of ours: nothing can be stored."""
        self.home.archive.rename(self.home.path / "archive-away")
        self.home.archive.write_text("in the way")

    def mend_archive(self) -> None:
        self.home.archive.unlink()
        (self.home.path / "archive-away").rename(self.home.archive)

    def set(self, before: str, after: str) -> None:
        """Changes a line of config.yaml for a service that starts afterwards."""
        config = self.home.path / "config.yaml"
        text = config.read_text("utf-8")
        assert before in text
        config.write_text(text.replace(before, after), "utf-8")

    def fresh(self) -> Home:
        """The home as config.yaml says now."""
        return load_home(self.home.path)

    def once(self, now: datetime = NOW) -> None:
        with lent(), Worker(self.home) as worker:
            worker.once(now)


def under(folder: Path) -> list[str]:
    """Every file in a folder and below, by its path in it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


class Hands:
    """A clock moved by the test: the time of day and the time passed, apart or together."""

    def __init__(self) -> None:
        self.time, self.ticks = NOW, 1000.0
        self.clock = Clock(lambda: self.time, lambda: self.ticks)

    def later(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.ticks += seconds
