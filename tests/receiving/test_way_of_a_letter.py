"""One letter from `ingest` to the committed fact file: the doors of docs/architecture.md, each once, in order."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

import pyarrow.parquet as pq
import pytest

from inbox_worker.cli.main import app
from inbox_worker.core.files import sha256
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import ROOT, TownOffice, bin_of, customer, email_of, line
from tests.support.papers import File, letter

PACKAGE = ROOT / "inbox_worker"
DOORS = (  # of "The way of one letter" in docs/architecture.md, with the number of its paragraph
    ("receiving/store.py", "read_incoming"),  # 1: raw bytes first,
    ("receiving/store.py", "write_raw"),  # into the archive,
    ("ledger/arrivals.py", "Arrivals.register"),  # then a row in the journal, which is the queue
    ("deciding/forms.py", "FormDecider.open"),  # 3: open,
    ("receiving/opening.py", "open_arrival"),  # 2
    ("deciding/forms.py", "FormDecider.read"),  # read,
    ("forms/read.py", "read_form"),
    ("workbooks/cells.py", "CellReader.read"),
    ("deciding/forms.py", "FormDecider.decide"),  # decide,
    ("deciding/identify.py", "identify"),  # 4
    ("deciding/decide.py", "decide"),
    ("deciding/forms.py", "FormDecider.commit"),  # commit
    ("deciding/post.py", "post"),
    ("ledger/facts.py", "write_facts"),  # 5: the facts first, then the transaction that names them
    ("ledger/submissions.py", "Submissions.record"),
)
BELOW_A_LETTER = {"deciding", "receiving", "month", "forms", "ledger", "workbooks", "settings", "core"}


@contextmanager
def calls() -> Iterator[list[tuple[str, str]]]:
    """Every call into a function of the program, as its file and its name."""
    found: list[tuple[str, str]] = []
    known: dict[CodeType, tuple[str, str] | None] = {}

    def entered(frame: FrameType, what: str, _: object) -> None:
        if what != "call":
            return
        code = frame.f_code
        if code not in known:
            path = Path(code.co_filename)
            ours = path.is_relative_to(PACKAGE) and not code.co_name.startswith("<")
            known[code] = (path.relative_to(PACKAGE).as_posix(), code.co_qualname) if ours else None
        if door := known[code]:
            found.append(door)

    before = sys.getprofile()
    sys.setprofile(entered)
    try:
        yield found
    finally:
        sys.setprofile(before)


@pytest.fixture
def home(tmp_path: Path, reader: CellReader) -> Path:
    """A home with a Customer, and a letter of hers beside it."""
    with TownOffice(tmp_path / "home", reader) as office:
        office.load_customers(customer("A"))
        office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
        row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-100.50"}
        book = office.form("recalculations", [row])
    (tmp_path / "form.xlsx").write_bytes(book)
    (tmp_path / "letter.eml").write_bytes(letter(email_of("A"), [File("form.xlsx", book)], "<1@a.example>", "", "", {}))
    return tmp_path / "home"


def ingested(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The calls of `inbox-worker ingest letter.eml`."""
    monkeypatch.setenv("INBOX_WORKER_HOME", str(home))
    command = ["ingest", str(home.parent / "letter.eml"), "--mailbox", "korrektirovki", "--json"]
    with calls() as made:
        app([*command, "--received-at", "2026-08-20"], standalone_mode=False)
    return made


def test_a_letter_passes_every_door_once_in_the_order_of_the_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ingested(home, monkeypatch)
    assert [door for door in made if door in DOORS] == list(DOORS)
    start, end = made.index(DOORS[0]), made.index(DOORS[-1])
    rooms = {file.split("/")[0] for file, _ in made[start:end]}
    assert rooms == BELOW_A_LETTER, "a letter is decided without the rooms above deciding"


def test_its_bytes_are_the_same_at_every_place(
    home: Path, reader: CellReader, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, book = ((home.parent / name).read_bytes() for name in ("letter.eml", "form.xlsx"))
    ingested(home, monkeypatch)
    (told,) = json.loads(capsys.readouterr().out)["arrivals"]
    with TownOffice.stored(home, reader) as office:
        journal, ledger = office.office.journal, office.office.home.ledger
        arrival = journal.arrivals.get(3)
        (submission,) = journal.submissions.of_arrival(arrival.number)
        (facts,) = journal.facts.files("recalculations")
    assert arrival.sha256 == sha256(raw) == Path(arrival.raw).name
    assert (home / "archive" / arrival.raw).read_bytes() == raw
    assert (told["arrival"], told["outcome"]) == (arrival.id, "accepted")
    assert (submission.id, submission.arrival, submission.sha256) == (f"{arrival.id}-1", arrival.number, sha256(book))
    assert (facts.submission, facts.customer, facts.sha256) == (
        submission.id, bin_of("A"), sha256((ledger / facts.path).read_bytes()),
    )  # fmt: skip
    (row,) = pq.read_table(ledger / facts.path).to_pylist()
    assert (row["submission"], row["customer"], str(row["amount"])) == (submission.id, bin_of("A"), "-100.50")
