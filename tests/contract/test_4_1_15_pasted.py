"""4.1.15: a form that stands as a table in a letter's text counts for nothing, and its sender hears how to send it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from inbox_worker.receiving.message import parse_message
from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, customer, line
from tests.support.papers import SCAN, File

HEADERS = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"]
ROW = ["1001", "Содержание дома", "06.2026", "-100", "Акт 1"]
LINES = "\n".join("\t".join(cells) for cells in (HEADERS, ROW))
CODE = "message.form_in_text"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="50"))


office = copies_of(town)


def sent(office: TownOffice, text: str, *files: File) -> Answer:
    return office.mail(files, received="2026-08-20", text=text)


@pytest.mark.parametrize("between", ["\t", " | ", ";"])
def test_a_form_in_the_text_hears_on_which_blank_to_send_it(office: TownOffice, between: str) -> None:
    answer = sent(office, "Прошу учесть перерасчёт:\n\n" + LINES.replace("\t", between))
    told = answer.finding("message.form_in_text")
    assert (answer.outcome, told["value"]) == ("held", "Перерасчёты за прошлый период")
    assert ".xlsx" in told["remedy"] and "korrektirovki@" in told["remedy"]


def test_a_form_in_the_text_beside_an_attached_one_is_told_too(office: TownOffice) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5", "basis": "Акт 1"}
    answer = sent(office, LINES, File("form.xlsx", office.form("recalculations", [row])), SCAN)
    assert (answer.outcome, CODE in answer.codes) == ("accepted", True)


@pytest.mark.parametrize(
    "text",
    [
        "Спасибо\n-----Исходное сообщение-----\nFrom: Али <a@a.kz>\n" + LINES,  # what was sent before
        "Здравствуйте; прошу учесть; услуга и сумма в файле",
        "Лицевой счёт | 1001\nУслуга | Лифт",
    ],
)
def test_what_is_quoted_or_no_table_is_not_told(office: TownOffice, text: str) -> None:
    assert CODE not in sent(office, text).codes


@pytest.mark.parametrize(
    "cell", ["<td>{}</td>", "<td><p class=MsoNormal>{}<o:p></o:p></p></td>", "<TH\nwidth=9>{}</TH>"]
)
def test_rows_of_an_html_text_keep_their_cells(cell: str) -> None:
    letter = EmailMessage()
    letter["From"] = "a@a.example"
    rows = "".join(f"<tr>{''.join(map(cell.format, cells))}</tr>" for cells in (HEADERS, ROW))
    letter.set_content(f"<p>Добрый день</p><table>{rows}</table><p>Айгуль</p>", subtype="html")
    message = parse_message(letter.as_bytes())
    assert message.rows == (tuple(HEADERS), tuple(ROW))
    assert "Услуга\nЗа месяц" in message.text  # as words, each cell by itself
