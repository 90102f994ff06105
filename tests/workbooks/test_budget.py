"""4.1.15: a file has one budget of time for all that is done with its bytes, and two processes never hold 1 GiB."""

from __future__ import annotations

import io
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from making import members, xlsx, zipped
from odd_books import HEADER, PLAIN, TOP

from inbox_worker.forms.read import read_form
from inbox_worker.settings.rules import RulesError, load_rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.jail_protocol import LIST
from inbox_worker.workbooks.preflight import TimeBudget
from tests.support.office import BINS, ROOT, Answer, TownOffice, customer

LIMITS = load_rules(ROOT / "rules").limits
OUR_OWN = 6.0  # seconds for what is not the file's: starting processes, deciding, committing
SHEET = "xl/worksheets/sheet1.xml"
TOP_OF_A = [*TOP[:3], ["БИН заказчика", BINS["A"]], *TOP[4:]]


@contextmanager
def home_with(folder: Path, **limits: float) -> Iterator[TownOffice]:
    """An office whose own rules have other limits."""
    shutil.copytree(ROOT / "rules", folder / "rules")
    path = folder / "rules" / "limits.yaml"
    text = path.read_text("utf-8")
    for name, value in limits.items():
        text, count = re.subn(rf"(?m)^{name}: \S+", f"{name}: {value}", text)
        assert count == 1, name
    path.write_text(text, "utf-8")
    with CellReader(load_rules(folder / "rules").limits) as reader, TownOffice(folder, reader) as office:
        office.load_customers(customer("A", utilities=True))
        yield office


def taken_in(office: TownOffice, data: bytes) -> tuple[Answer, float]:
    """The answer and its seconds of processor, ended children's too; the clock counts other programs as well."""
    before = os.times()
    answer = office.hand_in_bytes(data, received="2026-08-20", mailbox="bigoperators")
    return answer, sum(os.times()[:4]) - sum(before[:4])


def answer_book(office: TownOffice, answer: Answer) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO((office.folder / answer.submissions[0]["answer"]).read_bytes()))


@pytest.mark.slow
def test_file_that_is_slow_to_read_is_given_up_and_answered_in_its_time(tmp_path: Path) -> None:
    slow = "".join(f"{n};Холодная вода;С-{n};1,5;{n},25;20.08.2026\n" for n in range(350_000))
    with home_with(tmp_path / "home", file_seconds=2.5, answer_seconds=2) as office:
        answer, seconds = taken_in(office, (";".join(HEADER) + "\n" + slow).encode())
        assert (answer.outcome, answer.codes) == ("rejected", ["workbook.too_slow"])
        assert "0.5" in answer.finding("workbook.too_slow")["message"]
        assert answer_book(office, answer).sheetnames == [LIST]
        assert seconds < 2.5 + OUR_OWN
        assert taken_in(office, xlsx([*TOP_OF_A, HEADER]))[0].codes == ["form.empty"], "the next file is read"


@pytest.mark.slow
def test_marking_gets_only_what_reading_has_left(tmp_path: Path) -> None:
    """A long form with wrong cells takes openpyxl far longer than its time: the list of findings goes back alone."""
    rows = [[f"{n}", "Холодная вода", f"С-{n}", 1.5, "много", "20.08.2026"] for n in range(25_000)]
    with home_with(tmp_path / "home", file_seconds=5, answer_seconds=2.5) as office:
        answer, seconds = taken_in(office, xlsx([*TOP_OF_A, HEADER, *rows]))
        assert answer.outcome == "rejected" and "value.not_a_number" in answer.codes
        assert answer_book(office, answer).sheetnames == [LIST]
        assert seconds < 5 + OUR_OWN
        short = taken_in(office, xlsx([*TOP_OF_A, HEADER, *rows[:3]]))[0]
        assert answer_book(office, short).sheetnames == ["Sheet1", LIST]


def with_sheet(inside: bytes) -> bytes:
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return zipped({**members(xlsx(PLAIN)), SHEET: head + inside})


def with_part(name: str, inside: bytes) -> bytes:
    return zipped({**members(xlsx(PLAIN)), name: inside})


MANY = 2_000_000
HOSTILE: dict[str, Callable[[], bytes]] = {
    "tags that never end": lambda: with_sheet(b't="e"<c ' * MANY),
    "error cells that never end": lambda: with_sheet(b'<c t="e">' * MANY),
    "an attribute for ever": lambda: with_sheet(b"<c " + b't="e" ' * MANY),
    "formulas that never end": lambda: with_sheet(b"<c r='A1'><f" * MANY),
    "hidden rows that never end": lambda: with_sheet(b"<row " + b'hidden="1" ' * (MANY // 2)),
    "hidden rows past counting": lambda: with_sheet(b'<row r="1" hidden="1">' * (MANY // 2)),
    "columns hidden again and again": lambda: with_sheet(b'<col min="1" max="16384" hidden="1"/>' * (MANY // 4)),
    "a cell with an endless address": lambda: with_sheet(b'<c s="1" r="' + b"A" * MANY + b'1" t="e"><v>#</v></c>'),
    "a row of endless digits": lambda: with_sheet(b'<c s="1" r="A' + b"1" * MANY + b'" t="e"><v>#</v></c>'),
    "sheets that never end": lambda: with_part("xl/workbook.xml", b"<sheet " * (MANY // 2)),
    "a sheet with an endless name": lambda: with_part("xl/workbook.xml", b"<sheet " + b"a" * MANY + b">"),
    "a list of sheets past any size": lambda: with_part("xl/workbook.xml", b" " * 9_000_000),
    "relations that never end": lambda: with_part("xl/_rels/workbook.xml.rels", b"<Relationship " * (MANY // 4)),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownOffice]:
    with home_with(tmp_path_factory.mktemp("hostile") / "home", file_seconds=6, answer_seconds=3) as office:
        yield office


@pytest.mark.quick(
    "tags that never end",
    "formulas that never end",
    "hidden rows past counting",
    "sheets that never end",
    "relations that never end",
)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_their_time_and_post_nothing(town: TownOffice, name: str) -> None:
    """Each of them once kept the program itself, not its child, busy or full for minutes."""
    answer, seconds = taken_in(town, HOSTILE[name]())
    assert answer.outcome == "rejected" and answer.codes
    assert {code.split(".")[0] for code in answer.codes} == {"workbook"}
    assert seconds < 6 + OUR_OWN
    assert town.facts("meter_readings") == []


@pytest.mark.parametrize("text", ["9" * 30_000, "1" + " " * 30_000 + "1", "1," + "0" * 30_000, "(" * 30_000])
def test_endless_texts_where_numbers_stand_are_findings(town: TownOffice, text: str) -> None:
    rows = [["1001", "Холодная вода", "С-1", 1, text, "20.08.2026"]]
    answer, seconds = taken_in(town, xlsx([*TOP_OF_A, HEADER, *rows]))
    assert answer.outcome == "rejected" and answer.codes[0].startswith(("value.", "account."))
    assert seconds < 6 + OUR_OWN


def test_looking_through_a_sheet_stops_when_the_time_is_up() -> None:
    data = with_sheet(b'<row r="1"><c r="A1"><f>1</f><v>1</v></c></row>' * 400_000)
    hurried = LIMITS.model_copy(update={"file_seconds": 0.2, "answer_seconds": 0.0})
    with CellReader(hurried) as reader:
        found = read_form(data, "a.xlsx", replace(load_rules(ROOT / "rules"), limits=hurried), reader)
    assert isinstance(found, tuple) and [finding.code for finding in found] == ["workbook.too_slow"]


def test_the_watch_stands_between_steps() -> None:
    """Another file's turn, or a decision on a million rows, is not this file's reading."""
    watch = TimeBudget()
    with watch:
        time.sleep(0.02)
    spent = watch.spent
    time.sleep(0.02)
    assert 0.02 <= spent == watch.spent
    assert watch.seconds_left(LIMITS) == LIMITS.reading_seconds - spent


def test_the_list_has_its_share_of_the_budget(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="answer_seconds"), home_with(tmp_path, file_seconds=3, answer_seconds=3):
        pass


def test_processes_give_their_memory_back_and_stay_below_one_gib_together(reader: CellReader) -> None:
    """One works while the other waits with `rest_memory` at most; 64 MiB: what a process holds when it starts."""
    assert LIMITS.read_memory + LIMITS.rest_memory + 64 * 2**20 <= 2**30
    reader.read(b"a;b\n1;2\n", "csv")
    assert reader.pid is not None, "a small file's process stays warm"
    with CellReader(LIMITS.model_copy(update={"rest_memory": 1_000_000})) as lean:
        assert lean.read(b"a;b\n1;2\n", "csv").sheets
        assert lean.pid is None
        assert lean.read(b"a;b\n1;2\n", "csv").sheets
