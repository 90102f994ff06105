"""4.3.2: the workbook that goes back speaks the sender's language first, the other one below it."""

from __future__ import annotations

from collections.abc import Iterator

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from inbox_worker.workbooks.cells import CellReader
from tests.support.office import TownOffice, customer, line
from tests.support.papers import File

KAZAKH = "Құрметті әріптестер! Қайта есептеу нысанын жіберіп отырмыз, өтінеміз, қабылдаңыз."
RUSSIAN = "Добрый день! Направляем форму перерасчётов, просим принять."
WRONG = [{"account": "9999", "service": "Лифт", "past_month": "06.2026", "amount": "x", "basis": "Акт № 3"}]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path_factory.mktemp("own_language") / "home", reader) as office:
        office.load_customers(customer("A"))
        office.load_directory(line("A", "1001", "maintenance", tariff="31.4155", area="65.30"))
        yield office


def answer(town: TownOffice, text: str, number: int) -> tuple[Worksheet, str]:
    """The list of findings that goes back, and the comment on the wrong sum."""
    rows = [{**WRONG[0], "basis": f"Акт № {number}"}]
    told = town.mail([File("f.xlsx", town.form("recalculations", rows))], received="2026-08-20", text=text)
    book = openpyxl.load_workbook(town.office.home.archive / "answers" / f"{told.id}.xlsx")
    sums = [c.comment.text for c in next(iter(book))["D"] if c.value == "x" and c.comment]
    return book.worksheets[-1], sums[0]


def begins_with(sheet: Worksheet, first: str, second: str) -> bool:
    """Whether some cell of the sheet has both texts in that order."""
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    return any(first in text and second in text and text.index(first) < text.index(second) for text in texts)


@pytest.mark.parametrize(
    ("text", "words"),
    [(KAZAKH, ("Қате", "Ошибка")), (RUSSIAN, ("Ошибка", "Қате")), ("", ("Ошибка", "Қате"))],
)
def test_the_list_and_the_comments_begin_with_the_sender_s_language(
    town: TownOffice, text: str, words: tuple[str, str]
) -> None:
    sheet, comment = answer(town, text, len(text))
    assert begins_with(sheet, *words)
    numbers = ("сан емес", "не число")
    first, second = numbers if text == KAZAKH else numbers[::-1]
    assert comment.index(first) < comment.index(second)
    assert begins_with(sheet, first, second)


def test_what_a_sender_quotes_is_not_his_language(town: TownOffice) -> None:
    quoted = RUSSIAN + "\n" + "\n".join(f"> {line}" for line in [KAZAKH] * 5)
    sheet, _ = answer(town, quoted, 77)
    assert begins_with(sheet, "Ошибка", "Қате")
