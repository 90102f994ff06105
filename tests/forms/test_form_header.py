"""What stands above and under a table: one Customer, one form, one month, wherever people write them (4.1.15)."""

from __future__ import annotations

import pytest
from form_books import RECALCULATIONS, told, with_merge, xlsx

ROW = ["10020030", "Лифт", "06.2026", -1, "акт"]
FORM, BIN = ["Форма", "recalculations"], ["БИН заказчика", "971240003619"]
MONTH = ["Месяц учёта", "11.2026"]
Rows = list[list[object]]


def book(*above: list[object], below: Rows | None = None) -> bytes:
    return xlsx([*above, RECALCULATIONS, ROW, *(below or [])])


@pytest.mark.parametrize(
    ("above", "cell", "value"),
    [
        ([FORM, BIN, ["БИН", "050140000015"]], "B3", "050140000015"),
        ([FORM, BIN, ["Тапсырыс берушінің БСН", "050140000015"]], "B3", "050140000015"),
        ([FORM, ["Нысан", "Тарифы"], BIN], "B2", "Тарифы"),
        ([FORM, BIN, MONTH, ["Есепке алу айы", "12.2026"]], "B4", "12.2026"),
        ([FORM, BIN, MONTH, ["Месяц начисления", "12.2026"]], "B4", "12.2026"),
        ([FORM, BIN, [*MONTH, "12.2026"]], "C3", "12.2026"),
        ([FORM, BIN, ["Заменяет", "IW-000012"], ["Взамен", "IW-000013"]], "B4", "IW-000013"),
    ],
)
def test_two_values_of_a_kind_above_one_table_contradict_each_other(read, above: Rows, cell: str, value: str) -> None:
    [conflict] = read(book(*above)).findings
    assert (conflict.code, conflict.cell, conflict.value) == ("header.conflict", cell, value)


@pytest.mark.parametrize(
    "above",
    [
        [FORM, ["Код формы", "Перерасчёты за прошлый период"], BIN, ["БИН", "971240003619"]],
        [FORM, BIN, [*MONTH, "напишите месяц"], ["Есепке алу айы", "ноябрь 2026"], ["Учётный месяц", "—"]],
        [FORM, BIN, MONTH, ["Период", "11.2026"]],
        [FORM, BIN, [*MONTH, "Дата составления:", "01.08.2026"]],
        [FORM, BIN, [*MONTH, "20.08.2026"]],
        [FORM, BIN, ["Месяц учёта"], ["20.08.2026"], ["Период", "05.09.2026"]],
    ],
)
def test_the_same_said_twice_and_a_hint_beside_are_no_contradiction(read, above: Rows) -> None:
    assert told(read(book(*above))) == []


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ([FORM, BIN, ["Месяц учёта"], ["11.2026"]], []),
        ([FORM, BIN], [[], MONTH]),
        ([FORM, BIN], [[], ["Месяц учёта: 11.2026"], ["Директор", "Ким"]]),
        ([FORM, BIN, ["Отчётный месяц", "11.2026"]], []),
        ([FORM, BIN, ["Месяц начисления:", "ноябрь 2026"]], []),
    ],
)
def test_the_month_of_account_is_read_where_people_write_it(read, above: Rows, below: Rows) -> None:
    table = read(book(*above, below=below))
    assert (told(table), table.header["month"].text, table.rows.num_rows) == ([], "2026-11", 1)


def test_the_customer_under_his_label_is_read(read) -> None:
    table = read(book(FORM, ["БИН заказчика", "Месяц учёта"], ["971240003619", "11.2026"]))
    assert (told(table), table.header["customer"].text) == ([], "971240003619")


def test_a_month_under_the_table_that_contradicts_the_one_above_refuses(read) -> None:
    table = read(book(FORM, BIN, MONTH, below=[[], ["Месяц учёта", "12.2026"]]))
    assert told(table) == [("header.conflict", "B7", "12.2026")]


@pytest.mark.parametrize("label", ["Период", "За месяц:", "Кезең"])
def test_a_month_under_an_unclear_label_is_told(read, label: str) -> None:
    """It may be the month that the rows are about: the calendar decides, and says so."""
    table = read(book(FORM, BIN, [label, "11.2026"]))
    assert [c[::2] for c in told(table)] == [("header.month_not_read", "11.2026")] and "month" not in table.header


@pytest.mark.parametrize("nothing", ["нет", "—", "-", "жоқ"])
def test_nothing_in_words_is_an_empty_header_value(read, nothing: str) -> None:
    table = read(book(FORM, BIN, ["Заменяет", nothing], ["Месяц учёта", nothing]))
    assert told(table) == [] and not {"month", "replaces"} & table.header.keys()
    assert told(read(book(FORM, BIN, ["Месяц учёта", "н/д"]))) == [("header.month_invalid", "B3", "н/д")]


@pytest.mark.parametrize(
    ("written", "number"),
    [("сентябрь", "09"), ("За сентябрь", "09"), ("сентябрь месяц", "09"), ("қыркүйек айы", "09"), ("сен.", "09"),
     ("09", "09"), (9, "09"), ("маусым", "06")],
)  # fmt: skip
def test_a_month_without_its_year_waits_for_the_moment_of_receipt(read, written: object, number: str) -> None:
    table = read(book(FORM, BIN, ["Месяц учёта", written]))
    assert (told(table), table.header["month"].text) == ([], number)


@pytest.mark.parametrize("written", ["сентябрь-октябрь", "III квартал", "до сентября", "сентебрь", "13"])
def test_what_is_no_single_month_is_no_month(read, written: str) -> None:
    assert told(read(book(FORM, BIN, ["Месяц учёта", written]))) == [("header.month_invalid", "B3", written)]


@pytest.mark.parametrize("both", [["ноябрь", "11.2026"], ["11.2026", "ноябрь"]])
def test_a_month_said_with_and_without_its_year_is_no_contradiction(read, both: list[str]) -> None:
    table = read(book(FORM, BIN, ["Месяц учёта", both[0]], ["Есепке алу айы", both[1]]))
    assert (told(table), table.header["month"].text) == ([], "2026-11")
    assert told(read(book(FORM, BIN, ["Месяц учёта", "май"], ["Есепке алу айы", "11.2026"]))) != []


def test_a_latin_letter_in_a_month_is_read_as_the_one_that_it_passes_for(read) -> None:
    table = read(book(FORM, BIN, ["Месяц учёта", "c\u0435нтябрь 2026"]))
    assert (told(table), table.header["month"].text) == ([], "2026-09")


@pytest.mark.parametrize(
    ("label", "key", "value"),
    [
        ("Месяц учёта", "month", "10.2026"),
        ("БИН заказчика", "customer", "971240003619"),
        ("Заменяет", "replaces", "IW-000012"),
    ],
)
def test_a_value_in_the_second_row_of_a_label_that_is_merged_down_is_read(
    read, label: str, key: str, value: str
) -> None:
    """A month was left out in silence, and the calendar decided."""
    rows = [["Форма", "recalculations"], [label, None], [None, value], [], RECALCULATIONS, ROW]
    assert read(with_merge(xlsx(rows), "A2:A3")).header[key].written == value
    assert (key in read(xlsx(rows)).header) == (key != "replaces"), "a number beside nothing may be a telephone"


def test_two_values_beside_a_label_that_is_merged_down_contradict(read) -> None:
    rows = [["Форма", "recalculations"], ["Месяц учёта", "09.2026"], [None, "10.2026"], [], RECALCULATIONS, ROW]
    assert told(read(with_merge(xlsx(rows), "A2:A3"))) == [("header.conflict", "B3", "10.2026")]
    assert told(read(xlsx(rows))) == [], "beside no label it may be any day"
