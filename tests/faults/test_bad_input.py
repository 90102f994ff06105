"""Bad input through the command (4.1.15): a named finding with cell, value, clause and remedy; nothing by halves."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inbox_worker.demo.sheets import odd_file
from inbox_worker.settings.rules import load_rules
from tests.faults.stations import Town, state_of
from tests.support.here import Runner
from tests.support.office import ROOT, bin_of
from tests.support.papers import File, letter, workbook

RULES = load_rules(ROOT / "rules")
LEDGER = ("fact_files", "facts", "customers", "months", "closes", "close bytes", "loose")


def _form(*rows: dict[str, object], change: Callable[[Any], object] = lambda sheet: None) -> bytes:
    """Customer A's recalculations; `change` spoils the sheet. Data begin in row 7: A account, B service, C month,
    D amount."""
    good: dict[str, object] = {"account": "1", "service": "maintenance", "past_month": "06.2026", "amount": "-1"}
    head = {"БИН заказчика": bin_of("A")}
    book = openpyxl.load_workbook(io.BytesIO(workbook(RULES.forms["recalculations"], [good, *rows], head, "bad")))
    change(book.active)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _unknown_form() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Меню", "Цена"])
    book.active.append(["Бешбармак", 2500])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _row(**values: object) -> dict[str, object]:
    return {"account": "1", "service": "maintenance", "past_month": "05.2026", "amount": "-1", **values}


def _readings(taken_on: str) -> bytes:
    row = {"account": "90", "service": "cold_water", "meter": "M", "current": "7", "taken_on": taken_on}
    return workbook(RULES.forms["meter_readings"], [row], {"БИН заказчика": bin_of("B")}, "bad")


def _no_amounts(sheet: Any) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == "Сумма":
                sheet.delete_cols(cell.column)
                return


BIG = 26_214_401  # one byte over 25 MB
BAD = {  # name: (bytes, code, cell, value, clause)
    "not a workbook": (b"%PDF-1.4 a scan of a form", "workbook.pdf", "", "form.xlsx", "4.1.15"),
    "encrypted": (odd_file("encrypted"), "workbook.encrypted", "", "form.xlsx", "4.1.15"),
    "empty": (b"", "workbook.empty", "", "form.xlsx", "4.1.15"),
    "30 MB": (b"PK\x03\x04" + b"\0" * 31_457_280, "message.too_large", "", "31457284", "4.3.2"),
    "one byte over 25 MB": (b"PK\x03\x04" + b"\0" * (BIG - 4), "message.too_large", "", str(BIG), "4.3.2"),
    "unknown form": (_unknown_form(), "form.unknown", "", "form.xlsx", "4.1.15"),
    "missing column": (_form(change=_no_amounts), "column.missing", "A6", "Сумма", "4.1.15"),
    "text in a number": (_form(_row(amount="много")), "value.not_a_number", "D8", "много", "4.1.15"),
    "31.02.2026": (_readings("31.02.2026"), "value.not_a_date", "F7", "31.02.2026", "4.1.15"),
    "a stranger's account": (_form(_row(account="90")), "account.foreign", "A8", "90", "4.3.1"),
    "an account of nobody": (_form(_row(account="777")), "account.unknown", "A8", "777", "4.3.1"),
}


@pytest.fixture
def home(town: Town, tmp_path: Path) -> Path:
    return shutil.copytree(town.with_directory, tmp_path / "home")


@pytest.mark.quick(0, 2)
@pytest.mark.parametrize("name", BAD)
def test_4_1_15_bad_input_is_named_and_nothing_is_posted(name: str, home: Path, killer: Runner, tmp_path: Path) -> None:
    data, code, cell, value, clause = BAD[name]
    file = tmp_path / "form.xlsx"
    file.write_bytes(data)
    before = state_of(home)
    arrival = _ingest(killer, home, file)
    assert arrival["outcome"] == "rejected"
    assert all(submission["outcome"] == "rejected" for submission in arrival["submissions"])
    assert all(submission["rows_posted"] == 0 for submission in arrival["submissions"])
    findings = [*arrival["findings"], *(f for s in arrival["submissions"] for f in s["findings"])]
    (found,) = [finding for finding in findings if finding["severity"] == "error"]
    told = re.sub(r"(?<=\d)\s(?=\d)", "", found["value"])  # 31 457 284
    assert (found["code"], found["cell"], told) == (code, cell, value)
    assert found["clause"] == clause
    for words in ("message", "message_kk", "remedy", "remedy_kk"):
        assert len(found[words]) > 15, words
        assert "{" not in found[words], "a place in the words was not filled in"
    assert found["message"] != found["message_kk"]
    _unchanged(before, state_of(home))


def test_6_2_7_a_strangers_letter_is_quarantined(home: Path, killer: Runner, tmp_path: Path) -> None:
    file = tmp_path / "stranger.eml"
    file.write_bytes(letter("who@stranger.example", [File("form.xlsx", _form())], "<s@s>", "", "", {}))
    before = state_of(home)
    arrival = _ingest(killer, home, file)
    assert arrival["outcome"] == "quarantined"
    assert [(f["code"], f["value"]) for f in arrival["findings"]] == [("sender.unknown", "who@stranger.example")]
    _unchanged(before, state_of(home))


def test_the_good_form_that_was_spoiled_is_accepted(home: Path, killer: Runner, tmp_path: Path) -> None:
    """Else the cases above would prove nothing."""
    file = tmp_path / "form.xlsx"
    file.write_bytes(_form(_row()))
    arrival = _ingest(killer, home, file)
    assert arrival["outcome"] == "accepted", arrival
    assert arrival["submissions"][0]["rows_posted"] == 2


def _ingest(killer: Runner, home: Path, file: Path) -> dict[str, Any]:
    options = ("--mailbox", "korrektirovki", "--received-at", "2026-08-20T10:00:00", "--json")
    ran = killer.run("ingest", file, *options, "--home", home)
    assert (ran.code, ran.err) == (0, "")
    (arrival,) = json.loads(ran.out)["arrivals"]
    return dict(arrival)


def _unchanged(before: dict[str, Any], after: dict[str, Any]) -> None:
    for part in LEDGER:
        assert after[part] == before[part], part
