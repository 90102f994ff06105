"""What senders read: the whole letter, word for word, in both languages, for each outcome (4.3.2)."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from reply_office import AnsweringOffice

from inbox_worker.core.model import Period
from inbox_worker.outbox.send import send_due
from tests.support.mail_sink import Got, Sink
from tests.support.office import ROOT, Row, moment
from tests.support.papers import SCAN, File

MESSAGE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "__properties_version1.0".encode("utf-16-le")
GOLDEN = Path(__file__).parent / "golden"
NOW = moment("2026-08-20T12:00:00")
MINUS: Row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10.50"}
TARIFF: Row = {"service": "maintenance", "base": "м²", "tariff": "35", "from_month": "09.2026"}


def answered(office: AnsweringOffice, sink: Sink) -> Got:
    """The one letter that goes out now."""
    before = len(sink.letters)
    assert send_due(office.office, NOW) == []
    (letter,) = sink.letters[before:]
    return letter


def answered_all(office: AnsweringOffice, sink: Sink) -> None:
    """What waits goes out."""
    assert send_due(office.office, NOW) == []


def compare(name: str, letter: Got) -> None:
    """The letter's text is that of the golden file; html says the same."""
    text = letter.text.replace("\r\n", "\n")
    assert text == (GOLDEN / f"{name}.txt").read_text("utf-8")
    html = letter.html
    for line in filter(None, (line.strip().partition(". ")[2] for line in text.splitlines() if line[:1].isdigit())):
        assert line.partition("«")[0].partition(". ")[2] in html


def test_accepted(answering: AnsweringOffice, sink: Sink) -> None:
    answering.ingest("recalculations", [MINUS], received="2026-08-20")
    letter = answered(answering, sink)
    compare("accepted", letter)
    assert [part.get_filename() for part in letter.message.iter_attachments()] == []


def test_words_of_a_letter_are_told_once_however_many_forms_it_brings(answering: AnsweringOffice, sink: Sink) -> None:
    """What a row of one form is told stays with that form."""
    forms = [
        File(f"{month}.xlsx", answering.form("recalculations", [{**MINUS, "past_month": f"0{month}.2026"}]))
        for month in (4, 5, 6)
    ]
    answering.mail(forms, received="2026-08-20", text="Квартира 5 не платит за лифт.")
    letter = answered(answering, sink)
    for text in (letter.text, letter.html):
        assert text.count("Квартира 5 не платит за лифт") == len(("ru", "kk"))
    assert letter.text.count("IW-000003-3") == len(("ru", "kk"))


def test_deferred(answering: AnsweringOffice, sink: Sink) -> None:
    answering.ingest("recalculations", [MINUS], received="2026-08-26", month="09.2026")
    compare("deferred", answered(answering, sink))


def test_held(answering: AnsweringOffice, sink: Sink) -> None:
    answering.ingest("tariffs", [TARIFF], received="2026-08-20")
    compare("held", answered(answering, sink))


def test_rejected_with_the_marked_workbook(answering: AnsweringOffice, sink: Sink) -> None:
    rows = [{**MINUS, "amount": "тысяча двести"}, {**MINUS, "account": "9999"}]
    answering.ingest("recalculations", rows, received="2026-08-20")
    letter = answered(answering, sink)
    compare("rejected", letter)
    (book,) = letter.message.iter_attachments()
    assert book.get_filename() == "IW-000003-1.xlsx"
    data = book.get_payload(decode=True)
    assert isinstance(data, bytes)
    kept = answering.folder / "archive" / "answers" / "IW-000003-1.xlsx"
    assert data == kept.read_bytes()
    assert len(openpyxl.load_workbook(io.BytesIO(data)).sheetnames) == 2


def test_a_copy_whose_rows_were_replaced_is_not_told_that_they_count(answering: AnsweringOffice, sink: Sink) -> None:
    """Nothing posts (money.md, duplicate: an old signed letter sent again by anybody must not undo a correction), but
    law 7: the answer says what acts instead and how to go back."""
    file = File("one.xlsx", answering.form("recalculations", [MINUS]))
    answering.mail([file], received="2026-08-20")
    later = answering.ingest("recalculations", [{**MINUS, "amount": "-7"}], received="2026-08-20")
    answered_all(answering, sink)
    again = answering.mail([file], received="2026-08-20")
    assert (again.outcome, again.codes) == ("duplicate", ["submission.overtaken"])
    text = answered(answering, sink).text
    assert f"вместо них действует {later.id}" in text and "сохраните ещё раз" in text
    assert "делать ничего не нужно. Повторяем" not in text and "Принято и учтено" not in text
    assert [str(row["amount"]) for row in answering.facts("recalculations")][-1] == "-7.00"


def test_rows_that_count_already_are_not_said_to_be_counted_now(answering: AnsweringOffice, sink: Sink) -> None:
    first = answering.ingest("recalculations", [MINUS], received="2026-08-20")
    answered_all(answering, sink)
    same = File("two.xlsx", answering.form("recalculations", [MINUS], month="09.2026"))
    assert answering.mail([same], received="2026-08-20").outcome == "accepted"
    text = answered(answering, sink).text
    assert f"Все строки уже учтены формой {first.id}" in text and "Принято и учтено" not in text


def test_duplicate_hears_the_first_answer_again(answering: AnsweringOffice, sink: Sink) -> None:
    file = File("one.xlsx", answering.form("recalculations", [MINUS], month="09.2026"))
    answering.mail([file], received="2026-08-26")
    first = answered(answering, sink)
    answering.mail([file], received="2026-08-27")
    letter = answered(answering, sink)
    compare("duplicate", letter)
    assert first.message["Message-ID"] != letter.message["Message-ID"]
    books = [[part.get_payload(decode=True) for part in one.message.iter_attachments()] for one in (first, letter)]
    assert books[0] == books[1] and len(books[0]) == 1


def test_released_by_staff(answering: AnsweringOffice, sink: Sink) -> None:
    held = answering.ingest("tariffs", [TARIFF], received="2026-08-20")
    first = answered(answering, sink)
    answering.release(held.id, "бумага, 20.08.2026", "2026-08-20T13:00:00")
    letter = answered(answering, sink)
    compare("released", letter)
    assert letter.message["In-Reply-To"] == first.message["In-Reply-To"]


def test_documents_in_reply_are_answered_by_what_they_released(answering: AnsweringOffice, sink: Sink) -> None:
    """The customer answers our answer: that alone leads to the held form."""
    answering.ingest("tariffs", [TARIFF], received="2026-08-20")
    ours = answered(answering, sink).message["Message-ID"]
    answer = answering.mail([SCAN], received="2026-08-21", references=ours)
    assert answer.outcome == "accepted"
    letter = answered(answering, sink)
    assert "Принято и учтено за сентябрь 2026 года." in letter.text
    assert "2026 жылғы қыркүйек айы үшін есепке алынды." in letter.text
    assert "IW-000003-1" in letter.text and "[IW-000004]" in letter.message["Subject"]


def test_documents_that_release_nothing_were_opened_all_the_same(answering: AnsweringOffice, sink: Sink) -> None:
    held = answering.ingest("tariffs", [TARIFF], received="2026-08-20")
    answered(answering, sink)
    for words in (f"Форму {held.id} отзываем, скан письма прилагаем", f"Документы к {held.id}"):
        assert answering.mail([SCAN], received="2026-08-21", text=words).outcome == "held"
        text = answered(answering, sink).text
        assert held.id in text and "это рассмотрит сотрудник" in text
        assert "не открыт" not in text and "бланк" not in text


def test_what_is_wrong_with_the_whole_letter(answering: AnsweringOffice, sink: Sink) -> None:
    answering.limit(attachments_total=2 << 20)
    answering.mail([File("big.pdf", b"%PDF" + bytes(2 << 20))], received="2026-08-20")
    letter = answered(answering, sink)
    assert "О письме в целом" in letter.text and "2 МБ" in letter.text and "Хат туралы жалпы" in letter.text


ACT: Row = {"act": "2026-00017", "answer": "подписан", "answered_on": "19.08.2026"}
RAR = File("форма.rar", b"Rar!\x1a\x07\x01\x00" + bytes(60))


@pytest.mark.parametrize("files", [[RAR], [SCAN], [File("a.msg", MESSAGE)]], ids=["rar", "pdf", "message"])
def test_a_letter_for_a_person_does_not_contradict_itself(
    answering: AnsweringOffice, sink: Sink, files: list[File]
) -> None:
    """What it asks for below is not denied above, and what a person will see is no error."""
    answer = answering.mail(files, received="2026-08-20")
    text = answered(answering, sink).text
    assert answer.outcome == "held" and "ничего;" not in text and "ештеңе;" not in text
    assert "Ошибка" not in text and "error" not in [finding["severity"] for finding in answer.findings]
    assert "посмотрит письмо" in text and "Что делать: " in text


def test_a_form_pasted_into_the_letter_is_no_attachment_that_was_not_opened(
    answering: AnsweringOffice, sink: Sink
) -> None:
    table = "Лицевой счёт\tУслуга\tЗа месяц\tСумма\tОснование\n1001\tСодержание дома\t06.2026\t-10\tАкт 1"
    assert answering.mail([], received="2026-08-20", text=f"Здравствуйте!\n{table}").outcome == "held"
    text = answered(answering, sink).text
    assert "таблица стоит в тексте письма" in text and "кесте файлда емес" in text
    assert "не открыт" not in text and "«Перерасчёты за прошлый период» (Excel)" in text


def test_a_form_for_a_person_with_a_finding_asks_for_it(answering: AnsweringOffice, sink: Sink) -> None:
    """An act number that we do not know is to be looked at; a request without findings needs nothing."""
    answer = answering.ingest("act_response", [ACT], received="2026-08-20")
    text = answered(answering, sink).text
    assert "act.unknown" in answer.codes and "ничего" not in text.partition("Замечания")[0].partition("Что делать")[2]
    assert "проверьте замечания ниже" in text
    asked = {"kind": "Удалённый доступ", "parameter": "2025", "since": "01.09.2026"}
    answering.ingest("request", [asked], received="2026-08-20")
    assert "Что делать: ничего" in answered(answering, sink).text


def test_equal_findings_are_one_line_with_all_their_cells(answering: AnsweringOffice, sink: Sink) -> None:
    rows = [{**MINUS, "account": account} for account in ("7701", "7702", "1001", "7704")]
    answering.ingest("recalculations", rows, received="2026-08-20")
    text = answered(answering, sink).text
    assert "ячейки A10–A11, A13. Нет в справочнике лицевых счетов: 7701, 7702, 7704." in text
    assert "A10–A11, A13 ұяшықтары. Дербес шоттар анықтамалығында жоқ: 7701, 7702, 7704." in text
    assert "Ошибок: 3." in text, "each row is still counted"


def test_each_joined_value_has_its_own_quotation_marks(answering: AnsweringOffice, sink: Sink) -> None:
    rows = [{**MINUS, "amount": amount} for amount in ("десять", "сто", "много")]
    answering.ingest("recalculations", rows, received="2026-08-20")
    assert "«десять», «сто», «много» в столбце «Сумма» — не число." in answered(answering, sink).text


def test_places_that_are_too_many_end_in_three_dots(answering: AnsweringOffice, sink: Sink) -> None:
    rows = [{**MINUS, "account": "7701" if place % 2 else "1001", "amount": f"-{place}"} for place in range(1, 20)]
    answering.ingest("recalculations", rows, received="2026-08-20")
    text = answered(answering, sink).text
    assert "A22, A24, … Нет в справочнике" in text and "…." not in text


def test_on_a_phone_a_place_stands_over_its_finding(answering: AnsweringOffice, sink: Sink) -> None:
    """Beside it the sheet's name would be broken within words; and what asks nothing is not in bold."""
    answering.ingest("recalculations", [MINUS], received="2026-08-19")
    answered(answering, sink)
    answering.ingest("recalculations", [{**MINUS, "amount": "-11.50"}], received="2026-08-20")
    html = answered(answering, sink).html
    (cell,) = (cell for cell in html.split("</td>") if "прежнее значение" in cell)
    assert "К сведению, лист «Данные», ячейка" in cell
    assert "<b>Если это не исправление" not in cell


def test_a_home_that_has_an_earlier_shipped_look_is_answered_in_the_new_one(
    answering: AnsweringOffice, sink: Sink
) -> None:
    own = answering.folder / "templates/receipts/receipt.html"
    shutil.copytree(ROOT / "templates", answering.folder / "templates")
    own.write_bytes((Path(__file__).parent / "earlier/receipt.html").read_bytes())
    answering.ingest("recalculations", [{**MINUS, "account": "7701"}], received="2026-08-20")
    assert "width:28%" not in answered(answering, sink).html
    own.write_bytes(own.read_bytes() + b"<!-- our own -->\n")
    answering.ingest("recalculations", [{**MINUS, "account": "7702"}], received="2026-08-20")
    assert "<!-- our own -->" in answered(answering, sink).html


def test_a_rejected_form_never_says_that_it_was_accepted(answering: AnsweringOffice, sink: Sink) -> None:
    """Also where it came to the wrong mailbox, and what was wrong was mended by us."""
    rows = [{**MINUS, "account": "7701"}]
    answering.ingest("recalculations", rows, received="2026-08-20", mailbox="bigoperators")
    letter = answered(answering, sink)
    said = re.sub("не принято", "", f"{letter.text}{letter.html}".casefold())
    assert "пришла не в тот ящик" in said and not re.search(r"принят[оаы]?\b|қабылданды\b", said)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Здравствуйте, высылаем тарифы. ОСИ «Самал-Жұлдыз»", "Не принято"),
        ("Сәлеметсіз бе! Көрсеткіштерді жіберіп отырмыз.", "Қабылданбады"),
        ("", "Не принято"),
        ("Исправили.\n\n> Сәлеметсіз бе! Хатыңызды алып, тексердік.", "Не принято"),
        ("Исправили.\n\nОрысша мәтін төменде.\nҚабылданбады. Ештеңе есепке алынған жоқ.", "Не принято"),
    ],
)
def test_the_senders_own_language_comes_first(answering: AnsweringOffice, sink: Sink, text: str, first: str) -> None:
    book = File("form.xlsx", answering.form("recalculations", [{**MINUS, "account": "7701"}]))
    answering.mail([book], received="2026-08-20", text=text)
    letter = answered(answering, sink)
    verdicts = [line for line in letter.text.splitlines() if line.startswith(("Не принято", "Қабылданбады"))]
    assert verdicts[0].startswith(first) and len(verdicts) == 2


def test_only_the_first_findings_are_told(answering: AnsweringOffice, sink: Sink) -> None:
    months = [Period(2023, 12).plus(n).form_text for n in range(33) for _ in range(2)]
    rows = [{**MINUS, "past_month": month} for month in months]  # each says which row it repeats
    answering.ingest("recalculations", rows, received="2026-08-20")
    text = answered(answering, sink).text
    limit = answering.office.rules.limits.answer_findings
    assert len(re.findall(r"(?m)^\d+\. Ошибка", text)) == limit
    assert f"Ещё замечаний: {33 - limit}." in text and f"Тағы {33 - limit} ескерту бар." in text


def test_a_workbook_too_large_for_a_letter_stays(answering: AnsweringOffice, sink: Sink) -> None:
    limits = answering.office.rules.limits.model_copy(update={"answer_letter": 1})
    object.__setattr__(answering.office, "rules", replace(answering.office.rules, limits=limits))
    answering.ingest("recalculations", [{**MINUS, "amount": "сто"}], received="2026-08-20")
    letter = answered(answering, sink)
    assert not list(letter.message.iter_attachments())
    assert "слишком велик для письма" in letter.text
