"""4.1.15: lines of a text file whose quotes, separators or letters are broken are told, never posted as if read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from form_books import RECALCULATIONS, told

TOP = ["Форма;recalculations", "БИН заказчика;971240003619"]
HEADER = ";".join(RECALCULATIONS)


def text(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join([*TOP, header, *lines, ""]).encode()


def row(number: int, basis: str = "акт") -> str:
    return f"1002003{number};Лифт;06.2026;-5;{basis}"


@pytest.mark.parametrize("rows_after", [0, 2, 40_000])
def test_quote_that_is_never_closed_refuses_the_file_and_names_its_line(refuse, rows_after: int) -> None:
    finding = refuse(text(row(0), row(1, '"акт'), *[row(2)] * rows_after), "форма.csv")
    assert (finding.code, finding.facts["line"], finding.value) == ("text.quote_open", "5", row(1, '"акт'))
    assert refuse(b"sep=;\r\n" + text(row(1, '"акт')), "форма.csv").facts["line"] == "5"


@pytest.mark.parametrize(
    ("lines", "cell"),
    [
        ([row(0, '"акт'), row(1, 'акт"')], "E4"),
        ([row(0, '"акт'), row(1), row(2, 'акт"')], "E4"),
        ([row(0, '"акт'), row(1), '"', row(2)], "E4"),
        (['10020030;"Лифт;06.2026;-5;акт', '10020031;"Лифт;06.2026;-5;акт'], "B4"),
        (['"10020030;Лифт;06.2026;-5;акт', '"10020031;Лифт;06.2026;-5;акт'], "A4"),
    ],
)
def test_rows_between_two_stray_quotes_refuse_the_form(read, lines: list[str], cell: str) -> None:
    """An error about the whole form: which rows the sender meant is not known."""
    table = read(text(*lines, row(9)), "форма.csv")
    found = next(f for f in table.findings if f.code == "text.rows_in_quotes")
    assert (found.cell, found.row, found.facts["line"]) == (cell, 0, "4")


def test_header_pairs_between_two_stray_quotes_refuse_the_form(read) -> None:
    pairs = 'Заказчик;"ТОО «Самал»\r\nМесяц учёта;09.2026"'
    table = read(text(row(0), header=f"{pairs}\r\n{HEADER}"), "форма.csv")
    assert [code for code, *_ in told(table)] == ["text.rows_in_quotes"]


def test_quoted_text_of_several_lines_is_read(read) -> None:
    table = read(text(row(0, '"акт ""о"";\r\nпункты 1; 2"'), row(1, 'труба 3"'), row(2, '"Акт" № 5')), "форма.csv")
    assert told(table) == [] and table.rows["basis"].to_pylist() == ['акт "о"; пункты 1; 2', 'труба 3"', "Акт № 5"]
    top = 'Заказчик,"ТОО «Самал»,\r\nг. Астана, ул. Абая, 1"'
    commas = text(row(0), header=HEADER).decode().replace(";", ",").replace(TOP[0].replace(";", ","), top)
    assert told(read(commas.encode(), "форма.csv")) == []


@pytest.mark.parametrize("sign", [",", ";"])
def test_row_with_more_values_than_the_header_is_an_error_though_the_last_is_empty(read, sign: str) -> None:
    """-100,50 without quotes: -100 is no sum, and 50 no basis."""
    lines = [line.replace(";", sign) for line in ("10020030;Лифт;06.2026;-100;50;", row(1))]
    table = read(text(*lines, header=HEADER.replace(";", sign)).replace(b";", sign.encode()), "форма.csv")
    assert told(table) == [("row.shifted", "F4", "")] and table.findings[0].row == 4
    assert table.findings[0].facts == {"count": "6", "columns": "5"}


def test_separator_at_the_end_of_every_line_is_nothing(read) -> None:
    table = read(text(row(0), row(1)).replace(b"\r\n", b";\r\n"), "форма.csv")
    assert told(table) == [] and table.rows.num_rows == 2


def test_lost_letters_of_a_note_are_told_and_those_of_a_value_refused(read) -> None:
    broken = text(row(0, "акт"), "1002\u00ff0031;Лифт;06.2026;-5;акт", "10020032;Ли\u00ffт;06.2026;-\u00ff5;акт")
    broken = broken.replace("\u00ff".encode(), b"\xab").replace("акт\r\n".encode(), b"\xd0\xb0\xd0\xba\xd1\r\n", 1)
    table = read(broken, "форма.csv")
    assert [(code, cell) for code, cell, _ in told(table)] == [
        ("text.letters_lost", "E4"),
        ("value.letters_lost", "A5"),
        ("value.letters_lost", "B6"),
        ("value.letters_lost", "D6"),
    ]
    assert table.rows["account"].to_pylist() == ["10020030", None, "10020032"]
    assert table.rows["amount"].to_pylist() == [Decimal("-5.00"), Decimal("-5.00"), None]


def test_lost_letters_of_a_text_that_is_compared_are_refused(read) -> None:
    lines = ["Лицевой счёт;Услуга;№ прибора;Предыдущее;Текущее;Дата снятия", "10020030;Газ;С-1\u00ff2;0;5;20.08.2026"]
    data = "\n".join(["Форма;meter_readings", "БИН заказчика;971240003619", *lines]).encode()
    table = read(data.replace("\u00ff".encode(), b"\xab"), "форма.csv")
    assert [(code, cell) for code, cell, _ in told(table)] == [("value.letters_lost", "C4")]


def meter(number: str) -> bytes:
    lines = ["Лицевой счёт;Услуга;№ прибора;Предыдущее;Текущее;Дата снятия", f"10020030;Газ;{number};0;5;20.08.2026"]
    return "\n".join(["Форма;meter_readings", "БИН заказчика;971240003619", *lines]).encode()


@pytest.mark.parametrize(
    ("number", "lost"),
    [
        ("?В-1", True),  # a letter that Windows-1251 has not
        ("Әл?н-1", True),
        ("???-1", True),
        ("Қайрат".encode().decode("cp1251", "ignore"), True),
        ("Ерлан".encode().decode("cp1252", "ignore"), True),
        ("В-1?", False),
        ("ТІРІ СІРІ", False),
        ("РСФСР «СССР» № 1", False),
    ],
)
def test_letters_that_another_code_lost_are_refused(read, number: str, lost: bool) -> None:
    """4.1.15: what could not be read is never taken as it looks."""
    told_of = [(code, cell) for code, cell, _ in told(read(meter(number), "форма.csv"))]
    assert told_of == ([("value.letters_lost", "C4")] if lost else [])


def test_question_marks_in_names_of_the_operators_register_are_told(read) -> None:
    """Names of old programs have them: the register is not refused for that."""
    top = "БИН;Код дома;Адрес;Квартира;Лицевой счёт;ФИО;Услуга;База;Площадь;Тариф;Действует с"
    line = "971240003619;A-1;ул. Абая, 1;1;10020030;?асымов Ерлан;Лифт;кв.;50;10;09.2026"
    table = read("\n".join(["Форма;directory", top, line]).encode(), "справочник.csv")
    assert [(code, cell) for code, cell, _ in told(table)] == [("text.letters_lost", "F3")]
    assert table.rows["name"].to_pylist() == ["?асымов Ерлан"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp866", "utf-16", "utf-16-be"])
def test_ctrl_z_ends_a_text(read, encoding: str) -> None:
    data = (text(row(0)).decode() + "\x1a").encode(encoding)
    table = read(data, "форма.csv")
    assert told(table) == [] and table.rows["basis"].to_pylist() == ["акт"]
