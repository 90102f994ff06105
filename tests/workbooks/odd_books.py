"""The corpus: oddities met in strangers' workbooks. `expected.yaml` says what each must give.

Every file tells of the same three readings unless its oddity is about the values.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from making import Rows, csv, members, ods, opened, operated, saved, xls, xlsx, zipped

HEADER = ["Лицевой счёт", "Услуга", "№ прибора", "Предыдущее", "Текущее", "Дата снятия"]
LINES: list[list[object]] = [
    ["10020030", "Холодная вода", "С-104477", 120, 127.5, "20.08.2026"],
    ["10020031", "Горячая вода", "С-104478", 1200, 1234.56, "20.08.2026"],
    ["10020032", "Газ", "Г-7", 0, 15, "20.08.2026"],
]
TOP: list[list[object]] = [
    ["Показания приборов учёта"],
    ["Форма", "meter_readings"],
    ["Версия", "1"],
    ["БИН заказчика", "971240003619"],
    ["Заказчик", "ТОО «Жайлы үй»"],
    ["Месяц учёта", "09.2026"],
    [],
]
PLAIN: list[list[object]] = [*TOP, HEADER, *LINES]
KAZAKH = ["Дербес шот", "Қызмет", "Аспап №", "Алдыңғы", "Ағымдағы", "Алынған күні"]
SIGNED: list[object] = ["Директор", "____________", "Ахметов А. Б."]
TARIFFS: list[list[object]] = [
    ["Услуга", "База", "Тариф", "Действует с", "Основание"],
    ["Лифт", "чел.", 120, "09.2026", "Протокол № 1"],
    ["Домофон", "кв.", 300, "09.2026", "Протокол № 1"],
]
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
BOOKS: dict[str, Callable[[], bytes]] = {}


def odd(name: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Puts a maker into the corpus under a file's name."""

    def put(make: Callable[[], bytes]) -> Callable[[], bytes]:
        assert name not in BOOKS
        BOOKS[name] = make
        return make

    return put


def plainly(name: str, rows: Rows) -> None:
    odd(name)(lambda: xlsx(rows))


def with_value(column: int, value: object) -> Rows:
    """The plain form with another value in the first line."""
    first = [*LINES[0][:column], value, *LINES[0][column + 1 :]]
    return [*TOP, HEADER, first, *LINES[1:]]


# --- where the table stands -------------------------------------------------------------------------------------

plainly("plain.xlsx", PLAIN)
plainly("title_in_row_30.xlsx", [[]] * 23 + PLAIN)
plainly("letterhead_above.xlsx", [["ТОО «Жайлы үй»"], ["г. Алматы, ул. Абая, 10", None, "тел. 1234567"], [], *PLAIN])
plainly("header_beyond_row_40.xlsx", [*TOP, *[["прочее"]] * 40, HEADER, *LINES])
plainly("away_from_the_corner.xlsx", [[], [], *[[None, None, *row] for row in PLAIN]])
plainly("no_top.xlsx", [HEADER, *LINES])
plainly("code_unknown.xlsx", [["Форма", "Ф-12"], *TOP[3:], HEADER, *LINES])
plainly("label_with_colon.xlsx", [["Форма: meter_readings"], ["БИН заказчика: 971240003619"], HEADER, *LINES])
plainly("old_version.xlsx", [TOP[0], TOP[1], ["Версия", "0"], *TOP[3:], HEADER, *LINES])
plainly("shuffled_columns.xlsx", [*TOP, *[[row[i] for i in (5, 3, 0, 4, 2, 1)] for row in (HEADER, *LINES)]])
plainly(
    "extra_columns.xlsx", [*TOP, ["№ п/п", *HEADER, "Примечание"], *[[n, *r, "ок"] for n, r in enumerate(LINES, 1)]]
)
plainly(
    "aliases_ru.xlsx",
    [*TOP, ["ЛИЦЕВОЙ  СЧЕТ", "услуга *", "Номер счётчика", "пред.", "Показание", "Дата"], *LINES],
)
plainly(
    "kazakh.xlsx",
    [
        ["Нысан", "Есепке алу аспаптарының көрсеткіштері"], ["Тапсырыс берушінің БСН", "971240003619"],
        ["Есепке алу айы", "2026 жылғы қыркүйек"],
        KAZAKH,
        [LINES[0][0], "Суық су", *LINES[0][2:]], [LINES[1][0], "Ыстық су", *LINES[1][2:]], [*LINES[2]], ["Барлығы"],
    ],
)  # fmt: skip
plainly("column_numbers.xlsx", [*TOP, HEADER, [1, 2, 3, 4, 5, 6], *LINES])
plainly("column_numbers_as_text.xlsx", [*TOP, HEADER, ["1", "2", "3", "4", "5", "6"], *LINES])
plainly("header_repeated_on_page_2.xlsx", [*TOP, HEADER, LINES[0], HEADER, *LINES[1:]])
plainly("header_in_two_languages.xlsx", [*TOP, HEADER, KAZAKH, *LINES])
plainly("header_again_in_capitals.xlsx", [*TOP, HEADER, LINES[0], [], [h.upper() for h in HEADER], *LINES[1:]])
plainly(
    "header_again_with_its_top.xlsx", [*PLAIN[:9], SIGNED, [], *TOP, HEADER, [1, 2, 3, 4, 5, 6], *LINES[1:], SIGNED]
)
plainly("second_table_of_another_customer.xlsx", [*PLAIN[:9], *TOP[:3], ["БИН", "050140000011"], HEADER, *LINES[1:]])
plainly("second_table_in_another_order.xlsx", [*PLAIN[:9], [], HEADER[::-1], *[row[::-1] for row in LINES[1:]]])
plainly("another_form_below.xlsx", [*PLAIN, [], ["Форма", "tariffs"], *TARIFFS])
plainly("another_form_below_without_code.xlsx", [*PLAIN, ["Итого"], [], *TARIFFS])
plainly("another_form_above.xlsx", [*TOP, *TARIFFS, [], HEADER, *LINES])
plainly("another_table_below.xlsx", [*PLAIN, [], ["Справочно:"], ["Код", "Значение"], [1, "снято"], [2, "не снято"]])
plainly(
    "requests_of_one_cell_above_a_header.xlsx",
    [["Форма", "request"], ["Вид запроса"], ["Архив"], ["Справочник"], ["Вид запроса"], ["Доступ"]],
)
plainly("another_table_below_of_words.xlsx", [*PLAIN, [], ["Прибор", "Причина", "Кто"], *[["С-1", "нет", "я"]] * 40])
plainly("row_of_words_in_the_table.xlsx", [*TOP, HEADER, LINES[0], [], ["нет", "Газ", "нет", "нет", "нет"], *LINES[1:]])
plainly("blank_gaps.xlsx", [*TOP, HEADER, LINES[0], [], [None, " "], *[[]] * 50, LINES[1], [], LINES[2]])
plainly("totals.xlsx", [*PLAIN, ["Итого", None, None, 1320, 1377.06]])
plainly("totals_wrong.xlsx", [*PLAIN, ["ИТОГО:", None, None, 1320, 1400]])
plainly(
    "money_total_wrong.xlsx",
    [
        ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"],
        ["10020030", "Лифт", "06.2026", "(1 250,50)", "Акт"], ["10020031", "Лифт", "06.2026", 50.5, "Акт"],
        ["Итого", None, None, -1300],
    ],
)  # fmt: skip
plainly("total_in_second_column.xlsx", [*PLAIN, [None, "Всего по форме", None, 1320, 1377.06]])
plainly("signatures.xlsx", [*PLAIN, [], ["Директор", None, "______________", "Иванов И.И."], ["М.П."], ["исп. Асем"]])
plainly("dated_below.xlsx", [*PLAIN, [], ["Дата составления: 20.08.2026"], ["Директор", None, "______", "Иванов И.И."]])
plainly(
    "request_dated_below.xlsx",
    [
        ["Форма", "request"],
        ["Вид запроса"],
        ["Справочник лицевых счетов"],
        ["Дата составления: 20.08.2026"],
        ["Подпись ___"],
    ],
)
plainly(
    "tariff_from_the_15th.xlsx",
    [
        ["Услуга", "База", "Тариф", "Действует с", "Основание"], ["Лифт", "чел.", 300, "01.09.2026", "Протокол"],
        ["Лифт", "чел.", 310, "15.10.2026", "Протокол"], ["Лифт", "чел.", 320, (46340, "mm.yyyy"), "Протокол"],
    ],
)  # fmt: skip
plainly("latin_in_header.xlsx", [*TOP, ["Лицeвoй cчёт", "Уcлугa", "№ пpибopа", *HEADER[3:]], *LINES])
plainly("latin_in_service.xlsx", with_value(1, "Xолодная вoда"))
plainly("column_missing.xlsx", [*TOP, *[[*row[:4], row[5]] for row in (HEADER, *LINES)]])
plainly("column_twice.xlsx", [*TOP, [*HEADER, "Текущее"], *[[*row, 9] for row in LINES]])
plainly("table_missing.xlsx", [*TOP, ["Просим принять показания по списку в письме"]])
plainly("no_form.xlsx", [["Список сотрудников"], ["Имя", "Оклад"], ["Асем", 5]])
plainly("no_cells.xlsx", [])


@odd("merged_header.xlsx")
def _merged() -> bytes:
    book = opened(xlsx([*TOP, HEADER, [], *LINES]))
    for letter in "ABCDEF":
        book.active.merge_cells(f"{letter}8:{letter}9")
    book.active.merge_cells("A1:F1")
    return saved(book)


@odd("header_groups_over_two_rows.xlsx")
def _groups() -> bytes:
    groups = ["Лицевой счёт", "Услуга", "№ прибора", "Показания", None, "Дата снятия"]
    book = opened(xlsx([*TOP, groups, [None, None, None, "Предыдущее", "Текущее"], *LINES]))
    for letter in "ABCF":
        book.active.merge_cells(f"{letter}8:{letter}9")
    book.active.merge_cells("D8:E8")
    return saved(book)


@odd("hidden_rows_and_columns.xlsx")
def _hidden_rows() -> bytes:
    book = opened(xlsx(PLAIN))
    book.active.row_dimensions[10].hidden = True
    book.active.column_dimensions["D"].hidden = True
    return saved(book)


odd("hidden_sheet_with_the_table.xlsx")(lambda: xlsx(PLAIN, [["Смотри скрытый лист"]], hide=[0]))


@odd("very_hidden_sheet.xlsx")
def _very_hidden() -> bytes:
    """Excel's own menu does not show that such a sheet is there."""
    book = opened(xlsx(PLAIN, [["Смотри скрытый лист"]]))
    book.worksheets[0].sheet_state, book.active = "veryHidden", 1
    return saved(book)


odd("several_data_sheets.xlsx")(
    lambda: xlsx([*TOP, HEADER, LINES[0]], [[], HEADER, LINES[1]], [*TOP, HEADER, LINES[2]], names=["А", "Б", "В"])
)
odd("sheets_of_two_customers.xlsx")(
    lambda: xlsx([*TOP, HEADER, LINES[0]], [["БИН заказчика", "050140000011"], HEADER, *LINES[1:]])
)
odd("another_form_on_a_sheet.xlsx")(
    lambda: xlsx(PLAIN, [["Тарифы"], ["Форма", "tariffs"], ["Услуга", "База", "Тариф"]], names=["Показания", "Тарифы"])
)
odd("same_table_under_another_code.xlsx")(
    lambda: xlsx([*TOP, HEADER, LINES[0]], [["Форма", "tariffs"], HEADER, *LINES[1:]], names=["А", "Б"])
)
odd("reference_sheet_beside.xlsx")(lambda: xlsx([["Услуги"], ["Газ"], ["Лифт"]], PLAIN, names=["Списки", "Форма"]))
odd("our_list_of_findings_in_it.xlsx")(
    lambda: xlsx(
        PLAIN, [["Замечания · Ескертулер: IW-000001-1"], [], HEADER, *LINES], names=["Данные", "Замечания · Ескертулер"]
    )
)

# --- values -----------------------------------------------------------------------------------------------------

plainly(
    "text_numbers_nbsp_comma.xlsx",
    [*TOP, HEADER, LINES[0], [*LINES[1][:3], "1\u00a0200", "1 234,56", LINES[1][5]], LINES[2]],
)
plainly("text_numbers_point.xlsx", with_value(4, "127.500"))
plainly("both_separators.xlsx", with_value(4, "12.345,6.7"))
plainly("account_as_float.xlsx", [*TOP, HEADER, *[[float(str(r[0])), *r[1:]] for r in LINES]])
plainly("account_with_blanks.xlsx", with_value(0, " 10020030\u00a0"))
plainly("account_in_groups_of_digits.xlsx", with_value(0, "10\u00a0020 030"))
plainly("account_became_date.xlsx", with_value(0, (46254, "dd.mm.yyyy")))
plainly("account_of_20_digits_as_number.xlsx", with_value(0, 12345678901234567890))
plainly("negative_in_parentheses.xlsx", with_value(3, "(120)"))
plainly("unicode_minus.xlsx", with_value(3, "−120"))
plainly("number_with_unit.xlsx", with_value(4, "127,5 м³"))
plainly("na_texts.xlsx", with_value(2, "NA"))
plainly("nan_as_number.xlsx", with_value(4, "NaN"))
plainly("service_unknown.xlsx", with_value(1, "Пар"))
plainly("apostrophe_number.xlsx", with_value(4, "'127,5"))
plainly("too_precise.xlsx", with_value(4, 127.50001))
plainly("date_iso.xlsx", with_value(5, "2026-08-20"))
plainly("date_slashes.xlsx", with_value(5, "20/08/2026"))
plainly("date_dashes.xlsx", with_value(5, "20-08-2026"))
plainly("date_american_text.xlsx", with_value(5, "08/20/2026"))
plainly("date_with_time.xlsx", with_value(5, "20.08.2026 14:35"))
plainly("date_with_year_letter.xlsx", with_value(5, "20.08.2026 г."))
plainly("date_cell.xlsx", with_value(5, (46254, "dd.mm.yyyy")))
plainly("date_cell_american.xlsx", with_value(5, (46254, "mm/dd/yyyy")))
plainly("date_serial.xlsx", with_value(5, 46254))
plainly("date_impossible.xlsx", with_value(5, "31.02.2026"))
plainly("date_year_day_month.xlsx", with_value(5, "2026.20.08"))
plainly("date_two_digit_year.xlsx", with_value(5, "20.08.26"))
plainly("control_characters.xlsx", with_value(2, "С-104477\u200b\n"))
plainly("html_in_text.xlsx", with_value(2, "<b>С</b>&amp;"))
plainly("formula_as_text.xlsx", with_value(2, '=HYPERLINK("http://x.example")'))
odd("date_1904.xlsx")(
    lambda: xlsx([*TOP, HEADER, *[[*row[:5], (46254 - 1462, "dd.mm.yyyy")] for row in LINES]], date_1904=True)
)
for _value, _name in ((10.2026, "10_2026"), (9.2026, "9_2026"), (12.2025, "12_2025")):
    plainly(f"month_as_float_{_name}.xlsx", [*TOP[:5], ["Месяц учёта", _value], HEADER, *LINES])
plainly("month_is_no_month.xlsx", [*TOP[:5], ["Месяц учёта", "осень"], HEADER, *LINES])
plainly("bin_lost_its_zero.xlsx", [*TOP[:3], ["БИН заказчика", 50140000011], *TOP[4:], HEADER, *LINES])
plainly("bin_is_wrong.xlsx", [*TOP[:3], ["БИН заказчика", "971240003618"], *TOP[4:], HEADER, *LINES])

# --- what Excel and others leave in the XML ---------------------------------------------------------------------

_FIVE, _D9, _ASKS = "<v>127.5</v>", '<c r="D9"><v>0</v>', ' fullCalcOnLoad="1"'
FORMULA = ("=D9+7.5",)
odd("error_ref.xlsx")(lambda: operated(xlsx(PLAIN), '<c r="E9"><v>127.5</v>', '<c r="E9" t="e"><v>#REF!</v>'))
odd("error_div.xlsx")(
    lambda: operated(xlsx(PLAIN), '<c r="E9"><v>127.5</v>', '<c r="E9" t="e"><f>1/0</f><v>#DIV/0!</v>')
)
odd("formula_with_value.xlsx")(lambda: operated(xlsx(PLAIN), _FIVE, f"<f>D9+7.5</f>{_FIVE}"))
odd("formula_without_value.xlsx")(lambda: operated(xlsx(PLAIN), _FIVE, "<f>D9+7.5</f>"))
_ZERO = [*TOP, HEADER, [*LINES[0][:3], 0, 127.5, LINES[0][5]], *LINES[1:]]  # the 0 stands in D9
odd("formula_zero_of_xlsxwriter.xlsx")(lambda: xlsx(with_value(4, FORMULA)))
odd("formula_of_openpyxl.xlsx")(lambda: saved(opened(xlsx(with_value(4, FORMULA)))))
odd("formula_with_value_zero.xlsx")(
    lambda: operated(operated(xlsx(_ZERO), _D9, _D9.replace("<v>", "<f>B1*2</f><v>")), _ASKS, "", "xl/workbook.xml")
)
odd("formula_zero_without_need.xlsx")(lambda: operated(xlsx(_ZERO), _D9, _D9.replace("<v>", "<f>B1*2</f><v>")))
odd("lying_dimension.xlsx")(lambda: operated(xlsx(PLAIN), '<dimension ref="A1:F11"/>', '<dimension ref="A1:B2"/>'))
odd("huge_dimension.xlsx")(
    lambda: operated(xlsx(PLAIN), '<dimension ref="A1:F11"/>', '<dimension ref="A1:XFD1048576"/>')
)
odd("styled_cell_at_row_200000.xlsx")(
    lambda: operated(xlsx(PLAIN), "</sheetData>", '<row r="200000"><c r="A200000" s="0"/></row></sheetData>')
)
odd("styled_cell_in_far_corner.xlsx")(
    lambda: operated(xlsx(PLAIN), "</sheetData>", '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
)
odd("value_in_far_corner.xlsx")(
    lambda: operated(xlsx(PLAIN), "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
)
odd("value_in_far_column.xlsx")(
    lambda: operated(xlsx(PLAIN), "</sheetData>", '<row r="12"><c r="ZZ12"><v>1</v></c></row></sheetData>')
)
odd("filtered_row.xlsx")(lambda: operated(xlsx(PLAIN), '<row r="10" ', '<row r="10" hidden="1" '))
odd("bold_inside_header.xlsx")(
    lambda: operated(
        xlsx(PLAIN), "<t>Услуга</t>", "<r><t>Ус</t></r><r><rPr><b/></rPr><t>луга</t></r>", "xl/sharedStrings.xml"
    )
)
odd("macros.xlsm")(lambda: zipped({**members(xlsx(PLAIN)), "xl/vbaProject.bin": b"\xd0\xcf"}))
odd("openpyxl_wrote_it.xlsx")(lambda: saved(opened(xlsx(PLAIN))))

# --- other kinds of files ---------------------------------------------------------------------------------------

odd("old.xls")(lambda: xls(PLAIN))
odd("several_sheets.xls")(lambda: xls([*TOP, HEADER, LINES[0]], [HEADER, LINES[1]], [HEADER, LINES[2]]))
odd("hidden_sheet.xls")(lambda: xls(PLAIN, [["Смотри скрытый лист"]], hide=[0]))
odd("date_1904.xls")(
    lambda: xls([*TOP, HEADER, *[[*row[:5], (46254 - 1462, "dd.mm.yyyy")] for row in LINES]], date_1904=True)
)
odd("libre.ods")(lambda: ods(PLAIN))
odd("utf8_semicolon.csv")(lambda: csv(PLAIN))
odd("utf8_bom.csv")(lambda: b"\xef\xbb\xbf" + csv(PLAIN))
odd("cp1251_semicolon.csv")(lambda: csv([*TOP[:4], HEADER, *LINES], encoding="cp1251"))
odd("newlines_in_header.csv")(lambda: csv([*TOP, [h.replace(" ", "\n") for h in HEADER], *LINES]))
odd("utf16_of_excels_unicode_text.csv")(lambda: csv(PLAIN, "\t").decode().encode("utf-16"))
odd("tabs.csv")(lambda: csv(PLAIN, "\t"))
odd("commas.csv")(lambda: csv(PLAIN, ","))
odd("xlsx_named.xls")(lambda: xlsx(PLAIN))
odd("one_level.zip")(lambda: zipped({"папка/форма.xlsx": xlsx(PLAIN)}))
odd("csv_inside.zip")(lambda: zipped({"форма.csv": csv(PLAIN)}))
odd("two_levels.zip")(lambda: zipped({"inner.zip": zipped({"форма.xlsx": xlsx(PLAIN)})}))

# --- files that give nothing ------------------------------------------------------------------------------------

odd("empty.xlsx")(lambda: b"")
odd("zeros.xlsx")(lambda: b"\0" * 4096)
odd("random.xlsx")(lambda: random.Random(7).randbytes(5000))
odd("random_after_pk.xlsx")(lambda: b"PK\x03\x04" + random.Random(8).randbytes(5000))
odd("truncated.xlsx")(lambda: xlsx(PLAIN)[:-600])
odd("truncated_sheet.xlsx")(lambda: zipped({**members(xlsx(PLAIN)), "xl/worksheets/sheet1.xml": b"<worksheet><sheetD"}))
odd("password.xlsx")(
    lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(4000)
)
odd("web_page.xls")(lambda: b"<html><body><table><tr><td>1</td></tr></table></body></html>")
odd("picture.xlsx")(lambda: b"\x89PNG\r\n\x1a\n" + bytes(90))
odd("word_document.xlsx")(lambda: zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}))
odd("not_a_book_inside.xlsx")(lambda: zipped({"a.txt": b"x"}))


@odd("zip_bomb.xlsx")
def _zip_bomb() -> bytes:
    sheet = f"{SHEET}<sheetData>".encode() + b" " * 60_000_000 + b"</sheetData></worksheet>"
    return zipped({**members(xlsx(PLAIN)), "xl/worksheets/sheet1.xml": sheet})


@odd("billion_laughs.xlsx")
def _laughs() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ха">{laughs}]>{SHEET}<sheetData>'
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    whole = f"{bomb}{row}</sheetData></worksheet>".encode()
    return zipped({**members(xlsx(PLAIN)), "xl/worksheets/sheet1.xml": whole})
