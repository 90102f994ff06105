"""The instruction and the lists of our own blanks are no form, however the sheets are named (4.1.15)."""

from __future__ import annotations

import io

import openpyxl
import pytest
from form_books import ROOT, head, told, xlsx


def blank_without_table(form: str, *, title: bool = True, names: tuple[str, ...] = ()) -> bytes:
    """Our blank with its header and the example over it wiped out."""
    book = openpyxl.load_workbook(ROOT / "templates" / "forms" / f"{form}.xlsx")
    sheet = book.worksheets[0]
    first = next(row for row in range(1, 40) if str(sheet.cell(row, 1).value).startswith("Образец"))
    for cell in (cell for row in sheet.iter_rows(min_row=first) for cell in row):
        cell.value = None
    if not title:
        sheet["A1"].value = None
    for further, name in zip(book.worksheets[1:], names, strict=False):
        further.title = name
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


@pytest.mark.parametrize("title", [True, False])
@pytest.mark.parametrize("form", ["request", "tariffs", "meter_readings"])
def test_a_blank_without_its_table_is_told_as_that(read, form: str, *, title: bool) -> None:
    """`Запрос` is its title and a name of its column; what the instruction lists one under another is no table."""
    for names in ((), ("Лист2", "Лист3")):
        table = read(blank_without_table(form, title=title, names=names))
        assert (table.form, table.rows.num_rows) == (form, 0)
        assert [finding.code for finding in table.findings] == ["table.missing"]


@pytest.mark.parametrize("form", ["request", "directory_corrections"])
def test_a_blank_without_its_first_sheet_is_known_by_its_instruction(read, form: str) -> None:
    """`Справочник лицевых счетов` is one of the things that may be asked for, and the title of another form."""
    book = openpyxl.load_workbook(ROOT / "templates" / "forms" / f"{form}.xlsx")
    book.remove(book.worksheets[0])
    sink = io.BytesIO()
    book.save(sink)
    table = read(sink.getvalue())
    assert (table.form, [finding.code for finding in table.findings]) == (form, ["table.missing"])


def test_a_title_alone_over_what_is_asked_for_is_its_header(read) -> None:
    for rows in ([["Запрос"], ["Архив отчётов"]], [["Запрос"], ["Архив отчётов"], [], ["Заказчик", "ТОО"]]):
        assert read(xlsx(rows)).rows.to_pylist()[0]["kind"] == "Архив отчётов за 3 года"


def test_a_title_over_the_only_column_is_no_row_of_it(read) -> None:
    for rows in ([["Запрос"], ["Вид запроса"], ["Архив"]], [["Запрос"], *head("request"), ["Вид запроса"], ["Архив"]]):
        table = read(xlsx(rows))
        assert (told(table), table.rows.column("kind").to_pylist()) == ([], ["Архив отчётов за 3 года"])


def test_the_lists_of_a_stranger_are_no_lists_of_ours(read) -> None:
    """A sheet whose first line begins like ours is read as any other."""
    rows = [["Список: запросы"], ["Запрос"], ["Архив"]]
    assert read(xlsx(rows)).rows.num_rows == 1
