"""Forms as customers really send them, read with every cell's address (4.1.15)."""

from __future__ import annotations

import io
import time
from datetime import date, datetime
from decimal import Decimal

import pytest
import xlwt
from form_books import READINGS, RECALCULATIONS, REGISTER, ROOT, head, told, xlsx
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from inbox_worker.core.identifiers import bin_check_digit
from inbox_worker.forms.blank import blank, build_blanks
from inbox_worker.settings.config import MAILBOXES
from inbox_worker.settings.home import load_config

ADDRESSES = {name: load_config(ROOT / "config.yaml").address_of(name) for name in MAILBOXES}
GOOD = ["10020030", "Холодная вода", "С-104477", 120, 127.5, "20.08.2026"]
VALUES = {
    "account": "10020030", "service": "cold_water", "meter": "С-104477", "previous": Decimal("120.000"),
    "current": Decimal("127.500"), "taken_on": date(2026, 8, 20),
}  # fmt: skip


def rows(table) -> list[dict[str, object]]:
    return [{k: v for k, v in row.items() if k not in ("sheet", "row")} for row in table.rows.to_pylist()]


def test_plain_form(read) -> None:
    table = read(xlsx([["Показания приборов учёта"], *head("meter_readings"), READINGS, GOOD]))
    assert (table.form, table.version, told(table)) == ("meter_readings", "1", [])
    assert {k: c.text for k, c in table.header.items()} == {
        "form": "meter_readings", "version": "1", "customer": "971240003619",
        "customer_name": "ТОО «Жайлы үй»", "month": "2026-09",
    }  # fmt: skip
    assert table.header["month"].cell == "B6"
    assert rows(table) == [VALUES]
    assert table.rows["row"].to_pylist() == [9]
    assert table.letters == {
        "Sheet1": {
            "account": "A",
            "service": "B",
            "meter": "C",
            "previous": "D",
            "current": "E",
            "taken_on": "F",
        }
    }


def test_addresses_are_true_when_the_table_starts_away_from_the_corner(read) -> None:
    """calamine begins at the first used cell; findings must not."""
    bad = [*GOOD[:4], "сто", GOOD[5]]
    table = read(xlsx([*head("meter_readings"), READINGS, GOOD, [], bad], first=(3, 2)))
    assert told(table) == [("value.not_a_number", "G13", "сто")]
    assert table.findings[0].row == 13
    assert table.rows["row"].to_pylist() == [11, 13]
    assert table.letters["Sheet1"]["current"] == "G"
    assert table.header["customer"].cell == "D6"


def test_shuffled_columns_extra_column_and_column_numbers(read) -> None:
    order = [5, 3, 0, 4, 2, 1]
    header = [READINGS[i] for i in order] + ["Примечание"]
    numbers = [1, 2, 3, 4, 5, 6, 7]
    row = [GOOD[i] for i in order] + ["ок"]
    table = read(xlsx([*head("meter_readings"), header, numbers, row]))
    assert rows(table) == [VALUES]
    assert told(table) == [("column.extra", "G7", "Примечание")]


def test_kazakh_headers_labels_and_names(read) -> None:
    top = [
        ["Нысан", "Есепке алу аспаптарының көрсеткіштері"], ["Нұсқа", 1],
        ["Тапсырыс берушінің БСН", "971240003619"], ["Тапсырыс беруші", "«Жайлы үй» ЖШС"],
        ["Есепке алу айы", "2026 жылғы қыркүйек"], ["Алмастырады", "S-17"],
    ]  # fmt: skip
    header = ["ДЕРБЕС ШОТ", "Қызмет*", "Аспап  №", "Алдыңғы", "Ағымдағы", "Алынған күні"]
    table = read(xlsx([*top, header, ["10020030", "Суық су", *GOOD[2:]], ["Барлығы"]]))
    assert (table.form, rows(table), told(table)) == ("meter_readings", [VALUES], [])
    assert (table.header["month"].text, table.header["replaces"].text) == ("2026-09", "S-17")


def test_form_is_known_by_its_columns_when_the_code_is_absent_or_wrong(read) -> None:
    bare = read(xlsx([READINGS, GOOD]))
    assert (bare.form, dict(bare.header), told(bare)) == ("meter_readings", {}, [])
    wrong = read(xlsx([["Форма", "Ф-77"], READINGS, GOOD]))
    assert (wrong.form, told(wrong)) == ("meter_readings", [("form.code_unknown", "B1", "Ф-77")])


def test_similar_forms_are_not_mixed_up(read) -> None:
    row = ["10020030", "Лифт", "06.2026", -1250, "Акт"]
    assert read(xlsx([RECALCULATIONS, row])).form == "recalculations"
    assert read(xlsx([REGISTER, ["CASPKZKA", "05.09.2026", 1, 1, "", "", 5]])).form == "bank_register"


def test_latin_letters_inside_russian_words_are_forgiven(read) -> None:
    header = ["Лицeвoй cчёт", "Уcлугa", "№ пpибopа", "Предыдущее", "Teкущee", "Дaтa cнятия"]
    table = read(xlsx([*head("meter_readings"), header, [GOOD[0], "Xолодная вoда", *GOOD[2:]]]))
    assert rows(table) == [VALUES]


def test_missing_required_column_names_it_and_reads_no_rows(read) -> None:
    header = [h for h in READINGS if h != "Текущее"]
    table = read(xlsx([*head("meter_readings"), header, ["1", "ХВС", "С-1", 1, "20.08.2026"]]))
    assert told(table) == [("column.missing", "A7", "Текущее")]
    assert (table.rows.num_rows, table.header["customer"].text) == (0, "971240003619")


def test_code_without_a_table(read) -> None:
    assert told(read(xlsx([*head("tariffs"), ["Просим учесть тариф 5 тг"]]))) == [("table.missing", "", "Тарифы")]


def test_header_that_stands_twice_is_an_error(read) -> None:
    table = read(xlsx([*head("meter_readings"), [*READINGS, "Текущее"], [*GOOD, 9]]))
    assert told(table) == [("column.twice", "G7", "Текущее")]


def test_every_bad_cell_has_its_finding(read) -> None:
    lines = [
        ["10020030", "Холодная вода", "С-1", "", "сто", "20.08.2026"],
        ["10020031", "Пар", "С-2", "", 1.23456, "31.02.2026"],
        ["", "ХВС", "С-3", "12.345,6.7", 5, 46254],
        [10.5, "ХВС", 77, "1 234,5", "−7", "2026-08-20"],
        [1234567890123456789, "ХВС", "С-5", True, 1e17, ("20/08/2026")],
        [(46254, "dd.mm.yyyy"), "ХВС", "я" * 1001, 1, 1, "20-08-26"],
    ]
    table = read(xlsx([READINGS, *lines]))
    assert sorted(told(table)) == sorted(
        [
            ("value.not_a_number", "E2", "сто"),
            ("service.unknown", "B3", "Пар"),
            ("value.too_precise", "E3", "1,23456"),
            ("value.not_a_date", "F3", "31.02.2026"),
            ("value.missing", "A4", ""),
            ("value.ambiguous_number", "D4", "12.345,6.7"),
            ("value.serial_date", "F4", "46254"),
            ("value.fraction", "A5", "10,5"),
            ("value.digits_lost", "A6", "1,23456789012346E+18"),
            ("value.not_a_number", "D6", "TRUE"),
            ("value.too_large", "E6", "1E+17"),
            ("value.became_date", "A7", "20.08.2026"),
            ("value.too_long", "C7", "я" * 200),
            ("value.not_a_date", "F7", "20-08-26"),
        ]
    )
    assert table.rows["taken_on"].to_pylist()[2:5] == [date(2026, 8, 20)] * 3
    assert (rows(table)[3]["meter"], rows(table)[3]["previous"], rows(table)[3]["current"]) == (
        "77", Decimal("1234.500"), Decimal("-7.000"),
    )  # fmt: skip


def test_numbers_dates_and_codes_however_they_were_typed(read) -> None:
    lines = [
        [10020030.0, "хвс", "С-1", "1\u00a0234,56", 0.1 + 0.2, datetime(2026, 8, 20)],  # noqa: DTZ001
        [" 0012\u00a0", " ХОЛОДНАЯ  ВОДА ", " С-2\n", "1\u202f234.5", "127.500", (46254, "dd.mm.yyyy")],
    ]
    lines[0][5] = (46254.5, "dd.mm.yyyy hh:mm")
    table = read(xlsx([READINGS, *lines]))
    assert told(table) == []
    assert table.rows["account"].to_pylist() == ["10020030", "0012"]
    assert table.rows["previous"].to_pylist() == [Decimal("1234.560"), Decimal("1234.500")]
    assert table.rows["current"].to_pylist() == [Decimal("0.300"), Decimal("127.500")]
    assert table.rows["taken_on"].to_pylist() == [date(2026, 8, 20)] * 2
    assert table.rows["meter"].to_pylist() == ["С-1", "С-2"]


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("09.2026", date(2026, 9, 1)), ("2026-09", date(2026, 9, 1)), ("9/2026", date(2026, 9, 1)),
        ("Сентябрь 2026", date(2026, 9, 1)), ("май 2026 г.", date(2026, 5, 1)), (9.2026, date(2026, 9, 1)),
        (10.202, date(2020, 10, 1)), (12.2025, date(2025, 12, 1)), ((46254, "mm.yyyy"), date(2026, 8, 1)),
        ("15.08.2026", date(2026, 8, 1)), ("13.2026", None), ("потом", None), (7, None),
    ],
)  # fmt: skip
def test_months(read, written: object, month: date | None) -> None:
    table = read(xlsx([RECALCULATIONS, ["1", "Лифт", written, "-1 250,00", "Акт"]]))
    assert table.rows["past_month"].to_pylist() == [month]
    assert [f.code for f in table.findings] == ([] if month else ["value.not_a_month"])


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("09.2026", "2026-09"),
        (9.2026, "2026-09"),
        ((46254, "mm.yyyy"), "2026-08"),
        ("қыркүйек 2026", "2026-09"),
    ],
)
def test_month_of_account_is_normalised(read, written: object, text: str) -> None:
    assert read(xlsx([*head("meter_readings", written), READINGS, GOOD])).header["month"].text == text


def test_unreadable_month_and_bin_of_the_header(read) -> None:
    top = head("meter_readings", "осень")
    top[2][1] = "971240003618"
    table = read(xlsx([*top, READINGS, GOOD]))
    assert told(table) == [("bin.invalid", "B3", "971240003618"), ("header.month_invalid", "B5", "осень")]


def test_leading_zeros_of_a_bin_come_back(read) -> None:
    top = head("meter_readings")
    text = "04094000001" + str(bin_check_digit("04094000001"))
    top[2][1] = int(text)
    table = read(xlsx([*top, READINGS, GOOD]))
    assert (table.header["customer"].text, told(table)) == (text, [("bin.zeros_restored", "B3", text[1:])])


def test_blank_rows_totals_and_signatures(read) -> None:
    body = [
        ["1", "Лифт", "06.2026", -100.10, "Акт 1"], [], [None, "  "],
        ["2", "Лифт", "06.2026", 300, "Акт 2"],
        ["Итого:", None, None, 199.90], [],
        ["Директор", "________", None, None, "Серік Ә."], ["Исп. Иванова, тел. 8 777 123-45-67"], ["М.П."],
    ]  # fmt: skip
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, *body]))
    assert told(table) == []
    assert table.rows["row"].to_pylist() == [8, 11]


def test_total_that_differs_is_a_warning(read) -> None:
    body = [["1", "Лифт", "06.2026", -100.10, "Акт 1"], ["", "Всего", "", "100,10", ""]]
    assert told(read(xlsx([RECALCULATIONS, *body]))) == [("total.mismatch", "D3", "100,10")]


def test_last_row_that_only_lacks_something_is_no_signature(read) -> None:
    body = [GOOD, ["", "ХВС", "С-9", "", "12,5", ""], ["10020031"]]
    found = told(read(xlsx([READINGS, *body])))
    assert ("value.missing", "A3", "") in found and ("value.missing", "B4", "") in found


def test_control_row_of_a_register(read) -> None:
    lines = [["CASPKZKA", "05.09.2026", n, "10020030", "", "", 5000.5] for n in (1, 2)]
    table = read(xlsx([REGISTER, *lines, ["Итого", None, 2, None, None, None, 10001]]))
    assert (table.control_count, table.control_sum, table.rows.num_rows) == (2, Decimal("10001.00"), 2)
    split = [["Итого: 2"], ["Итого сумма", None, None, None, None, None, "10 001,00"]]
    table = read(xlsx([REGISTER, *lines, *split]))
    assert (table.control_count, table.control_sum) == (2, Decimal("10001.00"))
    under = [["Итого", None, None, 2, None, None, 10001]]
    table = read(xlsx([REGISTER, *lines, *under]))
    assert (table.control_count, table.control_sum) == (2, Decimal("10001.00"))
    below = [["Количество платежей:", 2], ["Общая сумма: 10 001,00"], ["Кассир", "Иванова"]]
    table = read(xlsx([REGISTER, *lines, *below]))
    assert (table.control_count, table.control_sum, told(table)) == (2, Decimal("10001.00"), [])
    top = [["Форма", "bank_register"], ["Количество", 2], ["Сумма", "10001,00"]]
    table = read(xlsx([*top, REGISTER, *lines]))
    assert (table.control_count, table.control_sum) == (2, Decimal("10001.00"))
    assert (read(xlsx([REGISTER, *lines])).control_count, told(table)) == (None, [])


def test_customers_register(read) -> None:
    header = ["БИН", "Наименование", "Вид", "Договор №", "Дата договора", "E-mail", "БИК", "ИИК", "КБе"]
    header += ["Коммунальные строки"]
    good = ["971240003619", "ТОО", "Управляющая  компания", 117, "01.08.2025", "A@b.kz; c@d.kz", "caspkzka"]
    good += ["KZ28 722S 0000 0101 3958", 17.0, "Иә"]
    bad = [
        "971240003618",
        "КСК",
        "кооператив",
        "1",
        "01.08.2025",
        "a@",
        "XXXX",
        "KZ29722S000001013958",
        "17",
        "может",
    ]
    table = read(xlsx([header, good, bad]))
    first = rows(table)[0]
    assert (first["kind"], first["emails"], first["bic"]) == (
        "управляющая компания",
        "a@b.kz;c@d.kz",
        "CASPKZKA",
    )
    assert (first["iban"], first["kbe"], first["utilities"]) == ("KZ28722S000001013958", "17", True)
    assert first["contract"] == "117" and first["valid_until"] is None
    assert [code for code, _, _ in told(table)] == [
        "bin.invalid", "value.unusual", "email.invalid", "bic.invalid", "iban.invalid", "value.not_yes_no",
    ]  # fmt: skip
    assert rows(table)[1]["kind"] == "кооператив"


def test_sheets_of_one_form_are_joined_others_left(read) -> None:
    notes = [["Как заполнять"], ["Услуга", "из списка"]]
    again = [*head("meter_readings"), READINGS[::-1], GOOD[::-1]]
    table = read(xlsx(notes, [*head("meter_readings"), READINGS, GOOD], again))
    assert told(table) == [("sheet.also_read", "", "Sheet3")]
    assert table.rows["sheet"].to_pylist() == ["Sheet2", "Sheet3"]
    assert rows(table) == [VALUES, VALUES]
    assert table.letters["Sheet3"]["account"] == "F"


def test_sheets_that_contradict_each_other(read) -> None:
    table = read(xlsx(*([*head("meter_readings", month), READINGS, GOOD] for month in ("09.2026", "10.2026"))))
    assert told(table) == [("header.conflict", "B5", "2026-10"), ("sheet.also_read", "", "Sheet2")]


def test_second_sheet_without_a_required_column_is_an_error(read) -> None:
    """Not only the first sheet's header is checked."""
    table = read(xlsx([READINGS, GOOD], [READINGS[:-1], GOOD[:-1]]))
    assert [(f.code, f.sheet, f.value) for f in table.findings][1:] == [("column.missing", "Sheet2", "Дата снятия")]


def test_csv_in_windows_1251(read) -> None:
    lines = [*head("meter_readings"), READINGS, [*GOOD[:3], "120", "127,5", GOOD[5]]]
    text = "\r\n".join(";".join(map(str, line)) for line in lines)
    for data in (
        text.encode("cp1251", "replace"),
        b"\xef\xbb\xbf" + text.encode(),
        text.replace(";", "\t").encode(),
    ):
        table = read(data, "форма.csv")
        assert (rows(table), told(table), table.header["customer"].cell) == ([VALUES], [], "B3")


def test_xls_and_ods(read) -> None:
    old = xlwt.Workbook()
    sheet = old.add_sheet("Лист1")
    style = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    for r, row in enumerate([*head("meter_readings"), READINGS, [10020030, *GOOD[1:5], date(2026, 8, 20)]], 1):
        for c, value in enumerate(row, 1):
            sheet.write(r, c, value, *([style] if isinstance(value, date) else []))
    sink = io.BytesIO()
    old.save(sink)
    table = read(sink.getvalue(), "форма.xls")
    assert (rows(table), table.rows["row"].to_pylist(), table.letters["Лист1"]["account"]) == (
        [VALUES],
        [9],
        "B",
    )

    table = read(ods([*head("meter_readings"), READINGS, GOOD]), "форма.ods")
    assert (rows(table), table.rows["row"].to_pylist(), told(table)) == ([VALUES], [8], [])


def ods(lines: list[list[object]]) -> bytes:
    document, sheet = OpenDocumentSpreadsheet(), Table(name="Лист")
    for line in lines:
        row = TableRow()
        for value in line:
            number = isinstance(value, int | float)
            cell = TableCell(valuetype="float", value=value) if number else TableCell(valuetype="string")
            cell.addElement(P(text=str(value)))
            row.addElement(cell)
        sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def test_error_cells_and_formulas_without_values(read) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for line in [READINGS, GOOD, [*GOOD[:4], "#REF!", GOOD[5]], [*GOOD[:4], "=D4+7", GOOD[5]]]:
        book.active.append(line)
    sink = io.BytesIO()
    book.save(sink)
    table = read(sink.getvalue())
    assert told(table) == [
        ("workbook.formulas", "", "Sheet"),
        ("value.error_cell", "E3", "#REF!"),
        ("value.formula_empty", "E4", ""),
    ]


def test_hidden_rows_and_sheets_are_read_and_told(read) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.create_sheet("тайна")
    for line in [READINGS, GOOD, GOOD]:
        sheet.append(line)
    sheet.sheet_state, sheet.row_dimensions[3].hidden = "hidden", True
    book.active["A1"] = "смотри дальше"
    sink = io.BytesIO()
    book.save(sink)
    table = read(sink.getvalue())
    assert told(table) == [("sheet.hidden", "", "тайна"), ("rows.hidden", "A3", "3")]
    assert table.rows.num_rows == 2


@pytest.mark.slow
def test_blanks_are_forms_without_rows_and_in_step_with_the_rules(read, rules, tmp_path) -> None:
    for path in build_blanks(rules, tmp_path, ADDRESSES):
        rule, data = rules.forms[path.stem], path.read_bytes()
        table = read(data, "бланк.xlsx")
        assert (table.form, table.version, table.rows.num_rows, told(table)) == (
            rule.form,
            rule.version,
            0,
            [],
        )
        assert list(table.letters.values()) == [{c.name: chr(65 + i) for i, c in enumerate(rule.columns)}]
        assert data == blank(rule, rules, ADDRESSES)
        assert data == (ROOT / "templates" / "forms" / path.name).read_bytes(), "run `inbox-worker forms build`"


@pytest.mark.slow
def test_filled_blank_is_read(read, rules) -> None:
    """A customer opens the blank, types the example of every column under the header and saves."""
    import openpyxl

    for rule in rules.forms.values():
        book = openpyxl.load_workbook(io.BytesIO(blank(rule, rules, ADDRESSES)))
        sheet = book.worksheets[0]
        for at, column in enumerate(rule.columns, 1):
            sheet.cell(sheet.max_row if at > 1 else sheet.max_row + 1, at, column.example or None)
        sink = io.BytesIO()
        book.save(sink)
        table = read(sink.getvalue())
        assert (table.form, table.rows.num_rows, told(table)) == (rule.form, 1, [])


def test_a_table_that_goes_on_under_its_header_has_totals_of_its_own(read) -> None:
    one, two = ["10020030", "Лифт", "07.2026", 100, "акт"], ["10020031", "Лифт", "07.2026", 50, "акт"]
    own = ["Итого", None, None]
    again = [["Итого", None, None, 100], [], *head("recalculations"), RECALCULATIONS, two]
    for total in (50, 150):
        table = read(xlsx([*head("recalculations"), RECALCULATIONS, one, *again, [*own, total]]))
        assert (told(table), table.rows.num_rows) == ([], 2)
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, one, *again, [*own, 100]]))
    assert told(table) == [("total.mismatch", "D19", "100,00")]


def test_another_table_is_told_once_at_its_header(read) -> None:
    rows = [["10020030", "Лифт", "07.2026", 100, "акт"], [], ["Причина", "Кто", "Сколько"]]
    rows += [[n, "мастер", "много"] for n in range(40)]
    table = read(xlsx([RECALCULATIONS, *rows]))
    assert told(table) == [("table.second", "A4", "Причина; Кто; Сколько")]
    assert [f.row for f in table.findings] == [4] and table.rows.num_rows == 1


def test_looking_for_further_tables_takes_no_time_whatever_stands_there(read) -> None:
    words = [["нет", "Лифт", "нет", "нет", "нет"], []] * 10_000
    began = time.process_time()
    read(xlsx([RECALCULATIONS, *words, ["10020030", "Лифт", "07.2026", 100, "акт"]]))
    assert time.process_time() - began < 5


def test_the_largest_number_that_is_kept_exactly(read) -> None:
    """Written or in a cell: past 2**53 of its smallest part a number would lose digits."""
    lines = [["10020030", "Лифт", "07.2026", amount, "акт"] for amount in ("90071992547409,92", "90071992547409,93")]
    table = read(xlsx([RECALCULATIONS, *lines, ["10020030", "Лифт", "06.2026", 1e14, "акт"]]))
    assert told(table) == [("value.too_large", "D3", "90071992547409,93"), ("value.too_large", "D4", "100000000000000")]
    assert table.rows.column("amount").to_pylist() == [Decimal("90071992547409.92"), None, None]


def test_a_line_below_without_days_where_days_belong_is_no_row(read) -> None:
    """Whoever signed, however many cells; with a day in its place it is a row with something forgotten."""
    header = ["Код дома", "Дата прекращения", "Причина", "Узнали"]
    row, signed = ["A-1", "01.10.2026", "Снос", "01.09.2026"], ["Инженер", None, "Сидоров"]
    assert read(xlsx([*head("house_exit"), header, row, signed])).rows.num_rows == 1
    assert read(xlsx([*head("house_exit"), header, row, [*signed, "вчера"]])).rows.num_rows == 1
    for forgotten in (["", "01.10.2026", "Снос", "вчера"], ["A-2", "01.10.2026", "Снос"], ["A-2", None, "Снос"]):
        assert read(xlsx([*head("house_exit"), header, row, forgotten])).rows.num_rows == 2
