"""4.3.2: who sent something instead of a form hears what to send; beside a form it is a document, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_formats import DBF, OTHERS
from writers import by_xlsxwriter, rows_of

from inbox_worker.deciding.preview import preview
from inbox_worker.receiving.store import Incoming
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import BINS, Answer, TownOffice, customer, email_of, line, moment
from tests.support.papers import File, letter

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path_factory.mktemp("lone") / "home", reader) as office:
        office.load_customers(customer("A", utilities=True))
        office.load_directory(line("A", account="1001", service="cold_water", base="счётчик", meter="М1", reading="1"))
        yield office


def sent(town: TownOffice, *files: File) -> Answer:
    names = "-".join(str(len(file.data)) for file in files)
    raw = letter(email_of("A"), list(files), f"<{names}@a>", "", "", {})
    return town._answer(town._pipeline.ingest(Incoming(raw, "a.eml", "bigoperators", moment("2026-08-20"))))


def form(town: TownOffice, reading: float) -> File:
    rows = rows_of(town.office.rules.forms["meter_readings"])[:6]
    rows[2][1], rows[5] = BINS["A"], ["1001", "Холодная вода", "М1", None, reading, "20.08.2026"]
    return File("форма.xlsx", by_xlsxwriter(rows))


LONE = {
    "workbook.pdf": File("форма.pdf", PDF),
    "workbook.message": File("письмо.msg", OTHERS["a.msg.xls"][0]),
    "workbook.picture": File("форма.jpg", OTHERS["снимок.xlsx"][0]),
    "workbook.words": File("форма.doc", OTHERS["таблица.xls"][0]),
    "workbook.web_page": File("форма.htm", b"<html><table><tr><td>1</td></tr></table></html>"),
    "workbook.not_a_workbook": File("форма.tar", b"form" + b"\1" * 600),
}


@pytest.mark.parametrize("code", LONE)
def test_file_alone_that_is_no_form_is_told_what_to_send(town: TownOffice, code: str) -> None:
    """4.1.15: each file is named with what it is; a person looks at the letter, so nothing is an error."""
    answer = sent(town, LONE[code])
    assert (answer.outcome, answer.codes) == ("held", [code, "message.without_form", "task.letter"])
    told = answer.finding(code)
    assert (told["value"], told["severity"]) == (LONE[code].name, "info")


def test_dry_run_says_of_a_letter_without_a_form_what_its_decision_says(town: TownOffice) -> None:
    raw = letter(email_of("A"), [LONE["workbook.words"]], "<dry@a>", "", "", {})
    seen = preview(town._pipeline.forms, Incoming(raw, "a.eml", "bigoperators", moment("2026-08-20")))
    codes = sorted(finding.code for finding in seen.findings)
    assert codes == ["message.without_form", "task.letter", "workbook.words"]


@pytest.mark.parametrize("code", ["workbook.words", "workbook.web_page", "workbook.message", "workbook.not_a_workbook"])
def test_file_beside_a_form_that_may_hold_figures_is_told_as_no_form(town: TownOffice, code: str) -> None:
    """4.3.2: whoever sends readings as a document of Word beside a form hears that no figure of it counts."""
    answer = sent(town, form(town, 20 + len(code)), LONE[code])
    assert (answer.outcome, "attachment.not_a_form" in answer.codes) == ("accepted", True)
    assert answer.finding("attachment.not_a_form")["value"] == LONE[code].name


def test_table_of_another_program_alone_is_rejected(town: TownOffice) -> None:
    answer = sent(town, File("форма.dbf", DBF))
    assert (answer.outcome, answer.codes) == ("rejected", ["workbook.dbf"])


def test_beside_a_form_such_files_keep_nothing_from_posting(town: TownOffice) -> None:
    trace = File("~$форма.xlsx", OTHERS["~$форма.xlsx"][0])
    answer = sent(town, form(town, 5), trace, File("опись.dbf", DBF), File("скан.pdf", PDF))
    assert answer.outcome == "accepted"
    assert set(answer.codes) - {"row.replaced"} == {"workbook.lock_file", "attachment.not_a_form"}
    [submission] = answer.submissions
    assert submission["rows_posted"] == 1
