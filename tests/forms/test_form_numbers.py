"""4.1.15: numbers that can be read in two ways, or that their cells show as others, are refused and never guessed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from decimal import Decimal

import pytest
import xlwt
from form_books import MANY, READINGS, RECALCULATIONS, head, many, told, xlsx
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Rows = list[list[object]]


def text(rows: Rows, delimiter: str) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter).writerows(rows)
    return sink.getvalue().encode()


def sums(*written: object) -> Rows:
    rows = [["10020030", "Лифт", "06.2026", value, f"акт {place}"] for place, value in enumerate(written)]
    return [*head("recalculations"), RECALCULATIONS, *rows]


def readings(*written: object) -> Rows:
    rows = [["10020030", "Холодная вода", f"С-{n}", None, value, "20.08.2026"] for n, value in enumerate(written)]
    return [*head("meter_readings"), READINGS, *rows]


@pytest.mark.parametrize("kind", ["xlsx", ";", ","])
def test_money_with_three_digits_after_its_sign_may_be_thousands(read, kind: str) -> None:
    rows = sums("-1,250", "-1.250", "(5,000)", "-1250,500", "-0,500", "-2,50", "-1 250,500")
    table = read(xlsx(rows)) if kind == "xlsx" else read(text(rows, kind), "форма.csv")
    bad = [
        ("value.ambiguous_thousands", f"D{row}", value) for row, value in enumerate(("-1,250", "-1.250", "(5,000)"), 8)
    ]
    assert told(table) == bad
    assert (table.findings[0].facts["small"], table.findings[0].facts["large"]) == ("-1,25", "-1250")
    assert table.rows["amount"].to_pylist()[3:] == [Decimal(v) for v in ("-1250.50", "-0.50", "-2.50", "-1250.50")]


def test_quantity_with_three_digits_is_a_fraction_unless_the_file_says_otherwise(read) -> None:
    assert read(xlsx(readings("1,250", "7,5"))).rows["current"].to_pylist() == [Decimal("1.250"), Decimal("7.500")]
    assert told(read(text(readings("1,250"), ";"), "форма.csv")) == []
    assert told(read(text(readings("1.250", "1,5"), ","), "форма.csv")) == [
        ("value.ambiguous_thousands", "E8", "1.250")
    ]
    assert told(read(text(readings("1,250"), ","), "форма.csv")) == [("value.ambiguous_thousands", "E8", "1,250")]
    assert told(read(xlsx(readings("1,250", "500.5")))) == [("value.ambiguous_thousands", "E8", "1,250")]


def test_a_number_that_is_no_text_is_what_it_is(read) -> None:
    assert read(xlsx(sums((-1250.0, "#,##0"), -5.0))).rows["amount"].to_pylist() == [
        Decimal("-1250.00"),
        Decimal("-5.00"),
    ]


def in_ods(rows: Rows) -> bytes:
    """A value may be (number, format): the cell shows what LibreOffice shows by it."""
    book, table, sink = OpenDocumentSpreadsheet(), Table(name="Лист"), io.BytesIO()
    for row in rows:
        line = TableRow()
        for value in row:
            number = value[0] if isinstance(value, tuple) else value
            is_number = isinstance(number, int | float)
            cell = TableCell(valuetype="float", value=number) if is_number else TableCell(valuetype="string")
            shown = SHOWN_ALL[value] if isinstance(value, tuple) else str(number)
            if number is not None:
                cell.addElement(P(text=shown))
            line.addElement(cell if number is not None else TableCell())
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(sink)
    return sink.getvalue()


def in_xls(rows: Rows) -> bytes:
    book, sink = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Лист")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, tuple):
                sheet.write(r, c, value[0], xlwt.easyxf(num_format_str=value[1]))
            elif value is not None:
                sheet.write(r, c, value)
    book.save(sink)
    return sink.getvalue()


SHOWN = {
    (-1.5, '0.0" тыс."'): "-1,5 тыс.", (100.5, '"-"0.00'): "-100,50", (-2500.0, "0.00,"): "-2,50",
    (-7.0, '0.00" руб."'): "-7,00 руб.", (-7.0, '0" МВт·ч"'): "-7 МВт·ч", (-7.0, "0.00;0.00"): "7,00",
    (-7.0, '0"%"'): "-7%", (5.0, '0"000"'): "5000", (-7.0, '0;"нет"'): "нет",
    (-1.5, "[Red]-0.0;[Blue]0.0"): "1,5", (1.5, "[Red]-0.0;[Blue]0.0"): "-1,5", (-3.5, "[Red]0.0;[Red]0.0"): "3,5",
    (-2.5, "0.0;[Blue]0.0"): "2,5",
}  # fmt: skip
ORDINARY = {
    (-1234.5, "#,##0.00"): "-1 234,50", (-1234.5, "#,##0.00 ₸"): "-1 234,50 ₸", (-5.0, '0.00" м³"'): "-5,00 м³",
    (-1234.5, "_-* #,##0.00_-;\\-* #,##0.00_-"): "-1 234,50 ", (-5.5, "[Red]-0.00"): "-5,50",
    (5.5, "+0.00;-0.00"): "+5,50", (-5.5, "0.00_);(0.00)"): "(5,50)",
    (-5.5, "0.00;[Red]-0.00"): "-5,50", (-5.5, "0.0"): "-5,5",
    (-1234.0, "#,##0.00[$ тг-43F]"): "-1 234,00 тг",
}  # fmt: skip
FO = (
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
)
MAP = '<style:map style:condition="value()&gt;=0" style:apply-style-name="N1P0"/>'
MAKERS = pytest.mark.parametrize(("kind", "make"), [("xlsx", xlsx), ("xls", in_xls), ("ods", in_ods)])
SHOWN_ALL = SHOWN | ORDINARY


@MAKERS
def test_a_number_that_its_format_shows_as_another_is_refused(read, kind: str, make) -> None:
    table = read(make(sums(*SHOWN)), f"a.{kind}")
    assert [f.code for f in table.findings] == ["value.shown_otherwise"] * len(SHOWN)
    assert [f.value for f in table.findings] == [str(n).replace(".0", "").replace(".", ",") for n, _ in SHOWN]
    assert "тыс" in table.findings[0].facts["format"] and table.rows["amount"].null_count == len(SHOWN)


@MAKERS
def test_formats_that_people_use_are_no_matter(read, kind: str, make) -> None:
    table = read(make(sums(*ORDINARY)), f"a.{kind}")
    assert told(table) == []
    assert table.rows["amount"].to_pylist() == [Decimal(str(number)) for number, _ in ORDINARY]


ROUNDED = {
    (621.6, "0"): "622", (621.6, "# ##0"): "622", (-12.35, "0.0"): "-12,4", (0.4, "#,##0"): "0",
    (-5.5, "0_);(0)"): "(6)",
    (1234.56, "#,##0.0"): "1 234,6",
}  # fmt: skip


@MAKERS
def test_a_number_that_is_shown_rounded_is_taken_and_told(read, kind: str, make) -> None:
    """4.1.15: whoever signs a print sees 622 where 621,60 is taken; he is told once for a column, with every cell."""
    SHOWN_ALL.update({**ROUNDED, (7.0, "0"): "7"})
    table = read(make(sums(100.0, *ROUNDED, (7.0, "0"), 0.1 + 0.2)), f"a.{kind}")
    [finding] = table.findings
    assert (finding.code, finding.cell, finding.value) == ("cells.rounded", "D9", "621,6")
    assert (finding.facts["shown"], finding.facts["cells"]) == ("622", "D9, D10, D11, D12, D13, D14")
    taken = [100, *(number for number, _ in ROUNDED), 7, 0.3]
    assert table.rows["amount"].to_pylist() == [Decimal(str(number)) for number in taken]


def test_among_many_rows_a_rounded_number_is_told(read) -> None:
    rows = [(float(n), "0") for n in range(1, MANY)]
    assert told(read(many(xlsx(sums(*rows, (621.6, "0")))))) == [("cells.rounded", f"D{MANY + 7}", "621,6")]
    assert told(read(many(xlsx(sums(*rows, (622.0, "0")))))) == []


def respelled(data: bytes, cell: bytes, become: bytes) -> bytes:
    """The workbook with the cells of a pattern in its sheet spelled otherwise."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, re.sub(cell, become, part) if name.endswith("sheet1.xml") else part)
    return sink.getvalue()


def test_among_many_rows_a_number_that_says_its_type_is_told_too(read) -> None:
    """openpyxl writes `t="n"`, other programs put the type before the style."""
    made = many(xlsx(sums(*[(float(n), "0") for n in range(1, MANY)], (621.6, "0"))))
    for spelled in (rb'<c r="D\1" t="n" s="\2">', rb'<c r="D\1" s="\2" t="n">'):
        form = respelled(made, rb'<c r="D(\d+)" s="(\d+)">', spelled)
        assert told(read(form)) == [("cells.rounded", f"D{MANY + 7}", "621,6")]


@pytest.mark.parametrize("text", ["12.75", "Elena", "2026-05-01T00:00:00.000"])
@pytest.mark.parametrize("spelled", [rb'<c r="E%b" s="%b" t="str">', rb'<c r="E%b" t="str" s="%b">'])
@pytest.mark.quick('<c r="E%b" s="%b" t="str">-12.75', '<c r="E%b" s="%b" t="str">-Elena')
def test_among_many_rows_a_text_under_a_format_of_numbers_stays_a_text(read, text: str, spelled: bytes) -> None:
    made = many(xlsx(sums(*[(float(n), "0") for n in range(1, MANY)])))
    style = re.search(rb'<c r="D8" s="(\d+)"', zipfile.ZipFile(io.BytesIO(made)).read("xl/worksheets/sheet1.xml"))
    assert style
    typed = spelled.replace(b"%b", rb"\1", 1).replace(b"%b", style[1]) + b"<v>" + text.encode() + b"</v></c>"
    table = read(respelled(made, rb'<c r="E([89]|\d\d+)" t="s"><v>\d+</v></c>', typed))
    assert (told(table), set(table.rows["basis"].to_pylist())) == ([], {text})


def test_among_many_rows_such_a_format_is_found(read) -> None:
    table = read(many(xlsx(sums(*[-5.0] * MANY, (-1.5, '0.0" тыс."')))))
    assert told(table) == [("value.shown_otherwise", f"D{MANY + 8}", "-1,5")]


@pytest.mark.parametrize(("kind", "make"), [("xlsx", xlsx), ("xls", in_xls)])
def test_what_is_below_zero_may_be_red_instead_of_having_a_minus(read, kind: str, make) -> None:
    table = read(make(sums((-5.0, "0.00;[Red]0.00"), (5.0, "0.00;[Red]0.00"))), f"a.{kind}")
    assert (told(table), table.rows["amount"].to_pylist()) == ([], [Decimal(-5), Decimal(5)])


@pytest.mark.parametrize(("colour", "other", "codes"), [
    ("#ff0000", "", []), ("#0000ff", "", ["value.shown_otherwise"]), ("#ff0000", "#ff0000", ["value.shown_otherwise"]),
])  # fmt: skip
def test_red_of_an_ods_is_known_by_its_format(read, colour: str, other: str, codes: list[str]) -> None:
    """LibreOffice keeps `0.00;[Red]0.00` as two formats, the second by a condition."""
    plain = '<number:number number:decimal-places="2"/></number:number-style>'
    formats = (
        f'<number:number-style style:name="N1P0"><style:text-properties fo:color="{other}"/>{plain}'
        f'<number:number-style style:name="N1"><style:text-properties fo:color="{colour}"/>'
        f"{plain.replace('</number:number-s', MAP + '</number:number-s')}"
        '<style:style style:name="red" style:family="table-cell" style:data-style-name="N1"/>'
    )
    sink, made = io.BytesIO(), in_ods(sums((-7.0, "0.00;0.00")))
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(sink, "w") as target:
        for name in source.namelist():
            part = source.read(name).decode("utf-8", "surrogateescape")
            if name == "content.xml":
                part = part.replace("<office:automatic-styles/>", f"<office:automatic-styles {FO}>{formats}")
                part = part.replace("<office:body>", "</office:automatic-styles><office:body>")
                part = part.replace('office:value="-7.0"', 'table:style-name="red" office:value="-7.0"')
            target.writestr(name, part.encode("utf-8", "surrogateescape"))
    assert [f.code for f in read(sink.getvalue(), "a.ods").findings] == codes


CHANGES = ["Лицевой счёт", "Услуга", "Снят прибор №", "Последнее показание", "Установлен прибор №",
           "Начальное показание", "Дата замены"]  # fmt: skip


def change(old: object, new: object, account: object = "10020030") -> Rows:
    return [*head("meter_change"), CHANGES, [account, "Газ", old, 5, new, 0, "10.08.2026"]]


@MAKERS
@pytest.mark.parametrize(
    ("place", "number", "code"),
    [(0, 1234, "00000000"), (1, 1234, "00000000"), *((place, 123456, "00-00-00") for place in range(3))],
)
def test_a_number_of_a_meter_or_account_that_is_shown_otherwise_is_refused(
    read, kind: str, make, place: int, number: int, code: str
) -> None:
    values: list[object] = ["С-1", "С-2", "10020030"]
    SHOWN_ALL[(number, code)] = {1234: "00001234", 123456: "12-34-56"}[number]
    values[place] = (number, code)
    [finding] = read(make(change(*values)), f"a.{kind}").findings
    assert (finding.code, finding.cell) == ("value.shown_otherwise_code", "CEA"[place] + "8")
    assert (finding.value, finding.facts["format"]) == (str(number), code)


@MAKERS
def test_an_account_whose_format_keeps_its_zeros_is_the_one_that_people_see(read, kind: str, make) -> None:
    """Excel's own way to write 0012033; the register says whose it is."""
    SHOWN_ALL[(12033, "0000000")] = "0012033"
    table = read(make(change("С-1", "С-2", (12033, "0000000"))), f"a.{kind}")
    assert (told(table), table.rows["account"].to_pylist()) == ([], ["0012033"])


def test_accounts_of_both_kinds_in_a_column_are_each_its_own(read) -> None:
    rows = change("С-1", "С-2", (12033, "0000000"))
    plain, text, wide = ([account, *rows[-1][1:]] for account in (12034, "0012035", (123, "00")))
    table = read(xlsx([*rows, plain, text, wide]))
    assert (told(table), table.rows["account"].to_pylist()) == ([], ["0012033", "12034", "0012035", "123"])


@pytest.mark.parametrize("text", ["\u00ad100", " \u00ad 100", "\u00ad1 00,0", "\u00ad100\u00ad"])
def test_a_soft_hyphen_before_a_number_is_its_minus(read, text: str) -> None:
    """Excel shows it, and nothing is parted before the first letter; to leave it out would turn a sum."""
    wanted = [] if "1 00" in text else [Decimal("-100.00")]
    row = ["10020030", "Лифт", "06.2026", text, "акт\u00ad 1"]
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, row]))
    assert [one for one in table.rows["amount"].to_pylist() if one is not None] == wanted


@pytest.mark.parametrize("text", ["+127,5", "+ 127,5"])
def test_a_plus_before_what_has_no_sign_is_asked_about(read, text: str) -> None:
    """One more resident, or one resident; the money of a recalculation has a sign."""
    assert told(read(xlsx(readings(text)))) == [("value.plus", "E8", text)]
    row = ["10020030", "Лифт", "06.2026", "+127,5", "акт 1"]
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, row]))
    assert (told(table), table.rows["amount"].to_pylist()) == ([], [Decimal("127.50")])


def test_a_quantity_with_zeros_before_it_is_the_same_quantity(read) -> None:
    table = read(xlsx(readings((7.0, "00000"), (7.5, "000.0"))))
    assert (told(table), table.rows["current"].to_pylist()) == ([], [Decimal(7), Decimal("7.5")])


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(("number", "code", "shown"), [(45000, "dd.mm.yyyy", "15.03.2023"), (0.5, "hh:mm", "12:00:00")])
def test_a_number_of_a_meter_that_became_a_date_is_refused(read, place: int, number, code: str, shown: str) -> None:
    values: list[object] = ["С-1", "С-2"]
    values[place] = (number, code)
    assert told(read(xlsx(change(*values)))) == [("value.became_date", "CE"[place] + "8", shown)]


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [(0, "mm.yyyy", "00.01.1900"), (-1, "mm.yyyy", "####"), (45474, "[h]:mm", "1091376:00:00")],
)
def test_a_month_that_is_no_day_is_told_with_its_number_and_format(read, number, code: str, shown: str) -> None:
    row = ["10020030", "Лифт", (number, code), -1, "акт"]
    [finding] = read(xlsx([*head("recalculations"), RECALCULATIONS, row])).findings
    assert (finding.code, finding.cell, finding.value) == ("value.no_day", "C8", shown)
    assert (finding.facts["number"], finding.facts["format"]) == (str(number), code)


def test_a_sum_below_zero_that_became_a_date_is_told_as_excel_shows_it(read) -> None:
    [finding] = read(xlsx(sums((-5, "dd.mm")))).findings
    assert (finding.code, finding.value, finding.facts["number"]) == ("value.became_date", "####", "-5")


def test_two_accounts_in_one_cell_are_told_as_they_stand(read) -> None:
    for text in ("10020014\n10020015", "10020014 10020015"):
        table = read(xlsx([*head("recalculations"), RECALCULATIONS, [text, "Лифт", "06.2026", -1, "акт"]]))
        assert table.rows["account"].to_pylist() == ["10020014 10020015"]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("минус 1250", "-1250"), ("Минус 1 250,50 тг", "-1250.50"), ("минус1250", "-1250"), ("МИНУС 5-00", "-5"),
        ("плюс 300", "300"),
    ],
)  # fmt: skip
def test_a_sign_in_words_is_the_sign(read, written: str, amount: str) -> None:
    table = read(xlsx(sums(written)))
    assert (told(table), table.rows["amount"].to_pylist()) == ([], [Decimal(amount).quantize(Decimal("0.01"))])


@pytest.mark.parametrize("written", ["минус -1250", "минус", "минус 10 и 20", "не минус 5", "минус 5-10"])
def test_a_sign_in_words_beside_anything_else_is_no_number(read, written: str) -> None:
    assert {code for code, _, _ in told(read(xlsx(sums(written))))} <= {"value.not_a_number", "value.sum_in_words"}
    assert read(xlsx(sums(written))).rows["amount"].null_count == 1


@pytest.mark.parametrize("written", ["снять 200", "Возврат 200 тг", "переплата 150", "вернуть 10", "қайтару 200"])
def test_a_word_in_the_place_of_a_sign_is_told_with_the_sign_that_belongs_there(read, rules, written: str) -> None:
    """Whoever only strikes the words out would turn the sum round."""
    assert told(read(xlsx(sums(written)))) == [("value.sum_in_words", "D8", written)]
    assert "со знаком минус" in rules.findings["value.sum_in_words"].remedy_ru
    assert told(read(xlsx(sums("200 тысяч")))) == [("value.not_a_number", "D8", "200 тысяч")]
