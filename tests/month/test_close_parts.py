"""The close in parts, with little memory, with one thread: the same bytes, whatever the machine gives it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from bench.towns import AFTER, CLOSED, make_town
from inbox_worker.deciding.open_office import open_office
from inbox_worker.month.months import close_month, reopen_month
from inbox_worker.month.office import lock_for_writing
from inbox_worker.settings.home import Home, load_home

ACCOUNTS = 900  # x 10 services


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town") / "home"
    make_town(folder, ACCOUNTS)
    return folder


def closed(home: Home) -> str:
    """The close's hash; the month is open again afterwards."""
    with lock_for_writing(home), open_office(home) as office:
        close_month(office, CLOSED, AFTER)
        record = office.journal.closes.in_force(CLOSED)
        assert record is not None
        reopen_month(office, CLOSED, "ещё раз", AFTER)
    return record.sha256


def settings(folder: Path, **values: object) -> Home:
    """The home with other settings of the ledger."""
    file = folder / "config.yaml"
    text = file.read_text("utf-8")
    for name, value in values.items():
        text = re.sub(rf"(?m)^  {name}: \S+", f"  {name}: {value}", text)
    file.write_text(text, "utf-8")
    return load_home(folder)


@pytest.mark.parametrize(
    "ways", [((1, 10**9), (2, 700)), pytest.param(((1, 10**9), (2, 10**9), (1, 700)), marks=pytest.mark.slow)]
)
def test_parts_and_threads_change_no_byte(town: Path, ways: tuple[tuple[int, int], ...]) -> None:
    """One part or thirteen, one thread or two: one close, byte for byte (money.md: a pure function of the facts)."""
    found = {way: closed(settings(town, threads=way[0], rows_at_once=way[1])) for way in ways}
    assert len(set(found.values())) == 1, found


@pytest.mark.slow
def test_little_memory_spills_and_changes_no_byte(tmp_path: Path) -> None:
    """What does not fit is written beside the ledger and gone afterwards; the close is the same."""
    make_town(tmp_path / "home", 20_000)
    with Spilled(tmp_path / "home" / "ledger") as nothing:
        plenty = closed(settings(tmp_path / "home", memory='"4GB"', rows_at_once=10**9))
    assert not nothing.seen
    little = settings(tmp_path / "home", memory='"250MB"')
    with Spilled(little.ledger) as spilled:
        assert closed(little) == plenty
    assert spilled.seen, "the limit is not small enough to prove anything"
    assert not list(little.ledger.glob(".spill-*"))


class Spilled(FileSystemEventHandler):
    """Hears from the system whether the close makes its place for what does not fit, however short it stands."""

    def __init__(self, ledger: Path) -> None:
        self.seen = False
        self._observer = Observer()
        self._observer.schedule(self, str(ledger))

    def on_created(self, event: FileSystemEvent) -> None:
        self.seen |= Path(str(event.src_path)).name.startswith(".spill-")

    def __enter__(self) -> Spilled:
        self._observer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._observer.stop()
        self._observer.join()
