"""Homes of earlier versions open and act as before: their figures, decisions, documents and numbers go on.

`home-2026-11.tar.xz` was written by the program of 27.11.2026 (journal 0016): two Customers of houses and one of water;
September closed; a recalculation held for documents, one deferred to November, one rejected; a payment in suspense, one
in October; acts in `pending`, lists of debtors in `approved`. A change of the program never makes it anew: what a later
version stores differently gets a home of its own beside it.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.core.model import Outcome
from inbox_worker.receiving.store import raw_of
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import TownOffice, bin_of
from tests.support.warm import run_warm

STORED = Path(__file__).with_name("home-2026-11.tar.xz")
SEPTEMBER = {  # account, Customer, service: opening, charged, recalculated, paid, closing
    ("1001", "A", "maintenance"): ("300.00", "2154.90", "-50.25", "1000.00", "1404.65"),
    ("1001", "B", "cold_water"): ("0.00", "1506.25", "0.00", "0.00", "1506.25"),
    ("1002", "A", "maintenance"): ("-500.00", "1584.00", "0.00", "700.00", "384.00"),
    ("1002", "B", "cold_water"): ("0.00", "0.00", "0.00", "0.00", "0.00"),
    ("1003", "C", "maintenance"): ("0.00", "2804.00", "0.00", "0.00", "2804.00"),
}
OCTOBER = {
    ("1001", "A", "maintenance"): ("1404.65", "2154.90", "75.00", "0.00", "3634.55"),
    ("1001", "B", "cold_water"): ("1506.25", "1506.25", "0.00", "0.00", "3012.50"),
    ("1002", "A", "maintenance"): ("384.00", "1584.00", "0.00", "0.00", "1968.00"),
    ("1002", "B", "cold_water"): ("0.00", "0.00", "0.00", "0.00", "0.00"),
    ("1003", "C", "maintenance"): ("2804.00", "2804.00", "0.00", "100.00", "5508.00"),
}
FIGURES = ("opening", "charged", "recalculated", "paid", "closing")


@pytest.fixture
def office(tmp_path: Path, reader: CellReader) -> Iterator[TownOffice]:
    with tarfile.open(STORED) as packed:
        packed.extractall(tmp_path, filter="data")
    with TownOffice.stored(tmp_path / "home", reader) as opened:
        yield opened


def figures(rows: dict[tuple[str, str, str], dict[str, Any]]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    names = {bin_of(name): name for name in "ABC"}
    return {
        (account, names[owner], service): tuple(str(row[name]) for name in FIGURES)
        for (account, owner, service), row in rows.items()
    }


def test_the_closed_month_has_its_figures_and_passes_the_check(office: TownOffice) -> None:
    assert figures(office.lines("2026-09")) == SEPTEMBER
    said = run(office, "check")
    assert said.returncode == 0, said.stdout + said.stderr


def test_a_held_form_is_released_and_the_next_month_closes(office: TownOffice) -> None:
    """The release counts in October (its form came by 25.09); water without a reading is estimated."""
    [released] = office.release("IW-000007-1", "бумага, 13.09.2026", "2026-09-14")
    assert (released.outcome, str(released.month)) == (Outcome.ACCEPTED, "2026-10")
    office.close("2026-10")
    assert figures(office.lines("2026-10")) == OCTOBER


def test_the_same_bytes_are_known_and_new_ones_get_the_next_number(office: TownOffice) -> None:
    first = office.office.journal.arrivals.get(5)
    letter = office.folder / "again.eml"
    letter.write_bytes(raw_of(office.office.home.archive, first))
    words = ["ingest", str(letter), "--mailbox", first.mailbox, "--received-at", "2026-10-20T10:00:00+05:00", "--json"]
    [again] = json.loads(run(office, *words).stdout)["arrivals"]
    assert (again["arrival"], again["outcome"]) == ("IW-000011", "duplicate")
    assert again["submissions"][0]["duplicate_of"] == "IW-000005-1"


def test_documents_in_the_outbox_are_known(office: TownOffice) -> None:
    """Nothing in the folders surprises: what waits for review waits, what was approved waits for delivery."""
    told = json.loads(run(office, "outbox", "list", "--json").stdout)
    assert told["problems"] == []
    states = sorted((document["kind"], document["state"]) for document in told["documents"])
    assert states == [("act", "pending")] * 6 + [("debtors", "approved")] * 3


def test_documents_that_an_earlier_version_rendered_need_no_act(office: TownOffice) -> None:
    """Acts name the bytes of what is rendered since the first of them; what waited before is told of by nobody."""
    made = run(office, "documents", "2026-09", "--kind", "turnover")
    assert made.returncode == 0, made.stdout + made.stderr
    told = run(office, "ledger", "verify")
    assert told.returncode == 0 and "no act says" not in told.stdout, told.stdout + told.stderr


def run(office: TownOffice, *words: str) -> subprocess.CompletedProcess[str]:
    return run_warm("--home", str(office.folder), *words)
