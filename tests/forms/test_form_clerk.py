"""Forms as people in a hurry make them, read as the most patient clerk would: kinds, not instances (4.1.15)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import xlwt
from form_books import READINGS, RECALCULATIONS, head, told, xlsx
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from inbox_worker.forms.read import read_form

GOOD = ["10020030", "Холодная вода", "С-104477", 120, 127.5, "20.08.2026"]
ONE = ["10020030", "Лифт", "06.2026", -100, "акт 1"]
TWO = ["10020031", "Лифт", "06.2026", -50, "акт 2"]
Rows = list[list[object]]


def xls(rows: Rows, dates_1904: bool = False) -> bytes:
    book, sink = xlwt.Workbook(), io.BytesIO()
    book.dates_1904 = dates_1904
    sheet = book.add_sheet("Лист1")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                sheet.write(r, c, value)
    book.save(sink)
    return sink.getvalue()


def ods(rows: Rows) -> bytes:
    document, sheet, sink = OpenDocumentSpreadsheet(), Table(name="Лист1"), io.BytesIO()
    for row in rows:
        line = TableRow()
        for value in row:
            number = isinstance(value, int | float)
            cell = TableCell(valuetype="float", value=value) if number else TableCell(valuetype="string")
            cell.addElement(P(text="" if value is None else str(value)))
            line.addElement(cell if value is not None else TableCell())
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    document.save(sink)
    return sink.getvalue()


FORMATS: dict[str, Callable[[Rows], bytes]] = {"xlsx": xlsx, "xls": xls, "ods": ods}
every_format = pytest.mark.parametrize("kind", FORMATS)


def recalculations(*rows: list[object]) -> Rows:
    return [*head("recalculations"), RECALCULATIONS, *rows]


FOOTERS: dict[str, Rows] = {
    "labels and names": [["Составил:", "Серикова А."], ["Проверил:", "Ким В."]],
    "in Kazakh": [["* сомалар келісілді"], ["Дайындаған:", "Серікова А."], ["Келісілді:", "директор"]],
    "a day to sign": [["Подпись", None, "Дата", "20.08.2026"]],
    "every cell": [["Исполнитель", "Ким", "отдел", "тел. 250-12-34", "20.08.2026"]],
    "a telephone alone": [["8-727-250-12-34"], ["+7 (727) 250-12-34"]],
    "names far off": [["Кассир", None, None, "Ахметова"], ["Принял", None, None, "Ким"]],
    "a table of words": [["Кто", "Должность"], ["Ким", "слесарь"]],
}


@every_format
@pytest.mark.parametrize("lines", FOOTERS.values(), ids=FOOTERS)
def test_lines_without_account_and_number_under_the_table_are_none_of_its_rows(read, kind: str, lines: Rows) -> None:
    table = read(FORMATS[kind](recalculations(ONE, TWO, [], *lines)), f"форма.{kind}")
    assert (told(table), table.rows.num_rows) == ([], 2)


@pytest.mark.parametrize(
    ("rows", "cell"),
    [
        ([ONE, ["", "Лифт", "06.2026", -70, "акт"]], "A9"),  # a sum without an account at the end
        ([ONE, [None, None, None, -70]], "A9"),
        ([ONE, ["", "Лифт", "06.2026", "", "акт"], TWO], "A9"),  # between rows, though no number stands in it
        ([ONE, ["", "Лифт", "06.2026", "", "акт"]], "A9"),  # a service of ours stands where services stand
        ([ONE, ["10020031"]], "B9"),
        ([ONE, [None, "10020031", "06.2026", None, "акт"]], "A9"),  # cells that slipped aside
    ],
)
def test_a_row_with_something_forgotten_is_never_a_line_under_the_table(read, rows: Rows, cell: str) -> None:
    assert ("value.missing", cell, "") in told(read(xlsx(recalculations(*rows))))


@pytest.mark.parametrize("day", [None, "скоро"])
def test_a_last_row_that_lacks_one_of_many_things_is_no_line_to_sign_on(read, day: str | None) -> None:
    """The second of two changes was passed over in silence: it names a director, and its day was forgotten."""
    headers = ["ФИО", "Должность", "Протокол №, дата", "Приказ №, дата", "Изменено"]
    first = ["Ким Вера", "Бухгалтер", "№ 4 от 27.07.2026", "№ 11-к от 28.07.2026", "28.07.2026"]
    second = ["Ахметов Данияр", "Директор", *first[2:4], day]
    table = read(xlsx([*head("representative"), headers, first, second]))
    code = "value.not_a_date" if day else "value.missing"
    assert ([finding[:2] for finding in told(table)], table.rows.num_rows) == ([(code, "E9")], 2)
    signed = ["Директор", "Ахметов Д. А.", "20.08.2026", "М.П."]
    table = read(xlsx([*head("representative"), headers, first, signed]))
    assert (told(table), table.rows.num_rows) == ([], 1)


@pytest.mark.parametrize(
    ("form", "headers", "rows"),
    [
        (
            "request",
            ["Вид запроса", "Параметр", "С даты"],
            [["справка", "10020030"], ["Сведения о чём-то", "10020031"]],
        ),
        ("requisites", ["Показатель", "Было", "Стало", "Изменено"], [["Другое имя", "А", "Б", "20.08.2026"]] * 2),
    ],
)
def test_a_last_row_with_an_unknown_choice_is_a_row(read, form: str, headers: list[object], rows: Rows) -> None:
    """In a form without accounts and numbers nothing is lost because its first cell is misspelled."""
    assert read(xlsx([*head(form), headers, *rows])).rows.num_rows == 2
    assert read(xlsx([*head(form), headers, *rows, ["Директор:", "____", "Ким"]])).rows.num_rows == 2


def test_two_lines_of_words_are_no_second_table_and_a_header_with_rows_is(read) -> None:
    second = [["Причина", "Кто", "Сколько"], [1, "мастер", "много"]]
    table = read(xlsx(recalculations(ONE, [], *second)))
    assert told(table) == [("table.second", "A10", "Причина; Кто; Сколько")]


HEADERS = {
    "two languages in lines": ["Дербес шот\nЛицевой счёт", "Қызмет\nУслуга", "Аспап №\n№ прибора",
                               "Алдыңғы\nПредыдущее", "Ағымдағы\nТекущее", "Алынған күні\nДата снятия"],
    "a slash, a bar, brackets": ["Лицевой счёт / Дербес шот", "Услуга | Қызмет", "№ прибора (Аспап №)",
                                 "Предыдущее/Алдыңғы", "Ағымдағы (Текущее)", "Дата снятия — Алынған күні"],
    "units": ["Лицевой счет №", "Вид услуги", "Номер счетчика", "Предыдущее показание, м3", "Текущее показание (м³)",
              "Дата снятия показаний"],
    "numbered and broken": ["1. Лиц. счёт", "2. Услуга", "3. №\nприбора", "Преды-\nдущее", "Теку-\nщее", "6) Дата"],
    "shortened": ["№ л/с", "Наименование услуги", "№ ИПУ", "Пред. пок., куб.м", "Тек. пок., куб.м", "Дата показаний"],
}  # fmt: skip


@every_format
@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_headers_in_two_languages_with_units_or_shortened(read, kind: str, headers: list[object]) -> None:
    table = read(FORMATS[kind]([*head("meter_readings"), headers, GOOD]), f"форма.{kind}")
    assert (told(table), table.rows["current"].to_pylist()) == ([], [Decimal("127.500")])


@pytest.mark.parametrize(
    "header",
    [
        "Сумма, тыс. тг",
        "Сумма (тыс. тенге)",
        "Сумма, руб.",
        "Сумма, млн",
        "Сумма, $",
        "Сумма, тиын",
        "Сумма, мың теңге",
    ],
)
def test_a_header_in_another_measure_is_to_be_recomputed_first(read, header: str) -> None:
    """Who only renames it as a missing column would have a thousandth of the money counted."""
    table = read(xlsx([*head("recalculations"), [*RECALCULATIONS[:3], header, "Основание"], ONE]))
    assert told(table) == [("column.other_measure", "D7", header)] and table.rows.num_rows == 0


@pytest.mark.parametrize("header", ["Сумма (тенге, тиын)", "Сумма (тенге и тиын)", "Сумма (тг/тиын)"])
def test_tenge_and_tiyn_are_one_measure(read, header: str) -> None:
    table = read(xlsx([*head("recalculations"), [*RECALCULATIONS[:3], header, "Основание"], ONE]))
    assert (told(table), table.rows.num_rows) == ([], 1)


@pytest.mark.parametrize(
    "header", ["Текущее, литры", "Текущее, л", "Текущее, МВт·ч", "Текущее (кДж)", "Текущее, Гкал", "Текущее, тыс. м3"]
)
def test_readings_in_another_unit_are_to_be_recomputed_first(read, header: str) -> None:
    """Cold water is counted in cubic metres, whatever a heading says of its numbers."""
    table = read(xlsx([*head("meter_readings"), [*READINGS[:4], header, READINGS[5]], GOOD]))
    assert told(table) == [("column.other_unit", "E7", header)] and "м³" in table.findings[0].facts["unit"]


@pytest.mark.parametrize(("header", "service"), [("Текущее, кВт*ч", "Электроэнергия"), ("Текущее, Гкал", "Отопление")])
def test_a_heading_with_the_unit_of_its_rows_is_the_column(read, header: str, service: str) -> None:
    table = read(xlsx([*head("meter_readings"), [*READINGS[:4], header, READINGS[5]], [GOOD[0], service, *GOOD[2:]]]))
    assert (told(table), table.rows.num_rows) == ([], 1)


def test_labels_in_two_languages(read) -> None:
    top = [["Форма / Нысан", "recalculations"], ["БИН заказчика / Тапсырыс берушінің БСН", "971240003619"],
           ["Месяц учёта (Есепке алу айы):", "09.2026"]]  # fmt: skip
    table = read(xlsx([*top, RECALCULATIONS, ONE]))
    assert (table.header["customer"].text, table.header["month"].text, told(table)) == ("971240003619", "2026-09", [])


def test_a_form_without_its_table_is_told_what_was_found_and_what_came_near(read) -> None:
    bare = read(xlsx([*head("meter_readings"), ["Лицевой счёт", "Показание воды", "Расход"], ["10020030", 1, 2]]))
    [finding] = bare.findings
    assert finding.code == "table.missing" and finding.facts["found"] == "«Лицевой счёт»"
    assert "«Текущее» (≈ «Показание воды»)" in finding.facts["missing"]


def test_a_foreign_form_is_told_which_form_it_resembles(rules, reader) -> None:
    found = read_form(xlsx([["Лицевой счёт", "Услуга", "Оплачено"], ["1", "Лифт", 5]]), "чужая.xlsx", rules, reader)
    assert [finding.code for finding in found] == ["form.unknown", "form.similar"]
    assert "«Лицевой счёт»" in found[1].facts["found"] and found[1].facts["missing"] != "—"


def book(*sheets: tuple[str, str, Rows]) -> bytes:
    made, sink = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for name, state, rows in sheets:
        sheet = made.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    made.save(sink)
    return sink.getvalue()


FORM = ("Показания", "visible", [*head("meter_readings"), READINGS, GOOD])
SAMPLE = [["Образец"], READINGS, ["10020099", *GOOD[1:]]]


@pytest.mark.parametrize("name", ["Образец", "ПРИМЕР заполнения", "Үлгі", "Инструкция", "Лист2"])
@pytest.mark.parametrize("first", [True, False])
def test_a_sheet_that_does_not_name_itself_never_posts_beside_the_form(read, name: str, first: bool) -> None:
    other = (name, "visible", SAMPLE)
    table = read(book(*((other, FORM) if first else (FORM, other))))
    assert table.rows["account"].to_pylist() == ["10020030"] and table.header["customer"].text == "971240003619"
    assert [(f.code, f.value) for f in table.findings] == [("sheet.not_read", name)]


def test_a_sample_with_a_bin_does_not_post_beside_the_form(read) -> None:
    table = read(book(("Образец", "visible", [*head("meter_readings"), *SAMPLE[1:]]), FORM))
    assert table.rows["account"].to_pylist() == ["10020030"] and told(table) == [("sheet.not_read", "", "Образец")]


def test_a_very_hidden_sheet_never_posts(read) -> None:
    table = read(book(FORM, ("база", "veryHidden", FORM[2])))
    assert (table.rows.num_rows, told(table)) == (1, [("sheet.very_hidden", "", "база")])


def test_a_hidden_sheet_does_not_post_beside_a_visible_form(read) -> None:
    table = read(book(("старый", "hidden", FORM[2]), FORM))
    assert table.rows["sheet"].to_pylist() == ["Показания"] and told(table) == [("sheet.hidden_left", "", "старый")]


def test_a_hidden_sheet_that_is_shown_as_the_answer_says_is_read(read) -> None:
    table = read(book(("старый", "visible", FORM[2]), FORM))
    assert sorted(set(table.rows["sheet"].to_pylist())) == ["Показания", "старый"]


def test_a_hidden_sheet_that_does_not_name_itself_has_the_other_reasons(read) -> None:
    assert told(read(book(("старый", "hidden", FORM[2][-2:]), FORM))) == [("sheet.not_read", "", "старый")]


def test_header_pairs_of_a_title_page_count(read) -> None:
    table = read(book(("Титул", "visible", head("meter_readings")), ("Таблица", "visible", [READINGS, GOOD])))
    assert (table.header["customer"].text, table.rows.num_rows, told(table)) == ("971240003619", 1, [])


@every_format
def test_what_no_eye_sees_goes_before_typing(read, kind: str) -> None:
    rows: Rows = [
        ["1002\u200b0030", "Холодная\u00a0вода", "\u200eС-104477", "1\u2060 234,5", "'1 300", "'20.08.2026"],
        [
            "\u202a10020031\u202c",
            "\ufeffХолодная вода",
            "С\u00ad-104478",
            "120",
            "\u20661300\u2069",
            "20.08.2026\u200f",
        ],
    ]
    table = read(FORMATS[kind]([*head("meter_readings"), READINGS, *rows]), f"форма.{kind}")
    assert told(table) == []
    assert table.rows["account"].to_pylist() == ["10020030", "10020031"]
    assert table.rows["meter"].to_pylist() == ["С-104477", "С-104478"]
    assert table.rows["current"].to_pylist() == [Decimal(1300)] * 2


def merged(kind: str) -> bytes:
    """The account stands over two rows; the second has a sum."""
    rows, sink = recalculations(ONE, [None, *TWO[1:]]), io.BytesIO()
    if kind == "xlsx":
        made = openpyxl.load_workbook(io.BytesIO(xlsx(rows)))
        made.active.merge_cells("A8:A9")
        made.save(sink)
        return sink.getvalue()
    if kind == "xls":
        made, top = xlwt.Workbook(), len(rows) - 2
        sheet = made.add_sheet("Лист1")
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None and (r, c) != (top, 0):
                    sheet.write(r, c, value)
        sheet.write_merge(top, top + 1, 0, 0, ONE[0])
        made.save(sink)
        return sink.getvalue()
    document, sheet = OpenDocumentSpreadsheet(), Table(name="Лист1")
    for r, row in enumerate(rows):
        line = TableRow()
        for c, value in enumerate(row):
            if (r, c) == (len(rows) - 1, 0):
                line.addElement(CoveredTableCell())
                continue
            more = {"numberrowsspanned": 2, "numbercolumnsspanned": 1} if (r, c) == (len(rows) - 2, 0) else {}
            cell = TableCell(valuetype="string", **more)
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    document.save(sink)
    return sink.getvalue()


@every_format
def test_a_cell_covered_by_a_merge_is_named_with_the_range(read, rules, kind: str) -> None:
    table = read(merged(kind), f"форма.{kind}")
    assert told(table) == [("value.merged", "A9", "")]
    assert table.findings[0].facts["range"] == "A8:A9" and table.findings[0].facts["first"] == "A8"
    for code in ("value.missing", "value.merged"):
        assert "далите" not in rules.findings[code].remedy_ru and "жойыңыз" not in rules.findings[code].remedy_kk


def test_an_optional_cell_covered_by_a_merge_is_not_empty(read) -> None:
    """A house merged over two rows of tariffs: the second would be a tariff for every house."""
    header = ["Услуга", "Код дома", "База", "Тариф", "Действует с", "Основание"]
    rows = [["Лифт", "A-001", "чел.", 100, "09.2026", "акт"], ["Домофон", None, "кв.", 100, "09.2026", "акт"]]
    made, sink = openpyxl.load_workbook(io.BytesIO(xlsx([*head("tariffs"), header, *rows]))), io.BytesIO()
    made.active.merge_cells("B8:B9")
    made.save(sink)
    assert told(read(sink.getvalue())) == [("value.merged", "B9", "")]


@every_format
@pytest.mark.parametrize("nothing", ["-", "—", "нет", "жоқ", "--", "(нет)"])
def test_nothing_in_words_is_empty_where_a_cell_may_be_empty(read, kind: str, nothing: str) -> None:
    row = [*GOOD[:3], nothing, *GOOD[4:]]
    table = read(FORMATS[kind]([*head("meter_readings"), READINGS, row]), f"форма.{kind}")
    assert (told(table), table.rows["previous"].to_pylist()) == ([], [None])


@every_format
@pytest.mark.parametrize("unknown", ["Н/Д", "нет данных", "отсутствует", "неизвестно", "?", "деректер жоқ"])
def test_no_data_is_not_nothing(read, kind: str, unknown: str) -> None:
    """An empty house is every house; nobody said so who wrote that he does not know."""
    header = ["Услуга", "Код дома", "База", "Тариф", "Действует с", "Основание"]
    row = ["Содержание дома", unknown, "м²", 46.5, "12.2026", "пр.1"]
    assert told(read(FORMATS[kind]([*head("tariffs"), header, row]), f"форма.{kind}")) == [
        ("value.no_data", "B8", unknown)
    ]
    readings = [*head("meter_readings"), READINGS, [*GOOD[:3], unknown, *GOOD[4:]]]
    assert told(read(FORMATS[kind](readings), f"форма.{kind}")) == [("value.no_data", "D8", unknown)]


def test_no_data_in_a_note_is_its_text_and_missing_where_a_cell_must_be_filled(read) -> None:
    header = ["Лицевой счёт", "Услуга", "С", "По", "Дней", "Причина"]
    row = ["10020030", "Отопление", "03.08.2026", "07.08.2026", 5, "нет данных"]
    table = read(xlsx([*head("undelivered"), header, row]))
    assert (told(table), table.rows["reason"].to_pylist()) == ([], ["нет данных"])
    assert told(read(xlsx(recalculations([*ONE[:4], "н/д"])))) == [("value.missing", "E8", "н/д")]


def test_nothing_in_words_is_missing_where_a_cell_must_be_filled(read) -> None:
    table = read(xlsx([*head("meter_readings"), READINGS, [*GOOD[:4], "—", GOOD[5]]]))
    assert told(table) == [("value.missing", "E8", "—")] and "«—»" in table.findings[0].facts["stood"]


GROUPS: dict[str, Rows] = {
    "Excel's subtotals": [ONE, ["10020030 Итог", None, None, -100], TWO, ["10020031 Итог", None, None, -50],
                          ["Общий итог", None, None, -150]],
    "in Kazakh": [ONE, TWO, ["Қорытынды", None, None, -150], ["Жиыны", None, None, -150],
                  ["Барлығы:", None, None, -150]],
    "houses": [["г. Алматы, мкр. Самал-2, д. 94"], ONE, ["Дом A-002"], TWO],
    "houses with their sums": [["ул. Абая, 5", None, None, -100], ONE, ["ул. Абая, 7", None, None, -50], TWO],
    "letters and numbers": [["А", "Б", 1, 2, 3], ONE, TWO],
    "letters on": [["А", "Б", "В", "4", "5"], ONE, TWO],
    "formulas": [["1", "2", "3", "4=2-3", "5"], ONE, TWO],
}  # fmt: skip


@every_format
@pytest.mark.parametrize("rows", GROUPS.values(), ids=GROUPS)
def test_totals_headings_of_groups_and_column_numbers_are_no_rows(read, kind: str, rows: Rows) -> None:
    table = read(FORMATS[kind](recalculations(*rows)), f"форма.{kind}")
    assert told(table) == [] and table.rows["account"].to_pylist() == ["10020030", "10020031"]


def test_words_with_a_sum_that_is_not_their_groups_are_no_heading(read) -> None:
    table = read(xlsx(recalculations(["ул. Абая, 5", None, None, -101], ONE, TWO)))
    assert table.rows.num_rows == 3 and ("value.missing", "B8", "") in told(table)


def test_each_total_that_contradicts_its_rows_is_told(read) -> None:
    rows = [ONE, ["10020030 Итог", None, None, -90], TWO, ["Общий итог", None, None, -150]]
    assert told(read(xlsx(recalculations(*rows)))) == [("total.mismatch", "D9", "-90,00")]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("18.08.26", date(2026, 8, 18)), ("18/08/26", date(2026, 8, 18)), ("18 августа 2026 г.", date(2026, 8, 18)),
        ("«18» августа 2026 года", date(2026, 8, 18)), ("2026 ж. 18 тамыз", date(2026, 8, 18)),
        ("2026 жылғы 18 тамыз", date(2026, 8, 18)), ("18 авг. 2026", date(2026, 8, 18)),
        ("18.авг.26", date(2026, 8, 18)), ("18-Aug-26", date(2026, 8, 18)), ("Aug 18, 2026", date(2026, 8, 18)),
        ("18/авг/2026", date(2026, 8, 18)), ("18 August 2026", date(2026, 8, 18)), ("18-Avg-26", None),
        ("18 кыркуйек 2026", date(2026, 9, 18)), ("26-08-18", None), ("32 августа 2026", None),
    ],
)  # fmt: skip
def test_days_in_words_and_with_short_years(read, written: str, read_as: date | None) -> None:
    table = read(xlsx([*head("meter_readings"), READINGS, [*GOOD[:5], written]]))
    assert table.rows["taken_on"].to_pylist() == [read_as]
    assert [f.code for f in table.findings] == ([] if read_as else ["value.not_a_date"])


@pytest.mark.parametrize(
    ("written", "number"),
    [("18 августа", "18.08"), ("18.08", "18.08"), ("18.08.", "18.08"), ("18-авг", "18.08"), ("29.02", "29.02"),
     ("18 тамыз", "18.08")],
)  # fmt: skip
def test_a_day_that_lacks_only_its_year_is_told_so(read, written: str, number: str) -> None:
    table = read(xlsx([*head("meter_readings"), READINGS, [*GOOD[:5], written]]))
    [finding] = table.findings
    assert (finding.code, finding.facts["number"]) == ("value.no_year", number)


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        (("09/10/2026", "08/10/2026"), ["value.day_first"]),  # one for the column, whatever its length
        (("09/10/2026", "18/08/2026"), []),  # no month is the 18th
        (("10/10/2026", "09.10.2026"), []),
        (("2026/10/09", "09-10-2026"), []),
    ],
)
def test_a_day_whose_month_may_stand_first_is_told(read, written: tuple[str, ...], codes: list[str]) -> None:
    table = read(xlsx([*head("meter_readings"), READINGS, *([*GOOD[:5], day] for day in written)]))
    assert [finding.code for finding in table.findings] == codes
    if codes:
        assert table.findings[0].facts["read"] == f"{table.rows['taken_on'][0].as_py():%d.%m.%Y}" == "09.10.2026"


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_serial_of_a_workbook_of_1904_is_refused_with_both_days(read, kind: str) -> None:
    rows: Rows = [*head("meter_readings"), READINGS, [*GOOD[:5], 44790]]
    data = xlsx(rows, date_1904=True) if kind == "xlsx" else xls(rows, dates_1904=True)
    [finding] = read(data, f"форма.{kind}").findings
    assert finding.code == "value.two_days"
    assert (finding.facts["own"], finding.facts["usual"]) == ("18.08.2026", "17.08.2022")


def test_a_number_that_lost_its_digits_is_told(read) -> None:
    top = head("meter_readings")
    top[2][1] = "2,2114E+11"
    rows = [*top, READINGS, ["1,0020001E+07", *GOOD[1:]]]
    table = read("\n".join(";".join("" if v is None else str(v) for v in row) for row in rows).encode(), "форма.csv")
    assert told(table) == [("value.scientific", "B3", "2,2114E+11"), ("value.scientific", "A8", "1,0020001E+07")]


def test_a_bin_of_eleven_digits_is_told_as_it_was_written(read) -> None:
    top = head("meter_readings")
    top[2][1] = "97124000361"
    assert told(read(xlsx([*top, READINGS, GOOD]))) == [("bin.invalid", "B3", "97124000361")]
