"""The answer to a form: the sender's own workbook, wrong cells marked, every finding listed (4.3.2)."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from making import members, opened, operated, saved, xls, xlsx, zipped
from odd_books import PLAIN
from openpyxl.styles.colors import Color
from openpyxl.worksheet.worksheet import Worksheet

from inbox_worker.core.model import Severity, WordedFinding
from inbox_worker.forms.marked import build_answer, is_wanted
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.jail_protocol import LIST
from tests.support.office import ROOT, TownOffice, customer, line

RULES = load_rules(ROOT / "rules")
WRONG = WordedFinding(
    "value.not_a_number", Severity.ERROR, "Sheet1", "E9", "=1+1", "Не число.", "Сан емес.", "Впишите число.",
    "Санды жазыңыз.", "4.1.15",
)  # fmt: skip
WARNED = replace(WRONG, severity=Severity.WARNING, cell="A10", code="account.zeros_restored", value="12")


def book_of(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def answer(data: bytes, reader: CellReader, *findings: WordedFinding, name: str = "форма.xlsx") -> bytes:
    return build_answer(data, name, findings or (WRONG,), "IW-000012-1", RULES, reader.marking).data


def said(sheet: Worksheet) -> list[str]:
    """What the list says, line by line."""
    return [str(row[3]) for row in sheet.iter_rows(values_only=True) if row[3]]


def test_wrong_cells_are_filled_and_commented_in_both_languages(reader: CellReader) -> None:
    sheet = book_of(answer(xlsx(PLAIN), reader, WRONG, WARNED))["Sheet1"]
    assert sheet["E9"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["A10"].fill.fgColor.rgb == "FFFFEB9C"
    assert sheet["E9"].comment.text.split("\n") == ["Не число.", "Впишите число.", "Сан емес.", "Санды жазыңыз."]
    assert [c.coordinate for row in sheet for c in row if c.comment] == ["E9", "A10"]


@pytest.mark.parametrize("colour", ["FFFFFFFF", "00ffff00", "FF00B0F0", Color(theme=0), Color(indexed=1)])
def test_a_pale_text_is_black_on_our_fill(colour: str | Color, reader: CellReader) -> None:
    """White letters on blue were white on our pale red; a dark colour, and all else of the letters, stays."""
    book = opened(xlsx(PLAIN))
    book.active["E9"].font = openpyxl.styles.Font(bold=True, sz=13, color=colour)
    book.active["A10"].font = openpyxl.styles.Font(italic=True, color="FF7A0000")
    sheet = book_of(answer(saved(book), reader, WRONG, WARNED))["Sheet1"]
    assert sheet["E9"].font.color is None and (sheet["E9"].font.b, sheet["E9"].font.sz) == (True, 13)
    assert sheet["A10"].font.color.rgb == "FF7A0000" and sheet["A10"].font.i


def test_several_findings_of_a_cell_stand_in_one_comment_and_the_worst_colours_it(reader: CellReader) -> None:
    cell = book_of(answer(xlsx(PLAIN), reader, replace(WARNED, cell="E9", message="Вдвое больше."), WRONG))["Sheet1"][
        "E9"
    ]
    assert "Вдвое больше." in cell.comment.text and "Не число." in cell.comment.text
    assert cell.fill.fgColor.rgb == "FFFFC7CE"


def test_the_list_has_place_value_reason_remedy_and_clause(reader: CellReader) -> None:
    sheet = book_of(answer(xlsx(PLAIN), reader, WRONG))[LIST]
    assert "IW-000012-1" in sheet["A1"].value
    *_, last = sheet.iter_rows(values_only=True)
    assert last == (
        "✖ Ошибка\nҚате", "E9", "=1+1", "Не число. Впишите число.  (4.1.15)\nСан емес. Санды жазыңыз.",
    )  # fmt: skip
    (link,) = [cell.hyperlink for row in sheet for cell in row if cell.hyperlink]
    assert link.location == "'Sheet1'!E9" and link.target is None
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")


def test_equal_findings_are_one_line_of_the_list_and_each_cell_is_marked(reader: CellReader) -> None:
    rows = [replace(WRONG, cell=f"E{row}", value=str(row)) for row in (8, 9, 10, 12)]
    book = book_of(answer(xlsx(PLAIN), reader, *rows))
    assert [line[1:3] for line in book[LIST].iter_rows(values_only=True)][-1] == ("E8–E10, E12", "8, 9, 10, 12")
    assert all(book["Sheet1"][f"E{row}"].comment for row in (8, 9, 10, 12))


def test_places_longer_than_their_column_stand_in_the_text_beside_a_short_link(reader: CellReader) -> None:
    """LibreOffice never wraps a link: it was cut there, and on paper."""
    rows = [replace(WRONG, cell=f"E{row}", value=str(row)) for row in range(8, 31, 2)]
    last = book_of(answer(xlsx(PLAIN), reader, *rows))[LIST]
    (link,) = [cell for row in last for cell in row if cell.hyperlink]
    assert (link.value, link.hyperlink.location) == ("E8, …", "'Sheet1'!E8")
    text = str(last.cell(link.row, 4).value)
    assert text.startswith("E8, E10, E12, E14, E16, E18, E20, E22, …: Не число.")


def test_a_row_is_as_high_as_its_text_of_its_size_needs(reader: CellReader) -> None:
    """Of 13 points fewer letters go on a line than of 9: the decision's second language was cut."""
    head = [Bilingual(ru="К" * 88, kk="Қ" * 80)]
    answered = build_answer(xlsx(PLAIN), "a.xlsx", (WRONG,), "IW-000012-1", RULES, reader.marking, head=head)
    sheet = book_of(answered.data)[LIST]
    assert sheet.row_dimensions[2].height >= 3 * 13 * 1.2


def test_senders_text_is_never_a_formula_or_a_link(reader: CellReader) -> None:
    evil = '=HYPERLINK("http://x.example","да")'
    data = answer(xlsx(PLAIN), reader, replace(WRONG, value=evil, message="@SUM(1)", sheet="=A1"), name="+cmd.xlsx")
    for sheet in book_of(data):
        assert [c.coordinate for row in sheet for c in row if c.data_type == "f" or c.hyperlink] == []
    xml = "".join(part.decode("utf-8", "replace") for name, part in members(data).items() if name.startswith("xl/"))
    assert "<f>" not in xml and "<hyperlink" not in xml


def test_cells_go_back_untouched(reader: CellReader) -> None:
    """Values to the last digit, formulas, number formats, widths, merged cells and the sender's own comments."""
    book = opened(xlsx(PLAIN))
    sheet = book.active
    sheet["G9"], sheet["G10"], sheet["H9"] = "=D9+E9", 0.1 + 0.2, "=СУММ"
    sheet["H9"].data_type = "s"
    sheet["G11"], sheet["G11"].number_format = 46254.25, "dd.mm.yyyy hh:mm"
    sheet["G12"], sheet["G12"].number_format = 1e300, "dd.mm.yyyy"
    sheet["B9"].font = openpyxl.styles.Font(bold=True, color="FF00FF00")
    sheet.column_dimensions["B"].width = 33
    sheet.merge_cells("A1:C1")
    sheet["C9"].comment = openpyxl.comments.Comment("моя заметка", "Асем")
    sheet["A9"].hyperlink = "http://x.example"
    raw = operated(saved(book), "<v>0.3</v>", "<v>0.30000000000000004</v>")
    data = answer(raw, reader)
    back, xml = book_of(data)["Sheet1"], members(data)["xl/worksheets/sheet1.xml"].decode()
    assert (back["G9"].value, back["H9"].value, back["H9"].data_type) == ("=D9+E9", "=СУММ", "s")
    assert "<v>0.30000000000000004</v>" in xml and "<v>46254.25</v>" in xml and "<v>1e+300</v>" in xml
    assert (back["G11"].number_format, back["B9"].font.color.rgb) == ("dd.mm.yyyy hh:mm", "FF00FF00")
    assert back.column_dimensions["B"].width == 33
    assert [str(area) for area in back.merged_cells.ranges] == ["A1:C1"]
    assert back["C9"].comment.text == "моя заметка"
    assert back["A9"].hyperlink is None
    for row in opened(xlsx(PLAIN)).active:
        for cell in row:
            assert back[cell.coordinate].value == cell.value


def test_a_finding_in_a_merged_cell_is_marked_where_it_shows(reader: CellReader) -> None:
    book = opened(xlsx(PLAIN))
    book.active.merge_cells("D9:F9")
    assert book_of(answer(saved(book), reader))["Sheet1"]["D9"].comment.text.startswith("Не число.")


def test_the_same_call_gives_the_same_bytes_in_another_process(reader: CellReader) -> None:
    raw = xlsx(PLAIN)
    with CellReader(RULES.limits) as other:
        assert answer(raw, reader, WRONG, WARNED) == answer(raw, other, WRONG, WARNED)


def test_a_mended_answer_that_comes_back_loses_our_list_and_our_old_comments(reader: CellReader) -> None:
    twice = book_of(answer(answer(xlsx(PLAIN), reader, WRONG), reader, WARNED))
    assert twice.sheetnames == ["Sheet1", LIST]
    assert twice["Sheet1"]["E9"].comment is None
    assert len(said(twice[LIST])) == 2, "its head and the one finding"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xls", xls(PLAIN)),
        ("a.csv", b"a;b\n1;2\n"),
        ("a.xlsx", b""),
        ("a.xlsx", b"\x00garbage"),
        ("a.xlsx", xlsx(PLAIN)[:-700]),
        ("a.xlsx", zipped({**members(xlsx(PLAIN)), "xl/styles.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><styleSheet>&a;"})),
    ],
)
def test_what_cannot_be_carried_comes_back_as_the_list_alone(name: str, data: bytes, reader: CellReader) -> None:
    book = book_of(answer(data, reader, name=name))
    assert book.sheetnames == [LIST] and said(book[LIST])[-1].startswith("Не число.")


def test_a_workbook_too_large_to_mark_comes_back_as_the_list_alone(reader: CellReader) -> None:
    small = replace(RULES, limits=RULES.limits.model_copy(update={"answer_unpacked": 2000}))
    data = build_answer(xlsx(PLAIN), "a.xlsx", [WRONG], "IW-000012-1", small, reader.marking).data
    assert book_of(data).sheetnames == [LIST]


def test_macros_do_not_go_back(reader: CellReader) -> None:
    raw = zipped({**members(xlsx(PLAIN)), "xl/vbaProject.bin": b"\xd0\xcf"})
    with zipfile.ZipFile(io.BytesIO(answer(raw, reader, name="a.xlsm"))) as archive:
        assert [name for name in archive.namelist() if "vba" in name] == []


def test_the_file_name_is_never_a_path(reader: CellReader) -> None:
    made = build_answer(b"", "../../etc/форма.xlsx", [WRONG], "IW-000012-1", RULES, reader.marking)
    assert made.file_name == "IW-000012-1 форма.xlsx"


def test_information_alone_needs_no_workbook() -> None:
    assert is_wanted([WARNED]) and is_wanted([WRONG])
    assert not is_wanted([replace(WRONG, severity=Severity.INFO)]) and not is_wanted([])


# --- with decisions -------------------------------------------------------------------------------------------------


def started(office: TownOffice) -> TownOffice:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", account="0012", service="maintenance", area="50", tariff="10"),
        line("A", account="1001", service="maintenance", area="50", tariff="10"),
        line("B", account="2001", service="maintenance", area="50", tariff="10"),
    )
    return office


def recalculation(account: str, amount: str = "-10.00", month: str = "06.2026") -> dict[str, object]:
    return {"account": account, "service": "maintenance", "past_month": month, "amount": amount}


def test_rejected_form_leaves_its_answer_beside_the_archive(office: TownOffice) -> None:
    got = started(office).ingest("recalculations", [recalculation("77")], received="2026-08-20")
    assert got.outcome == "rejected"
    path = got.submissions[0]["answer"]
    assert path == f"archive/answers/{got.id}.xlsx"
    sheet = book_of((office.folder / Path(path)).read_bytes())["Данные"]
    finding = got.finding("account.unknown")
    assert sheet[finding["cell"]].comment.text.startswith(finding["message"])


def test_accepted_form_without_warnings_has_no_answer_file(office: TownOffice) -> None:
    town, answers = started(office), office.folder / "archive" / "answers"
    before = set(answers.glob("*"))  # a register may be answered: its Customers here have one bank account
    got = town.ingest("recalculations", [recalculation("1001")], received="2026-08-20")
    assert (got.outcome, got.submissions[0]["answer"]) == ("accepted", None)
    assert set(answers.glob("*")) == before


def test_held_form_has_its_answer_and_the_released_one_says_what_is_left(office: TownOffice) -> None:
    got = started(office).ingest("recalculations", [recalculation("1001", "10.00")], received="2026-08-20")
    assert (got.outcome, got.submissions[0]["answer"]) == ("held", f"archive/answers/{got.id}.xlsx")


def test_same_bytes_again_get_the_first_answer(office: TownOffice) -> None:
    started(office)
    raw = office.form("recalculations", [recalculation("12")])
    first = office.hand_in_bytes(raw, received="2026-08-20")
    again = office.hand_in_bytes(raw, received="2026-08-21")
    assert (first.outcome, again.outcome) == ("accepted", "duplicate")
    assert again.submissions[0]["answer"] == first.submissions[0]["answer"] == f"archive/answers/{first.id}.xlsx"
    assert again.codes == ["submission.duplicate", *first.codes]


def test_lost_zeros_come_back_when_one_account_fits(office: TownOffice) -> None:
    """4.3.1: '0012' became 12 in a spreadsheet; the row posts with the account of the directory."""
    got = started(office).ingest("recalculations", [recalculation("12")], received="2026-08-20")
    finding = got.finding("account.zeros_restored")
    assert (got.outcome, finding["severity"], finding["value"]) == ("accepted", "warning", "12")
    assert "0012" in finding["message"]
    assert office.drafted("2026-09")[("0012", "050140000011", "maintenance")]["recalculated"] == -10


def test_zeros_are_not_restored_to_another_customers_account_or_to_one_of_two(office: TownOffice) -> None:
    started(office)
    office.load_directory(line("B", account="0077", service="maintenance", area="1", tariff="1"))
    office.load_directory(
        line("A", account="005", service="maintenance", area="1", tariff="1"),
        line("A", account="05", service="maintenance", area="1", tariff="1"),
    )
    got = office.ingest("recalculations", [recalculation("77"), recalculation("5")], received="2026-08-20")
    assert (got.outcome, got.codes) == ("rejected", ["account.unknown", "code.ambiguous", "account.unknown"])


def test_restored_and_written_account_in_one_form_contradict_each_other(office: TownOffice) -> None:
    rows = [recalculation("12"), recalculation("0012", "-5")]
    got = started(office).ingest("recalculations", rows, received="2026-08-20")
    assert got.outcome == "rejected" and "row.repeated" in got.codes


def test_several_forms_in_a_letter_are_all_answered_with_all_their_problems(office: TownOffice) -> None:
    from tests.support.papers import File

    started(office)
    files = [
        File("хорошая.xlsx", office.form("recalculations", [recalculation("1001")])),
        File("плохая.xlsx", office.form("recalculations", [recalculation(a) for a in ("7", "8", "2001")])),
        File("битая.xlsx", b"PK\x03\x04 xl/workbook.xml"),
    ]
    got = office.mail(files, received="2026-08-20")
    assert [s["outcome"] for s in got.submissions] == ["accepted", "rejected", "rejected"]
    assert [f["code"] for f in got.submissions[1]["findings"]] == [
        "account.unknown",
        "account.unknown",
        "account.foreign",
    ]
    assert [bool(s["answer"]) for s in got.submissions] == [False, True, True]


@pytest.mark.slow
def test_past_a_thousand_findings_the_list_says_how_many_more(office: TownOffice) -> None:
    rows = [recalculation(f"9{n}") for n in range(1203)]
    got = started(office).ingest("recalculations", rows, received="2026-08-20")
    assert len(got.findings) == 1001
    assert got.findings[-1]["code"] == "findings.more" and "203" in got.findings[-1]["message"]
    book = book_of((office.folder / got.submissions[0]["answer"]).read_bytes())
    assert "203" in said(book[LIST])[-1]
