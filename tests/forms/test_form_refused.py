"""Files that are no form: each gets its own finding, none an exception (4.1.15, 4.3.2)."""

from __future__ import annotations

import io
import os
import signal
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from form_books import READINGS, head, told, xlsx

from inbox_worker.core.model import FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.preflight import Unreadable, unzip
from inbox_worker.workbooks.sniff import Kind, is_workbook_candidate, sniff

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = OLE + b"\0" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4000
GOOD = [*head("meter_readings"), READINGS, ["10020030", "ХВС", "С-1", 120, 127.5, "20.08.2026"]]


def far_corner() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "Форма", 1
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


def rezipped(data: bytes, change: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**members, **change})


def bomb() -> bytes:
    sheet = b'<?xml version="1.0"?><worksheet><sheetData>' + b" " * 60_000_000 + b"</sheetData></worksheet>"
    return rezipped(xlsx(GOOD), {"xl/worksheets/sheet1.xml": sheet})


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.xlsx", "workbook.empty"),
        (b"\0" * 500, "a.xlsx", "workbook.empty"),
        (ENCRYPTED, "a.xlsx", "workbook.encrypted"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 90, "a.xlsx", "workbook.picture"),
        (b"%PDF-1.7\n" + b"\xe2\xe3" * 40, "a.xlsx", "workbook.pdf"),
        (b"PK\x03\x04 no zip after all", "a.xlsx", "workbook.not_a_workbook"),
        (zipped({"a.txt": b"x"}), "a.xlsx", "workbook.not_a_workbook"),
        (b"<html><body><table><tr><td>1</td></tr></table>", "a.xls", "workbook.web_page"),
        ('\ufeff<?xml version="1.0"?>\n<Workbook xmlns="urn">'.encode(), "a.xls", "workbook.web_page"),
        (
            rezipped(xlsx(GOOD), {"xl/worksheets/sheet1.xml": b"<worksheet><"}),
            "a.xlsx",
            "workbook.unreadable",
        ),
        (OLE + b"\0" * 600 + "Workbook".encode("utf-16-le") + b"\0" * 900, "a.xls", "workbook.unreadable"),
        (xlsx([]), "a.xlsx", "workbook.no_cells"),
        (xlsx([["Привет"], ["Как дела", 5]]), "a.xlsx", "form.unknown"),
        (None, "a.xlsx", "workbook.too_large"),  # the bomb: only who runs this makes it
    ],
)
def test_refused_with_its_own_finding(refuse, data: bytes | None, name: str, code: str) -> None:
    finding = refuse(bomb() if data is None else data, name)
    assert (finding.code, finding.value) == (code, name)


def test_far_corner_of_a_small_file_is_refused_before_it_is_parsed(refuse) -> None:
    """4.3.2: 5 KB that ask for 512 GiB: the finding names the cell."""
    data = far_corner()
    assert len(data) < 6000
    finding = refuse(data, "a.xlsx")
    assert (finding.code, finding.sheet, finding.cell) == ("workbook.too_large", "Sheet", "XFD1048576")


def test_child_that_dies_gives_a_finding_and_is_replaced(rules) -> None:
    """The far corner aborts a reading process that no limit keeps from it; the next file is read all the same."""
    wide = rules.limits.model_copy(update={"rows": 2**31, "columns": 2**15, "cells": 2**60})
    with CellReader(wide) as reader:
        reader.read(xlsx(GOOD), "xlsx")
        before = reader.pid
        with pytest.raises(Unreadable) as caught:
            reader.read(far_corner(), "xlsx")
        assert caught.value.finding.code == "workbook.unreadable"
        assert isinstance(read_form(xlsx(GOOD), "b.xlsx", rules, reader), FormTable)
        assert reader.pid != before


def _reaching(cell: str) -> bytes:
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData></worksheet>'
    ).encode()


def test_memory_of_the_child_is_limited(rules) -> None:
    """A file that needs more memory than `read_memory` ends the child, not us."""
    tight = rules.limits.model_copy(update={"read_memory": 50_000_000, "cells": 10**12, "rows": 10**6})
    with CellReader(tight) as cells:
        with pytest.raises(Unreadable) as caught:
            cells.read(rezipped(far_corner(), {"xl/worksheets/sheet1.xml": _reaching("CV900000")}), "xlsx")
        assert caught.value.finding.code in ("workbook.too_large", "workbook.unreadable")
        assert cells.read(xlsx([["a"]]), "xlsx").sheets[0].height == 1


def test_killed_child_is_replaced_unseen(rules, reader) -> None:
    """Somebody else's kill says nothing about the file: it is read by the next child."""
    reader.read(xlsx(GOOD), "xlsx")
    os.kill(reader.pid, signal.SIGKILL)
    assert isinstance(read_form(xlsx(GOOD), "a.xlsx", rules, reader), FormTable)


def test_slow_file_is_given_up(rules) -> None:
    rows = [[f"{r}-{c}" for c in range(20)] for r in range(20_000)]
    with CellReader(rules.limits.model_copy(update={"file_seconds": 0.02, "answer_seconds": 0.0})) as cells:
        started = time.monotonic()
        with pytest.raises(Unreadable) as caught:
            cells.read("\n".join(";".join(row) for row in rows).encode(), "csv")
        assert caught.value.finding.code == "workbook.too_slow"
        assert time.monotonic() - started < 10


def test_child_is_renewed_after_its_share_of_files(rules) -> None:
    with CellReader(rules.limits.model_copy(update={"files_per_reader": 2})) as cells:
        pids = []
        for _ in range(3):
            cells.read(b"a;b\n1;2\n", "csv")
            pids.append(cells.pid)
        assert pids[0] == pids[1] != pids[2]


def test_child_has_no_secrets_and_no_open_files(rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOX_WORKER_PASSWORD", "кот")
    with CellReader(rules.limits) as cells:
        cells.read(b"a;b\n1;2\n", "csv")
        environment = Path(f"/proc/{cells.pid}/environ").read_bytes()
        limits = Path(f"/proc/{cells.pid}/limits").read_text()
    assert b"INBOX_WORKER" not in environment
    assert [line.split()[4] for line in limits.splitlines() if line.startswith("Max core file")] == ["0"]


def test_wide_table_in_csv_is_too_large(refuse) -> None:
    assert refuse((";1" * 300 + "\n1\n").encode(), "a.csv").code == "workbook.too_large"


def test_a_form_under_a_lying_name_is_read(read) -> None:
    """Decided by bytes: an xlsx named .xls is an xlsx."""
    assert read(xlsx(GOOD), "форма.xls").form == "meter_readings"


def test_what_is_a_candidate_and_what_a_document() -> None:
    assert is_workbook_candidate(xlsx(GOOD), "протокол.pdf")
    assert is_workbook_candidate(b"garbage\0", "форма.xlsx")
    assert is_workbook_candidate(ENCRYPTED, "форма.xlsx")
    assert is_workbook_candidate(b"", "форма.xls")
    assert not is_workbook_candidate(ENCRYPTED, "акт.docx")
    assert not is_workbook_candidate(b"%PDF-1.7", "протокол.pdf")
    assert not is_workbook_candidate(b"\xff\xd8\xff\xe0", "скан.jpg")
    assert not is_workbook_candidate(zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "акт.docx")
    assert not is_workbook_candidate("Здравствуйте, высылаем форму.\nС уважением, Иванов\n".encode(), "письмо.txt")
    assert sniff(zipped({"a.xlsx": xlsx(GOOD)}), "формы.zip") == Kind.ZIP


def test_zip_is_opened_one_level_and_names_are_only_shown(rules) -> None:
    inner = zipped({"b.xlsx": b"x"})
    found = unzip(zipped({"../../etc/форма.xlsx": b"1", "__MACOSX/x": b"2", "в/г.zip": inner}), rules.limits)
    assert [(a.name, a.data) for a in found] == [("форма.xlsx", b"1"), ("г.zip", inner)]


def test_zip_past_the_limits_is_refused(rules) -> None:
    many = zipped({f"{n}.xlsx": b"" for n in range(rules.limits.zip_members + 1)})
    for data in (many, zipped({"a": b"\0" * 60_000_000})):
        with pytest.raises(Unreadable) as caught:
            unzip(data, rules.limits)
        assert caught.value.finding.code == "archive.too_large"
    with pytest.raises(Unreadable) as broken:
        unzip(b"PK\x03\x04broken", rules.limits)
    assert broken.value.finding.code == "archive.unreadable"


def test_macros_are_told_and_never_run(read) -> None:
    data = rezipped(xlsx(GOOD), {"xl/vbaProject.bin": b"x"})
    assert told(read(data, "форма.xlsm")) == [("workbook.macros", "", "")]


@pytest.mark.parametrize(("code", "written"), [("ascii", "form.letters_lost"), ("utf-8", "form.unknown")])
def test_a_text_file_whose_letters_are_lost_is_told_so(refuse, code: str, written: str) -> None:
    """LibreOffice and scripts write question marks where the code of the file has no letters."""
    text = "Адрес;Жилец;Сумма долга\nАбая, 10;Петров;100\n"
    assert refuse(text.encode(code, "replace"), "форма.csv").code == written


def test_two_of_five_columns_make_no_form_and_three_do(read, rules, reader) -> None:
    """Without a code a table is a form when most of what is required is there; then the rest is asked for."""
    found = read_form(xlsx([["За месяц", "Основание"], ["07.2026", "акт"]]), "a.xlsx", rules, reader)
    assert [finding.code for finding in found] == ["form.unknown", "form.similar"]
    table = read(xlsx([["Лицевой счёт", "За месяц", "Основание"], ["10020030", "07.2026", "акт"]]))
    assert table.form == "recalculations" and {code for code, *_ in told(table)} == {"column.missing"}
