"""The format of a close's files has a version: older ones are read, newer ones are refused in a line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.ledger.closes import CLOSE_FORMAT
from inbox_worker.month.frozen import FrozenClose, NewerFormat
from inbox_worker.month.months import find_close
from inbox_worker.month.verify import verify
from tests.support.office import TownOffice, customer, line

MONTH = Period.parse("2026-09")


@pytest.fixture
def closed(office: TownOffice) -> TownOffice:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", area="40.5", tariff="12.5"))
    office.close(str(MONTH))
    return office


def test_a_close_says_the_format_of_each_of_its_files(closed: TownOffice) -> None:
    close = find_close(closed.office, MONTH)
    assert close.formats == dict.fromkeys(close.files, CLOSE_FORMAT) and "lines" in close.formats


def test_the_files_of_closes_are_told_in_one_order(closed: TownOffice) -> None:
    """Workbooks show them so: a database gives rows in any."""
    [files] = closed.office.journal.closes.files_of().values()
    assert list(files.then) == list(files.formats) == sorted(files.then) and len(files.then) > 4


def test_a_close_of_a_newer_program_is_refused_and_named(closed: TownOffice) -> None:
    """Not read as if it were ours: neither the next month, nor what is asked of this one."""
    _say_format(closed.folder, CLOSE_FORMAT + 1)
    with pytest.raises(NewerFormat, match="reads formats up to 1; use the inbox-worker that closed the month") as told:
        closed.close("2026-10")
    assert "\n" not in str(told.value) and "2026-09" in str(told.value)
    for deep in (False, True):
        assert [one.what for one in verify(closed.office.home, deep) if "format" in one.what] == [
            "has format 2, and this program reads formats up to 1"
        ]


def test_a_close_without_a_format_is_read(closed: TownOffice) -> None:
    """One that was made before formats had versions (the closes of tests/month/town.zip have none, too)."""
    found = find_close(closed.office, MONTH)
    earlier = FrozenClose(found.folder, found.sha256, found.files, dict.fromkeys(found.files, 0))
    assert earlier.file("lines") == found.file("lines") and earlier.problems() == []
    _say_format(closed.folder, 0)
    closed.close("2026-10")
    assert closed.lines("2026-10")


def _say_format(home: Path, number: int) -> None:
    """Write into the journal what a newer or an earlier program would have written; a guard forbids it to ours."""
    with sqlite3.connect(home / "ledger" / "journal.db") as journal:
        journal.execute("drop trigger close_files_not_changed")
        journal.execute("update close_files set format = ?", [number])
    journal.close()
