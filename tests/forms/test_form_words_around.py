"""4.1.15: words around a table, beside a row or in a sheet's name that change what is meant: the sender is asked."""

from __future__ import annotations

import io

import openpyxl
import pytest
import xlsxwriter
from form_books import READINGS, RECALCULATIONS, REGISTER, head, told, xlsx

ROWS = [["10020030", "Лифт", "06.2026", -100, "акт 1"], ["10020031", "Лифт", "06.2026", -50, "акт 2"]]
TOP = head("recalculations")


def form(*, above: list[object] | None = None, below: list[object] | None = None) -> bytes:
    return xlsx([*TOP[:-1], above or [], [], RECALCULATIONS, *ROWS, [], below or []])


@pytest.mark.parametrize(
    "words",
    [
        "Суммы указаны в тысячах тенге", "тыс. тенге", "(тыс. тг)", "Ед. изм.: тыс.тг.", "мың теңге", "Сома, мың тг",
        "Суммы в долларах США", "в рублях", "Единица измерения: USD", "суммы в тиынах", "(в млн тенге)",
    ],
)  # fmt: skip
def test_another_measure_around_a_table_of_numbers_is_asked_about(read, words: str) -> None:
    for place, data in (("A6", form(above=[words])), ("E6", form(above=[None] * 4 + [words]))):
        assert ("notes.other_measure", place, words) in told(read(data))
    assert ("notes.other_measure", "A12", words) in told(read(form(below=[words])))


@pytest.mark.parametrize(
    "words",
    [
        "суммы в тенге", "Всего: сто пятьдесят тысяч тенге", "всего 15 тыс. тенге", "жалпы: екі жүз мың теңге",
        "Рубцова А. К.", "тысячелетия, 5", "на сумму 1,5 млн тенге", "доллары не принимаем",
    ],
)  # fmt: skip
def test_sums_and_names_are_no_measure(read, words: str) -> None:
    for data in (form(above=[words]), form(below=[words])):
        assert "notes.other_measure" not in [code for code, *_ in told(read(data))]


@pytest.mark.parametrize(("title", "said"), [("Ед. изм.", "тыс. тг"), ("Валюта", "USD"), (None, "тыс. тенге")])
def test_another_measure_beside_the_rows_is_asked_about_once(read, title: str | None, said: str) -> None:
    rows = [[*row, said] for row in ROWS]
    found = [
        one for one in told(read(xlsx([*TOP, [*RECALCULATIONS, title], *rows]))) if one[0] == "notes.other_measure"
    ]
    assert found == [("notes.other_measure", "F8", said)]
    plain = xlsx([*TOP, [*RECALCULATIONS, title], *[[*row, "тенге"] for row in ROWS]])
    assert "notes.other_measure" not in [code for code, *_ in told(read(plain))]


@pytest.mark.parametrize(
    "words",
    [
        "Строку 2 не учитывать!", "ЧЕРНОВИК", "Проект", "Данная форма аннулирована", "Есепке алмаңыз",
        "Данные предварительные, не проводить до подтверждения",
    ],
)  # fmt: skip
def test_words_around_a_table_that_ask_not_to_count_it_are_asked_about(read, words: str) -> None:
    assert ("notes.words_against", "A6", words) in told(read(form(above=[words])))
    assert ("notes.words_against", "A12", words) in told(read(form(below=[words])))


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Для сравнения, прошлый перерасчёт:", True), ("Было:", True), ("Отменены", True), ("Салыстыру үшін", True),
        ("Прошлый месяц", False), ("Дом A-001", False), ("Исправлено", False),
    ],
)  # fmt: skip
def test_a_line_over_rows_that_sets_them_apart_is_asked_about(read, words: str, asked: bool) -> None:
    """Rows to compare with were posted like the others."""
    first, *others = ROWS
    for below in ([[words]], [[], [words], RECALCULATIONS]):  # under such a line, or in a table of their own
        table = read(xlsx([*TOP, RECALCULATIONS, first, *below, *others]))
        found = [(code, value) for code, _, value in told(table) if code == "notes.words_against"]
        assert found == ([("notes.words_against", words)] if asked else [])
    after = told(read(xlsx([*TOP, RECALCULATIONS, *ROWS, ["Для сравнения: было 5"]])))
    assert "notes.words_against" not in [code for code, *_ in after]


@pytest.mark.parametrize("words", ["Прошлый месяц", "Показания за прошлый месяц:", "Өткен ай"])
def test_a_line_over_rows_of_a_month_before_is_asked_about_where_rows_say_no_month(read, words: str) -> None:
    rows = [[f"1002003{i}", "Лифт", "С-1", 1, 2, "20.08.2026"] for i in range(2)]
    table = read(xlsx([*head("meter_readings"), READINGS, rows[0], [words], rows[1]]))
    assert ("notes.words_against", "A9", words) in told(table)


@pytest.mark.parametrize(
    "words", ["Формы без документов не учитываются", "Проект планировки № 7", "Отменено начисление за лифт", "Лифт"]
)
def test_rules_and_reasons_around_a_table_ask_for_nothing(read, words: str) -> None:
    assert "notes.words_against" not in [code for code, *_ in told(read(form(above=[words])))]


@pytest.mark.parametrize("title", ["Примечание", None])
@pytest.mark.parametrize("words", ["удалить", "Отменено", "двойная строка, убрать", "- (не начислять!)", "жойылсын"])
def test_a_row_that_somebody_marked_as_gone_is_asked_about(read, title: str | None, words: str) -> None:
    data = xlsx([*TOP, [*RECALCULATIONS, title], ROWS[0], [*ROWS[1], words]])
    assert ("row.words_against", "F9", words) in told(read(data))


@pytest.mark.parametrize("words", ["отмена начисления по заявлению", "исключить 1 проживающего", "сверено"])
def test_the_reason_of_a_row_is_no_word_against_it(read, words: str) -> None:
    data = xlsx([*TOP, [*RECALCULATIONS, "Примечание"], ROWS[0], [*ROWS[1], words]])
    assert told(read(data)) == [("column.extra", "F7", "Примечание")]


@pytest.mark.parametrize("title", ["Знак", "+/-", "Таңбасы"])
def test_a_column_of_signs_beside_the_sums_is_asked_about(read, title: str) -> None:
    def signed(*signs: str) -> list[tuple[str, str, str]]:
        rows = [[*row[:3], 100, row[4], sign] for row, sign in zip(ROWS, signs, strict=True)]
        return told(read(xlsx([*TOP, [*RECALCULATIONS, title], *rows])))

    assert signed("+", "-") == signed("−", "") == [("column.rival", "F7", title)]
    assert signed("+", "+") == [("column.extra", "F7", title)]


@pytest.mark.parametrize("words", ["возврат", "Сторно", "отмена платежа", "қайтару"])
def test_a_sum_above_zero_beside_which_a_word_says_that_it_goes_back_is_asked_about(read, words: str) -> None:
    def register(*sums: object) -> list[tuple[str, str, str]]:
        paid = ["CASPKZKA", "05.09.2026", "7", "10020030", None, None]
        rows = [[*paid, *pair] for pair in zip(sums, ["оплата", words], strict=False)]
        table = read(xlsx([["Форма", "bank_register"], ["Версия", "1"], [], [*REGISTER, "Операция"], *rows]))
        return [one for one in told(table) if one[0].startswith("column")]

    for amount in (500, "500,00"):
        assert register(100, amount) == [("column.rival", "H4", "Операция")]
    for amount in (-500, "-500,00"):
        assert register(100, amount) == [("column.extra", "H4", "Операция")]
    assert register(100) == [("column.extra", "H4", "Операция")]


@pytest.mark.parametrize(
    "words",
    [
        "Перерасчёт в сторону уменьшения", "Снятие начислений", "Кеміту", "Снято:", "Уменьшение", "К возврату жильцам",
        "Перерасчёт в минус", "Излишне начислено", "Азайтылды",
    ],
)  # fmt: skip
def test_words_that_lower_what_was_charged_do_not_go_with_sums_above_zero(read, words: str) -> None:
    def found(*sums: object) -> list[tuple[str, str]]:
        rows = [[*row[:3], amount, row[4]] for row, amount in zip(ROWS, sums, strict=True)]
        table = read(xlsx([*TOP[:-1], [words], [], RECALCULATIONS, *rows]))
        return [(f.code, f.facts["first"][0]) for f in table.findings if f.code != "notes.not_read"]

    assert found(-5, 7) == found(-5, "7,00") == [("notes.other_sign", "7")]
    assert found(-5, -7) == []


@pytest.mark.parametrize("words", ["Снято ранее по акту 3", "Списано ошибочно", "Уменьшение площади", "Доначисление"])
def test_a_reason_that_tells_what_was_lowered_before_goes_with_a_sum_above_zero(read, words: str) -> None:
    assert told(read(xlsx([*TOP, RECALCULATIONS, [*ROWS[0][:3], 7, words]]))) == []


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Тариф (за квартал)", "column.missing"), ("Тариф (в год)", "column.other_measure"),
        ("Тариф, тг (тоқсанына)", "column.other_measure"),
    ],
)  # fmt: skip
def test_a_tariff_of_another_time_is_not_the_tariff(read, title: str, code: str) -> None:
    row = ["Лифт", "A-001", "м²", 40, "09.2026", "Протокол 1"]
    names = ["Услуга", "Код дома", "База", title, "Действует с", "Основание"]
    assert code in [found for found, *_ in told(read(xlsx([*head("tariffs"), names, row])))]
    for fine in ("Тариф (тенге)", "Тариф (с НДС)", "Тариф (без НДС)", "Тариф, тенге (2026 год)", "Тариф"):
        assert told(read(xlsx([*head("tariffs"), [*names[:3], fine, *names[4:]], row]))) == []
    for since in ("Действует с (месяц, год)", "Действует с (год)"):
        assert told(read(xlsx([*head("tariffs"), [*names[:3], "Тариф", since, names[5]], row]))) == []


@pytest.mark.parametrize(
    ("words", "asked"),
    [("Тарифы указаны за квартал", True), ("Тариф без НДС", True), ("Перерасчёт за 2025 год", False),
     ("Начисление за год пересмотрено", False), ("Тарифы с НДС", False), ("ТОО «Евро Сервис»", False),
     ("Евро Лифт (без НДС)", False), ("Суммы (евро)", True), ("Все суммы в евро", True)],
)  # fmt: skip
def test_a_time_or_a_tax_said_around_the_table_is_another_measure(read, words: str, asked: bool) -> None:
    assert ("notes.other_measure" in [code for code, *_ in told(read(form(above=[words])))]) is asked


def test_a_second_column_that_the_form_knows_by_another_name_is_asked_about(read) -> None:
    rows = [[*row, -999] for row in ROWS]
    for title in ("Сумма, тенге", "Сумма перерасчёта"):
        data = xlsx([*TOP, [*RECALCULATIONS, title], *rows])
        assert told(read(data)) == [("column.rival", "F7", title)]
        same = xlsx([*TOP, [*RECALCULATIONS, title], *[[*row, row[3]] for row in ROWS]])
        assert told(read(same)) == [("column.extra", "F7", title)]


@pytest.mark.parametrize("name", ["Лист2 (старый)", "Черновик", "не отправлять", "Ескі"])
def test_a_sheet_set_aside_by_its_name_is_asked_about_beside_another(read, name: str) -> None:
    def book(*names: str, empty: bool = False) -> bytes:
        made, sink = openpyxl.load_workbook(io.BytesIO(xlsx([*TOP, RECALCULATIONS, ROWS[0]]))), io.BytesIO()
        made.active.title = names[0]
        for further in names[1:]:
            sheet = made.create_sheet(further)
            for row in (*TOP, RECALCULATIONS, *([] if empty else ROWS[1:])):
                sheet.append(row)
        made.save(sink)
        return sink.getvalue()

    assert ("sheet.set_aside", "", name) in told(read(book("Лист1", name)))
    assert ("sheet.set_aside", "", name) in told(read(book(name, "Лист1")))
    for fine in (book(name), book("Лист1", "Лист2"), book("Лист1", name, empty=True)):
        assert "sheet.set_aside" not in [code for code, *_ in told(read(fine))]


def test_a_measure_said_around_a_table_of_readings_is_asked_about(read) -> None:
    row = ["10020030", "Электроэнергия", "Э-1", 1, 2, "20.08.2026"]
    data = xlsx([*head("meter_readings")[:-1], ["показания в тыс. кВт·ч"], [], READINGS, row])
    assert ("notes.other_measure", "A6", "показания в тыс. кВт·ч") in told(read(data))


@pytest.mark.parametrize(
    ("words", "code"), [("тыс. тенге", "notes.other_measure"), ("не учитывать", "notes.words_against")]
)
def test_words_in_comments_and_text_boxes_are_asked_about_too(read, words: str, code: str) -> None:
    def book(place: str, comment: bool) -> bytes:
        sink = io.BytesIO()
        with xlsxwriter.Workbook(sink, {"in_memory": True}) as made:
            sheet = made.add_worksheet()
            for r, row in enumerate([*TOP, RECALCULATIONS, *ROWS]):
                sheet.write_row(r, 0, [value if value is not None else "" for value in row])
            sheet.write_comment(place, words) if comment else sheet.insert_textbox(place, words)
        return sink.getvalue()

    for place in ("D7", "D8"):  # of the heading, and of a row
        assert (code, place, words) in told(read(book(place, comment=True)))
    assert (code, words) in [(one, text) for one, _, text in told(read(book("G3", comment=False)))]


@pytest.mark.parametrize(("width", "hidden"), [(0.5, True), (0, True), (1.5, False)])
def test_a_column_too_narrow_for_a_digit_is_hidden(read, width: float, hidden: bool) -> None:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.set_column(3, 3, width)
        for r, row in enumerate([*TOP, RECALCULATIONS, *ROWS]):
            sheet.write_row(r, 0, [value if value is not None else "" for value in row])
    assert ("columns.hidden" in [code for code, *_ in told(read(sink.getvalue()))]) is hidden


@pytest.mark.parametrize("words", ["Снять по акту", "Возврат за неоказанную услугу", "снятие по акту 3", "Қайтару"])
def test_a_rows_own_text_that_lowers_does_not_go_with_a_sum_above_zero(read, words: str) -> None:
    """It was charged on top, with documents beside it."""
    for amount in (7, -7, 0):
        table = read(
            xlsx(
                [*TOP, RECALCULATIONS, [*ROWS[0][:3], amount, words], [*ROWS[1][:3], 5, "Акт о непринятых показаниях"]]
            )
        )
        assert [code for code, *_ in told(table)] == ["row.other_sign"] * (amount > 0)


def test_sums_of_one_sign_a_column_are_asked_for_in_the_forms_one(read) -> None:
    """ "Nothing to do" was said of the very sums."""
    heads = [*RECALCULATIONS[:3], "Снять", "Доначислить", RECALCULATIONS[4]]
    rows = [[*ROWS[0][:3], 7, None, "Акт 1"], [*ROWS[1][:3], None, 8, "Акт 2"]]
    found = told(read(xlsx([*TOP[:-1], heads, *rows])))
    assert [code for code, *_ in found] == ["column.of_one_sign", "column.of_one_sign", "column.missing"]
    plain = [*RECALCULATIONS[:3], "Начислено", "Доначислено", RECALCULATIONS[4]]
    assert "column.of_one_sign" not in [code for code, *_ in told(read(xlsx([*TOP[:-1], plain, *rows])))]
