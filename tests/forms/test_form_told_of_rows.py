"""4.1.15: columns and words beside rows that take them back, or make less of them, are asked about or told."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from form_books import READINGS, RECALCULATIONS, head, told, xlsx
from openpyxl.comments import Comment

from inbox_worker.settings.rules import Rules

ROW = ["10020030", "Лифт", "06.2026", -100, "акт 1"]
DAYS = ["Лицевой счёт", "Услуга", "С", "По", "Дней", "Причина"]
OFF = ["10020030", "Отопление", "03.08.2026", "07.08.2026", 5, "Авария"]


def beside(title: str, *cells: object) -> bytes:
    rows = [[*ROW[:2], f"0{month}.2026", *ROW[3:], cell] for month, cell in enumerate(cells, 5)]
    return xlsx([*head("recalculations"), [*RECALCULATIONS, title], *rows])


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("Отменено", "да"), ("Отменено", "V"), ("Не проводить", "x"), ("Удалить", "+"), ("Аннулировано", "иә"),
        ("Отменено", ((date(2026, 8, 3) - date(1899, 12, 30)).days, "dd.mm.yyyy")), ("Учитывать", "нет"),
        ("Начислять", "жоқ"), ("Ескеру", "-"),
    ],
)  # fmt: skip
def test_a_row_that_a_column_ticks_as_gone_is_asked_about(read, title: str, cell: object) -> None:
    other = "да" if title in ("Учитывать", "Начислять", "Ескеру") else "нет"
    found = told(read(beside(title, other, cell)))
    assert [(code, at) for code, at, _ in found if code == "row.words_against"] == [("row.words_against", "F9")]
    assert "row.words_against" not in [code for code, *_ in told(read(beside(title, other, other)))]


@pytest.mark.parametrize("title", ["Процент", "Доля", "Количество раз"])
def test_a_part_or_a_number_of_times_beside_a_sum_refuses(read, title: str) -> None:
    assert [code for code, *_ in told(read(beside(title, 50)))] == ["column.another_value"]
    assert told(read(beside(title, 1))) == []


@pytest.mark.parametrize(("title", "other", "whole"), [("Процент", 50, 100), ("Часов в день", 2, 24)])
def test_a_part_of_a_day_beside_days_refuses(read, title: str, other: int, whole: int) -> None:
    def found(cell: int) -> list[str]:
        return [code for code, *_ in told(read(xlsx([*head("undelivered"), [*DAYS, title], [*OFF, cell]])))]

    assert (found(other), found(whole)) == (["column.another_value"], [])


@pytest.mark.parametrize(
    "words",
    [
        "Тариф только для 1 подъезда", "кроме кв. 5", "со слов абонента", "Перерасчёт предварительный", "под вопросом",
        "не подтверждено", "нужно уточнить у бухгалтера", "5-пәтерді қоспағанда", "нақтылау керек",
    ],
)  # fmt: skip
def test_words_that_make_less_of_rows_are_told_where_they_stand(read, words: str) -> None:
    above = xlsx([*head("recalculations")[:-1], [words], [], RECALCULATIONS, ROW])
    assert ("notes.narrowed", "A6", words) in told(read(above))
    assert ("notes.narrowed", "F8", words) in told(read(beside("Примечание", words)))
    own = xlsx([*head("recalculations"), RECALCULATIONS, [*ROW[:4], words]])
    assert told(read(own)) == [("notes.narrowed", "E8", words)]


REASONS = [
    "Акт от 12.07.2026", "Лифт не включали", "работы выполнены", "Кромешная, 5", "кроме того, справка от 12.07.2026",
    "временно отсутствовал", "счётчик неисправен, начислено по среднему", "частичный возврат по акту 12",
    "лифт не работал", "в связи с отменой льготы", "возврат переплаты", "уақытша болмаған", "есептегіш ақаулы болған",
]  # fmt: skip


@pytest.mark.parametrize("words", REASONS)
def test_ordinary_words_are_not_told(read, words: str) -> None:
    assert told(read(xlsx([*head("recalculations"), RECALCULATIONS, [*ROW[:4], words]]))) == []


def test_readings_of_a_broken_meter_are_told(read) -> None:
    row = ["10020030", "Холодная вода", "С-1", 1, 2, "20.08.2026", "счётчик неисправен"]
    data = xlsx([*head("meter_readings"), [*READINGS, "Примечание"], row])
    assert ("notes.narrowed", "G8", "счётчик неисправен") in told(read(data))


@pytest.mark.parametrize(
    ("form", "words", "told_of"),
    [
        ("undelivered", "только 1 подъезд", True),
        ("undelivered", "отключён 2 подъезд", True),
        ("undelivered", "Только стояк 2", True),
        ("undelivered", "Авария на стояке", False),
        ("undelivered", "по 4 часа в день", True),
        ("undelivered", "Подача частичная, 50 %", True),
        ("undelivered", "Пониженная температура на 50%", True),
        ("undelivered", "Слабый напор на верхних этажах", True),
        ("undelivered", "Су қысымы төмен", True),
        ("undelivered", "Временно отключено ЦТП", False),
        ("undelivered", "Насос неисправен", False),
        ("undelivered", "Лифт жұмыс істемейді", False),
        ("tariffs", "уборка подъездов", True),
        ("recalculations", "и столько же за август", True),
        ("recalculations", "То же для кв. 5", True),
        ("recalculations", "По акту от 3 августа", False),
        ("directory_corrections", "временная регистрация", True),
        ("directory_corrections", "не работает, пенсионер", False),
        ("repair_schedule", "временно", True),
        ("meter_readings", "нет доступа", True),
        ("meter_readings", "счётчик заменён", True),
        ("meter_readings", "есептегіш ауыстырылды", True),
        ("meter_readings", "фото прилагается", False),
    ],
)
def test_a_form_has_words_of_its_own_that_make_less_of_its_rows(
    read, rules: Rules, form: str, words: str, told_of: bool
) -> None:
    columns = rules.forms[form].columns
    rows = [[*(column.ru for column in columns), "Примечание"], [*(column.example for column in columns), words]]
    assert ("notes.narrowed" in [code for code, *_ in told(read(xlsx([*head(form), *rows])))]) == told_of


@pytest.mark.parametrize("words", ["лишняя строка", "повтор", "пока не делать", "қате жол", "енгізбеңіз"])
def test_a_row_that_somebody_calls_no_row_is_asked_about(read, words: str) -> None:
    assert ("row.words_against", "F8", words) in told(read(beside("Примечание", words)))


@pytest.mark.parametrize("words", ["???", "проверить", "ошибка", "ожидаем акт", "на согласовании"])
def test_a_doubt_beside_a_row_is_told(read, words: str) -> None:
    assert ("notes.narrowed", "F8", words) in told(read(beside("Примечание", words)))


@pytest.mark.parametrize(
    ("form", "words", "reverse"),
    [
        ("undelivered", "Услуга оказана ненадлежащего качества", False),
        ("undelivered", "Исключить дни отключения из начисления", False),
        ("undelivered", "Услуга оказана в полном объёме", True),
        ("undelivered", "Исключить дни", True),
        ("undelivered", "Исключить дни простоя", False),
        ("stops", "дом H-3 возобновить", True),
        ("tariffs", "Прежний тариф отменить", False),
        ("tariffs", "Прекращение начисления по старому тарифу с 01.09", False),
        ("tariffs", "Прежний тариф оставить, новый тариф отменить", True),
        ("recalculations", "Отмена ошибочного перерасчёта за май", True),
    ],
)
def test_words_that_only_begin_like_the_reverse_are_none(rules: Rules, form: str, words: str, reverse: bool) -> None:
    assert (opposite := rules.forms[form].opposite) and opposite.phrases.stand_in(words) == reverse


@pytest.mark.parametrize("form", ["stops", "notice"])
def test_a_register_and_a_form_that_a_person_reads_are_not_warned_of(read, rules: Rules, form: str) -> None:
    columns = rules.forms[form].columns
    rows = [
        [*(column.ru for column in columns), "Примечание"],
        [*(column.example for column in columns), "кроме кв. 5"],
    ]
    assert "notes.narrowed" not in [code for code, *_ in told(read(xlsx([*head(form), *rows])))]


def test_words_beside_a_row_that_ask_for_the_reverse_are_a_fault_of_that_row(read) -> None:
    rows = [[*OFF, None], ["10020031", *OFF[1:], "отменить недопоставку"]]
    table = read(xlsx([*head("undelivered"), [*DAYS, "Примечание"], *rows]))
    assert [(f.cell, f.row) for f in table.findings if f.code == "words.opposite"] == [("G9", 9)]


def test_of_a_column_that_is_asked_about_nobody_says_that_nothing_is_to_be_done(read) -> None:
    for words, code in (
        ("отклонено", "row.words_against"),
        ("выполнено ранее", "row.words_against"),
        ("то же для кв. 5", "notes.narrowed"),
    ):
        codes = [found for found, *_ in told(read(beside("Статус", words)))]
        assert code in codes and "column.extra" not in codes
    assert "column.extra" in [found for found, *_ in told(read(beside("Статус", "в работе")))]


def test_a_title_that_says_tenge_a_quarter_is_asked_about(read) -> None:
    columns = ["Услуга", "Код дома", "База", "Тариф", "Действует с", "Основание"]
    row = ["Лифт", "A-001", "м²", 40, "09.2026", "Протокол 1"]
    for title, codes in (("Тарифы, тенге за квартал", ["notes.other_measure"]), ("Тарифы, тенге за месяц", [])):
        table = read(xlsx([*head("tariffs"), [title], [], columns, row]))
        assert [code for code, *_ in told(table) if code.startswith("notes.other")] == codes


@pytest.mark.parametrize("ruling", [["-" * 20], ["***"], ["—"] * 5, [None, "_____", "-", None, "_"]])
def test_a_line_of_strokes_between_rows_is_no_row(read, ruling: list[object]) -> None:
    """Each of its empty cells was asked for."""
    one, two = (["1002003" + last, "Лифт", "06.2026", -1, "акт"] for last in "01")
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, one, ruling, two, ruling]))
    assert (told(table), table.rows.num_rows) == ([], 2)


@pytest.mark.parametrize("line", [["-", "-", "-", -5, "-"], ["????"], ["-//-"] * 5, ["-", "#N/A"]])
def test_a_line_with_more_than_strokes_is_a_row_or_asked_about(read, line: list[object]) -> None:
    one = ["10020030", "Лифт", "06.2026", -1, "акт"]
    assert told(read(xlsx([*head("recalculations"), RECALCULATIONS, one, line, one[:3]])))


def test_the_title_of_the_form_with_its_month_is_no_text_that_is_not_read(read) -> None:
    one = ["10020030", "Лифт", "09.2026", -1, "акт"]
    for line in ("ПЕРЕРАСЧЁТЫ ЗА ПРОШЛЫЙ ПЕРИОД за сентябрь 2026 года", "Перерасчёты за прошлый период"):
        assert told(read(xlsx([[line], *head("recalculations"), [line], RECALCULATIONS, one]))) == []
    more = "Перерасчёты за прошлый период за сентябрь просим провести до конца месяца"
    assert [code for code, *_ in told(read(xlsx([*head("recalculations"), [more], RECALCULATIONS, one])))] == [
        "notes.not_read"
    ]


TARIFFS = ["Услуга", "База", "Тариф", "Действует с", "Основание"]
CORRECTIONS = ["Лицевой счёт", "Показатель", "Стало", "Действует с", "Основание"]
CORRECTION: list[object] = ["10020031", "Проживает", 2, "01.09.2026", "Заявление от 05.08.2026"]
EXIT = ["Код дома", "Дата прекращения", "Причина", "Узнали"]
PRICE: list[object] = ["Лифт", "чел.", 120, "09.2026", "Протокол 1"]


def titled(title: str, sheet: str, heads: list[str], row: list[object]) -> bytes:
    made = openpyxl.load_workbook(io.BytesIO(xlsx([[title], *head("tariffs"), heads, row])))
    made.active.title = sheet
    made.save(sink := io.BytesIO())
    return sink.getvalue()


@pytest.mark.parametrize(
    ("title", "sheet", "code", "cell"),
    [
        ("Тарифы для юридических лиц", "Лист1", "notes.for_some", "A1"),
        ("ТАРИФЫ ДЛЯ НЕЖИЛЫХ ПОМЕЩЕНИЙ", "Лист1", "notes.for_some", "A1"),
        ("Заңды тұлғалар үшін тарифтер", "Лист1", "notes.for_some", "A1"),
        ("Тарифы", "Нежилые", "notes.for_some", "A8"),
        ("Тарифы для населения", "Лист1", "notes.narrowed", "A1"),
        ("Тарифы для населения и юридических лиц", "Лист1", "notes.narrowed", "A1"),
        ("Тарифы на услуги", "Лист1", "", ""),
        ("ТОО «Население Сервис»", "Лист1", "", ""),
    ],
)
def test_4_3_2_1_tariffs_for_some_consumers_are_asked_about(read, title: str, sheet: str, code: str, cell: str) -> None:
    """A price without a category is of every line: one meant for shops, sent behind the one for people, would be
    charged to people."""
    words = title if cell == "A1" else sheet
    assert told(read(titled(title, sheet, TARIFFS, PRICE))) == ([(code, cell, words)] if cell else [])


def test_4_3_2_1_tariffs_for_some_consumers_whose_rows_say_so_are_not_asked_about(read) -> None:
    title, said = "Тарифы для юридических лиц", [*PRICE, "Юридические лица"]
    assert told(read(titled(title, "Лист1", [*TARIFFS, "Категория"], said))) == []
    [[code, *_]] = told(read(titled(title, "Лист1", [*TARIFFS, "Категория"], PRICE)))
    assert code == "notes.for_some"


def test_4_3_2_1_a_basis_for_some_consumers_is_no_title(read) -> None:
    """Who decided, and for whom, is the sender's own text."""
    row = [*PRICE[:-1], "Приказ о тарифах для юридических лиц"]
    assert "notes.for_some" not in [code for code, *_ in told(read(titled("Тарифы", "Лист1", TARIFFS, row)))]


@pytest.mark.parametrize(
    "line", ["из них:", "в т.ч.:", "Отклонённые", "Например:", "Ранее направлено:", "Оның ішінде:"]
)
def test_a_line_by_which_rows_beneath_are_parts_or_no_longer_due_is_asked_about(read, line: str) -> None:
    rows: list[list[object]] = [
        ["10020031", "Лифт", "06.2026", -100, "акт"],
        ["10020032", "Лифт", "06.2026", -50, "акт"],
    ]
    data = xlsx([*head("recalculations"), RECALCULATIONS, rows[0], [line], rows[1]])
    assert ("notes.words_against", "A9", line) in told(read(data))
    below = xlsx([*head("recalculations"), RECALCULATIONS, *rows, [line]])
    assert "notes.words_against" not in [code for code, *_ in told(read(below))]


@pytest.mark.parametrize(
    ("form", "headers", "row", "note"),
    [
        ("tariffs", TARIFFS, PRICE, "верхние этажи"),
        ("meter_readings", READINGS, ["10020031", "Холодная вода", "С-1", 1, 7, "20.08.2026"], "обратный ход"),
        ("recalculations", RECALCULATIONS, ["10020031", "Лифт", "06.2026", -100, "акт"], "сумма на одного человека"),
        ("recalculations", RECALCULATIONS, ["10020031", "Лифт", "06.2026", -100, "акт"], "ежемесячно до конца года"),
        ("directory_corrections", CORRECTIONS, CORRECTION, "до 31.12.2026"),
        ("directory_corrections", CORRECTIONS, CORRECTION, "на время учёбы"),
        ("directory_corrections", CORRECTIONS, CORRECTION, "31.12.2026 дейін"),
    ],
)  # fmt: skip
def test_notes_by_which_a_price_is_of_some_floors_or_a_meter_is_in_doubt_are_told(
    read, form: str, headers: list[str], row: list[object], note: str
) -> None:
    table = read(xlsx([*head(form), [*headers, "Примечание"], [*row, note]]))
    assert "notes.narrowed" in [code for code, *_ in told(table)]


LEAVES: list[object] = ["A-001", "01.10.2026", "Снос", "01.08.2026"]
OFF_HOUSE: list[object] = ["", "A-001", "Отопление", "03.08.2026", "07.08.2026", 5]
PENALTY = ["Услуга", "Ставка, % годовых", "Коэффициент", "Льготных дней", "Не более", "Действует с", "Основание"]
FINE: list[object] = ["Лифт", "16,5", "1,5", 0, 10, "01.09.2026", "Протокол 1"]
HOUSE_DAYS = ["Лицевой счёт", "Код дома", "Услуга", "С", "По", "Дней"]


@pytest.mark.quick(0, 1, 2, 3, 4, 5)
@pytest.mark.parametrize(
    ("form", "headers", "row", "note"),
    [
        ("tariffs", TARIFFS, PRICE, "первый этаж не платит"), ("tariffs", TARIFFS, PRICE, "2 қабаттан бастап"),
        ("tariffs", TARIFFS, PRICE, "временно, до 01.12.2026"), ("tariffs", TARIFFS, PRICE, "уақытша"),
        ("tariffs", TARIFFS, PRICE, "действует до 31.12.2026"), ("tariffs", TARIFFS, PRICE, "до конца года"),
        ("tariffs", TARIFFS, PRICE, "кв. 1-20"), ("tariffs", TARIFFS, PRICE, "для 2-го подъезда"),
        ("tariffs", TARIFFS, PRICE, "на 3 месяца"), ("tariffs", TARIFFS, PRICE, "только для кв. 5"),
        ("tariffs", TARIFFS, PRICE, "на согласовании"), ("tariffs", TARIFFS, PRICE, "5 пәтерге"),
        ("house_exit", EXIT, LEAVES, "возможно, ждём решения суда"), ("house_exit", EXIT, LEAVES, "только подъезд 2"),
        ("penalty_notice", PENALTY, FINE, "только для нежилых"), ("penalty_notice", PENALTY, FINE, "до 31.12.2026"),
        ("undelivered", HOUSE_DAYS, OFF_HOUSE, "2 подъезд"), ("undelivered", HOUSE_DAYS, OFF_HOUSE, "кв. 1, 3, 5"),
    ],
)  # fmt: skip
def test_words_by_which_rows_are_of_a_part_or_for_a_time_let_the_form_wait(
    read, form: str, headers: list[str], row: list[object], note: str
) -> None:
    """What acts in full on all of a house, or until another form, may not be what was meant (law 7)."""
    beside = read(xlsx([*head(form), [*headers, "Примечание"], [*row, note]]))
    assert [code for code, *_ in told(beside) if code != "column.extra"] == ["notes.limited"]
    assert "notes.limited" in [code for code, *_ in told(read(xlsx([[note], *head(form), headers, row])))]
    named = openpyxl.load_workbook(io.BytesIO(xlsx([*head(form), headers, row])))
    named.active.title = note[:31]
    named.save(sink := io.BytesIO())
    assert "notes.limited" in [code for code, *_ in told(read(sink.getvalue()))]


@pytest.mark.parametrize(
    ("form", "headers", "row", "note"),
    [
        ("tariffs", TARIFFS, PRICE, "тариф на 3 кв. 2026 г."), ("tariffs", TARIFFS, PRICE, "III кв. 2026"),
        ("tariffs", TARIFFS, PRICE, "31 тг за кв. м"), ("tariffs", TARIFFS, PRICE, "дом 9 этажей, 4 подъезда"),
        ("tariffs", TARIFFS, PRICE, "Протокол № 7 от 15.07.2026, кроме того приказ 5"),
        ("undelivered", HOUSE_DAYS, ["10020030", "", *OFF_HOUSE[2:]], "2 подъезд, кв. 5"),  # the account is the part
    ],
)  # fmt: skip
def test_words_of_a_quarter_a_measure_or_one_account_limit_nothing(
    read, form: str, headers: list[str], row: list[object], note: str
) -> None:
    table = read(xlsx([*head(form), [*headers, "Примечание"], [*row, note]]))
    assert "notes.limited" not in [code for code, *_ in told(table)]


@pytest.mark.parametrize(
    "line",
    [
        "ТОО «А», г. Алматы, ул. Абая 10, 2 этаж",
        "Исп. Петрова, каб. 3, 2 этаж",
        "Адрес: Абая 10, кв. 5",
        "Тел. 5, 2 қабат",
    ],
)
def test_the_senders_own_address_around_the_table_limits_nothing(read, line: str) -> None:
    for rows in ([[line], *head("tariffs"), TARIFFS, PRICE], [*head("tariffs"), TARIFFS, PRICE, [], [line]]):
        assert "notes.limited" not in [code for code, *_ in told(read(xlsx(rows)))]
    beside = read(xlsx([*head("tariffs"), [*TARIFFS, "Примечание"], [*PRICE, "ул. Абая 10, кв. 5"]]))
    assert "notes.limited" in [code for code, *_ in told(beside)]


def test_a_day_of_a_document_narrows_nothing(read) -> None:
    table = read(xlsx([*head("directory_corrections"), CORRECTIONS, CORRECTION]))
    assert told(table) == []
    assert told(read(xlsx([*head("tariffs"), TARIFFS, [*PRICE[:4], "Протокол от 05.08.2026"]]))) == []


@pytest.mark.parametrize(
    ("cell", "words", "told_of"),
    [
        ("D8", "должно быть -200", True), ("D8", "не -100, а -150", True), ("A8", "это 10020031", True),
        ("C8", "исправить на 07.2026", True), ("D8", "ошибка", True), ("D8", "дұрысы 200", True),
        ("D8", "Проверено 12.08, верно", False), ("D8", "верно -100", False), ("E8", "правильно: акт 5", False),
    ],
)  # fmt: skip
def test_a_comment_by_which_its_value_should_be_another_is_asked_about(
    read, cell: str, words: str, told_of: bool
) -> None:
    """The value was posted, with a warning that the comment is not read."""
    row = ["10020030", "Лифт", "06.2026", -100, "Акт от 12.07.2026"]
    made = openpyxl.load_workbook(io.BytesIO(xlsx([*head("recalculations"), RECALCULATIONS, row])))
    made.active[cell].comment = Comment(words, "А")
    made.save(sink := io.BytesIO())
    assert ("value.commented_otherwise" in [code for code, *_ in told(read(sink.getvalue()))]) == told_of


@pytest.mark.parametrize("line", ["и т.д.", "См. лист 2", "Продолжение на листе 2", "және т.б."])
def test_a_line_that_says_that_rows_go_on_is_told(read, line: str) -> None:
    row = ["10020030", "Лифт", "06.2026", -100, "Акт, фото и т.д."]
    told_of = told(read(xlsx([*head("recalculations"), RECALCULATIONS, row, [line]])))
    assert ("lines.go_on", "A9", line) in told_of
    assert told(read(xlsx([*head("recalculations"), RECALCULATIONS, row]))) == []
