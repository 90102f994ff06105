"""4.1.15: words that ask for the reverse of what a form does: its rows are never done the other way round."""

from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.comments import Comment

from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN, File


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"),
        line("A", "1001", "heating", tariff="80", area="50"),
    )


office = copies_of(town)
STOP = {"bin": bin_of("A"), "account": "1001", "from_date": "01.10.2026", "reason": "жалоба", "clause": "10.3"}
DAYS = {"account": "1001", "service": "heating", "from_date": "03.08.2026", "to_date": "07.08.2026", "days": 5}
PAST = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-100", "basis": "Акт 1"}
PRICE = {"service": "maintenance", "base": "м²", "tariff": "12", "from_month": "09.2026", "basis": "Протокол 1"}
PENALTY = {
    "service": "maintenance", "rate": "16,5", "coefficient": "1,5", "grace_days": "0", "cap": "100",
    "from_date": "01.10.2026", "basis": "Протокол 5",
}  # fmt: skip
EXIT = {"house": "H-1", "left_on": "31.08.2026", "reason": "Собрание выбрало ОСИ", "learned_on": "19.08.2026"}
FORCE = {"kind": "форс-мажор", "event_on": "19.08.2026", "basis": "Паводок, справка № 1"}


def stop(office: TownOffice, now: str = "2026-09-10", **more: object) -> Answer:
    return office.load("stops", [{**STOP, **more}], now)


def send(office: TownOffice, form: str, row: Row, **more: object) -> Answer:
    return office.ingest(form, [row], received="2026-08-20", documents=[SCAN], **more)  # type: ignore[arg-type]


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    "reason",
    [
        "Снять приостановку", "возобновить начисление с октября", "Отмена отключения", "Просим включить в начисление",
        "Тоқтатуды алып тастау", "Есептеуді қалпына келтіру", "Приостановку отменить: жалоба отозвана",
    ],
)  # fmt: skip
def test_a_stop_whose_reason_asks_to_lift_it_stops_nothing(office: TownOffice, reason: str) -> None:
    answer = stop(office, reason=reason)
    assert (answer.outcome, answer.errors) == ("rejected", ["words.opposite"])
    assert answer.finding("words.opposite")["value"] == reason
    assert office.facts("stops") == []


@pytest.mark.parametrize(
    "reason",
    [
        "в связи с отменой акта", "снят старый счётчик", "до возобновления договора", "отключение по заявлению",
        "договор прекращён", "отмена льготы, документы не представлены", "Абонент просил не подключать домофон",
    ],
)  # fmt: skip
def test_a_reason_that_only_describes_stops(office: TownOffice, reason: str) -> None:
    assert stop(office, reason=reason).outcome == "accepted"


def test_a_known_stop_is_lifted_by_its_last_day_whatever_its_reason_says(office: TownOffice) -> None:
    lifted = {"reason": "Снять приостановку", "to_date": "31.10.2026"}
    assert stop(office, **lifted).errors == ["words.opposite"]  # there is none yet
    assert stop(office).outcome == "accepted"
    assert stop(office, **lifted).outcome == "accepted"
    assert [row["charged"] > 0 for row in (office.drafted("2026-11")["1001", bin_of("A"), "maintenance"],)] == [True]


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("form", "row", "words"),
    [
        ("undelivered", DAYS, {"reason": "Отмена отключения, услуга оказана"}),
        ("recalculations", PAST, {"basis": "Отменить перерасчёт за июнь"}),
        ("recalculations", PAST, {"basis": "Қайта есептеудің күшін жою"}),
        ("tariffs", PRICE, {"basis": "Решением собрания отменить тариф"}),
        ("penalty_notice", PENALTY, {"basis": "Прекратить начисление пени"}),
        ("house_exit", EXIT, {"reason": "Отмена выбытия, дом остаётся"}),
    ],
)
def test_a_row_that_asks_for_the_reverse_of_its_form_is_asked_about(
    office: TownOffice, form: str, row: Row, words: Row
) -> None:
    assert send(office, form, {**row, **words}).errors == ["words.opposite"]
    assert send(office, form, row).outcome in ("accepted", "deferred")


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("recalculations", {**PAST, "basis": "Отмена начисления за лифт по акту"}),
        ("recalculations", {**PAST, "basis": "Снятие начислений, акт об отмене услуги"}),
        ("tariffs", {**PRICE, "basis": "Вернуть прежний тариф, протокол 2"}),
        ("tariffs", {**PRICE, "tariff": "0", "basis": "Отменить тариф, протокол 3"}),
        ("undelivered", {**DAYS, "reason": "Отключение, услуга восстановлена 08.08"}),
    ],
)
def test_what_a_row_does_as_its_words_say_is_done(office: TownOffice, form: str, row: Row) -> None:
    assert send(office, form, row).outcome in ("accepted", "deferred")


def test_a_sum_of_zero_takes_a_recalculation_back(office: TownOffice) -> None:
    assert send(office, "recalculations", PAST).outcome == "accepted"
    back = {**PAST, "amount": "0", "basis": "Отменить перерасчёт"}
    assert send(office, "recalculations", back).outcome == "accepted"


def test_a_notice_that_acts_by_itself_waits_where_it_asks_for_the_reverse(office: TownOffice) -> None:
    """A person looks at notices anyway, so they are not refused."""
    answer = send(office, "notice", {**FORCE, "basis": "Форс-мажор закончился"})
    assert (answer.outcome, "words.opposite_read" in answer.codes) == ("held", True)
    assert send(office, "notice", FORCE).outcome == "accepted"


def test_a_request_that_says_no_longer_is_read_by_a_person(office: TownOffice) -> None:
    row = {"kind": "Ежедневный файл платежей", "parameter": "больше не присылать"}
    answer = send(office, "request", row)
    assert (answer.outcome, "words.opposite_read" in answer.codes) == ("held", True)


def changed(
    data: bytes,
    *,
    title: str = "",
    heading: str = "",
    beside: str = "",
    sheet: str = "",
    below: str = "",
    note: str = "",
) -> bytes:
    """The form with other words around its rows."""
    book, sink = openpyxl.load_workbook(io.BytesIO(data)), io.BytesIO()
    page = book.active
    page.title = sheet or page.title
    page["A1"] = title or page["A1"].value
    head = next(row[0].row for row in page.iter_rows() if row[0].value == "Лицевой счёт")
    width = page.max_column
    if heading or beside:
        page.cell(head, width + 1, heading or "Примечание")
        page.cell(head + 1, width + 1, beside or "да")
    if below:
        page.cell(page.max_row + 2, 1, below)
    if note:
        page.cell(head + 1, 2).comment = Comment(note, "Айгүл")
    book.save(sink)
    return sink.getvalue()


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    "words",
    [
        {"title": "Заявление: отменить отключение"}, {"heading": "Отмена отключения"}, {"sheet": "Отмена отключения"},
        {"beside": "отменить недопоставку"}, {"below": "Отменить отключение"}, {"note": "Отменить отключение"},
    ],
)  # fmt: skip
def test_such_words_around_the_rows_are_asked_about(office: TownOffice, words: dict[str, str]) -> None:
    plain = office.form("undelivered", [DAYS])
    book = File("undelivered.xlsx", changed(plain, **words))
    answer = office.mail([book], received="2026-08-20")
    assert set(answer.errors) == {"words.opposite"}
    fine = dict.fromkeys(words, "Отключение отопления")
    assert office.mail([File("u.xlsx", changed(plain, **fine))], received="2026-08-20").outcome == "accepted"


def test_a_letter_or_a_file_that_asks_for_the_reverse_keeps_its_form_waiting(office: TownOffice) -> None:
    for text, name in (("Просим отменить отключение отопления.", "u.xlsx"), ("Форма.", "Отмена отключения.xlsx")):
        book = File(name, office.form("undelivered", [DAYS]))
        answer = office.mail([book], received="2026-08-20", text=text)
        assert (answer.outcome, "letter.opposite" in answer.codes) == ("held", True)
        assert office.facts("undelivered") == []
    assert office.confirm(answer.id, "позвонили", "2026-08-21")[0].outcome.posted
    quoted = "Форма во вложении.\n\n> Просим отменить отключение отопления."
    book = File("u.xlsx", office.form("undelivered", [{**DAYS, "from_date": "08.08.2026", "to_date": "12.08.2026"}]))
    assert office.mail([book], received="2026-08-20", text=quoted).outcome == "accepted"


@pytest.mark.quick(0, 1, 2)
@pytest.mark.parametrize(
    ("amount", "text", "waits"),
    [
        ("100", "Просим снять с 1001 100 тенге", True),
        ("100", "Добрый день!\nПросим уменьшить\nначисления за июнь.\nАйгуль", True),
        ("100", "Артық есептелген соманы шегеруді сұраймыз", True),
        ("-100", "Просим доначислить за июнь", True),
        ("-100", "Суммы нужно доначислить, а не снять.", True),
        ("-100", "Просим снять с 1001 100 тенге", False),
        ("100", "Просим доначислить за июнь", False),
        ("100", "Просим снять показания и вернуть подписанный акт", False),
        ("100", "Просим уменьшить начисления по 1002 и увеличить начисления по 1001", False),
    ],
)
def test_a_letter_that_asks_the_reverse_of_its_sums_sign_keeps_its_form_waiting(
    office: TownOffice, amount: str, text: str, waits: bool
) -> None:
    """With the wrong sign a correction does the reverse of what was asked for, twice over (4.3.2.4)."""
    book = File("form.xlsx", office.form("recalculations", [{**PAST, "amount": amount}]))
    answer = office.mail([book, SCAN], received="2026-08-20", text=text)
    assert ("letter.other_sign" in answer.codes, answer.outcome) == (waits, "held" if waits else "accepted")
    if waits:
        assert "\n" not in answer.finding("letter.other_sign")["value"]
        assert office.confirm(answer.id, "звонок", "2026-08-21")[0].outcome.posted


@pytest.mark.parametrize("name", ["снятие.xlsx", "Возврат_июнь.xlsx", "форма.xlsx"])
def test_a_files_name_that_lowers_sums_above_zero_keeps_its_form_waiting(office: TownOffice, name: str) -> None:
    book = File(name, office.form("recalculations", [{**PAST, "amount": "100"}]))
    answer = office.mail([book, SCAN], received="2026-08-20")
    assert answer.outcome == ("accepted" if name == "форма.xlsx" else "held")


@pytest.mark.parametrize("name", ["Снятие", "Минус", "К возврату", "Данные"])
def test_a_sheets_name_that_lowers_sums_above_zero_is_asked_about(office: TownOffice, name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(office.form("recalculations", [{**PAST, "amount": "100"}])))
    book.active.title = name
    book.save(sink := io.BytesIO())
    answer = office.mail([File("form.xlsx", sink.getvalue()), SCAN], received="2026-08-20")
    assert ("notes.other_sign" in answer.codes) == (name != "Данные")
