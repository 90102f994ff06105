"""Rows and sheets that were passed over in silence or refused for the wrong reason are told rightly (4.1.15)."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from form_books import RECALCULATIONS, head, told, with_merge, xlsx

ONE = ["10020030", "Лифт", "06.2026", -100, "акт 1"]
TWO = ["10020031", "Лифт", "06.2026", -50, "акт 2"]
TARIFFS = ["Услуга", "Код дома", "База", "Тариф", "Действует с", "Основание"]
TARIFF = ["Лифт", "A-001", "м²", 31.4, "09.2026", "Протокол 1"]
FORM = [*head("recalculations"), RECALCULATIONS, ONE]


@pytest.mark.parametrize("further", [[TWO], [["Дом 2"], [], [None, *TWO]], [["10020031", "Лифт", -50]]])
def test_a_sheet_that_goes_on_without_a_header_is_refused(read, further: list[list[object]]) -> None:
    """Accepted means that it acts: half of what was sent is not taken while the rest is passed over."""
    table = read(xlsx(FORM, further))
    assert (told(table), table.rows.num_rows) == ([("sheet.left_out", "", "Sheet2")], 1)


def test_a_sheet_with_the_forms_columns_and_rows_is_refused_a_list_of_its_own_accounts_is_not(read) -> None:
    table = read(xlsx(FORM, [RECALCULATIONS, TWO]))
    assert told(table) == [("sheet.left_out", "", "Sheet2")]
    assert told(read(xlsx(FORM, [RECALCULATIONS]))) == [("sheet.not_read", "", "Sheet2")], "nothing is lost"
    known = [["Счёт", "Площадь"], [ONE[0], 65.3]]
    assert told(read(xlsx(FORM, known))) == [("sheet.not_read", "", "Sheet2")]


def test_a_sheet_with_the_only_rows_is_named(read) -> None:
    """Somebody typed under the instruction: "no rows" alone would not say where they are."""
    table = read(xlsx(FORM[:-1], [["Инструкция"], ["1.", "Заполните"], [], TWO]))
    assert told(table) == [("sheet.left_out", "", "Sheet2")]


def test_a_sheet_of_notes_is_not_told(read) -> None:
    assert told(read(xlsx(FORM, [["Порядок заполнения"], ["Счета", "10020031"], ["1", "Лифт"]]))) == []


def test_a_house_in_a_heading_over_tariffs_is_told_where_to_write(read) -> None:
    row = [TARIFF[0], None, *TARIFF[2:]]
    table = read(xlsx([*head("tariffs"), TARIFFS, ["Дом A-001"], row, ["ул. Абая, 5"], row]))
    assert told(table) == [("row.house_heading", "A8", "Дом A-001"), ("row.house_heading", "A10", "ул. Абая, 5")]


def test_a_house_in_a_heading_over_rows_with_houses_is_only_a_heading(read) -> None:
    table = read(xlsx([*head("tariffs"), TARIFFS, ["Дом A-001"], TARIFF]))
    assert (told(table), table.rows.num_rows) == ([], 1)


def test_a_whole_row_with_a_total_s_word_for_a_service_is_a_row(read) -> None:
    table = read(xlsx([*head("tariffs"), TARIFFS, TARIFF, ["Итого", *TARIFF[1:]], ["Итого", None, None, 62.8]]))
    assert (told(table), table.rows.num_rows) == ([("service.unknown", "A9", "Итого")], 2)


@pytest.mark.parametrize(
    "line",
    [
        ["Қолы:", None, "М.О."],
        ["Орындаған:", None, "А. Сейтқали", "тел.", "87012223344"],
        ["Орындаған:", "А. Сейтқали", "тел.", "87012223344"],
        ["тел.", None, None, 87012223344],
        ["Исполнитель:", None, None, "+77012223344"],
    ],
)
def test_lines_to_sign_with_telephones_are_no_rows(read, line: list[object]) -> None:
    table = read(xlsx([*FORM, [], line]))
    assert (told(table), table.rows.num_rows) == ([], 1)
    assert read(xlsx([*FORM, [None, "Лифт", None, 87012223344]])).rows.num_rows == 2


def test_rows_below_a_signature_are_asked_about_and_its_lines_are_no_accounts(read) -> None:
    """Whoever signed above them may not have meant them."""
    other = ["10020031", *ONE[1:]]
    signed = [[], ["Руководитель", "____", "Иванов"], ["М.П."], []]
    table = read(xlsx([*FORM, *signed, other, other]))
    assert told(table) == [("row.below_signature", f"A{row}", "Руководитель; ____; Иванов") for row in (13, 14)]
    assert (table.findings[0].facts["first"], table.rows.num_rows) == ("A10", 3)
    assert told(read(xlsx([*FORM, other, *signed]))) == []
    broken = ["Директорская", "Лифт", "", "", "Акт 3"]  # a service of the list: a row that lacks something
    assert "row.below_signature" not in [code for code, *_ in told(read(xlsx([*FORM, broken, other])))]


def test_rows_below_a_line_to_sign_of_one_cell_are_asked_about(read) -> None:
    """It was taken for a heading of a group."""
    table = read(xlsx([*FORM, ["Директор ____________"], ["10020031", *ONE[1:]]]))
    assert [code for code, *_ in told(table)] == ["row.below_signature"]
    heading = read(xlsx([*FORM, ["Дом директора, ул. Абая 5"], ["10020031", *ONE[1:]]]))
    assert "row.below_signature" not in [code for code, *_ in told(heading)]


@pytest.mark.parametrize("month", ["06.26", "06/26", "Jun-26", "июн.26", "июнь 26", "06,2026", "маусым 26 ж."])
def test_a_month_with_two_digits_of_its_year_is_read(read, month: str) -> None:
    table = read(xlsx([*FORM[:-1], [*ONE[:2], month, *ONE[3:]]]))
    assert (told(table), table.rows["past_month"].to_pylist()) == ([], [date(2026, 6, 1)])


@pytest.mark.parametrize("month", ["06.12", "12.06", "26.06"])
def test_two_digits_that_may_be_a_day_or_a_month_are_no_year(read, month: str) -> None:
    assert told(read(xlsx([*FORM[:-1], [*ONE[:2], month, *ONE[3:]]]))) == [("value.not_a_month", "C8", month)]


@pytest.mark.parametrize("written", ["-1250,50 тг", "−1 250,50₸", "‑1250,50 теңге", "－1250,5 тг.", "(1250,50) тенге"])
def test_a_sum_with_its_currency_and_any_minus_is_read(read, written: str) -> None:
    table = read(xlsx([*FORM[:-1], [*ONE[:3], written, ONE[4]]]))
    assert (told(table), table.rows["amount"].to_pylist()) == ([], [Decimal("-1250.50")])
    other = read(xlsx([*FORM[:-1], [*ONE[:3], "-1250,50 руб", ONE[4]]]))
    assert told(other) == [("value.not_a_number", "D8", "-1250,50 руб")]


PRICES = [name for name in TARIFFS if name != "Код дома"]
PRICE = [TARIFF[0], *TARIFF[2:]]


@pytest.mark.parametrize(
    "line",
    [
        ["Дом A-001"], ["Код дома: A-001"], ["Код дома", "A-001"], ["Тарифы по дому A-001"], ["для дома № 12/1"],
        ["Үй коды", "A-001"], ["A-001 үйі бойынша тарифтер"], ["Код дома"],
    ],
)  # fmt: skip
def test_a_house_above_prices_that_name_none_is_told(read, line: list[object]) -> None:
    """A price without its house is of all houses: that of one house was taken for each of them, in silence."""
    table = read(xlsx([*head("tariffs"), line, [None, "A-001"] if line == ["Код дома"] else [], PRICES, PRICE]))
    assert [(code, cell) for code, cell, _ in told(table) if code.startswith("row.")] == [("row.house_heading", "A7")]


def test_a_house_in_the_name_of_a_sheet_is_told_where_a_row_has_none(read) -> None:
    for rows, expected in (
        ([PRICES, PRICE], 1),
        ([TARIFFS, [TARIFF[0], None, *TARIFF[2:]]], 1),
        ([TARIFFS, TARIFF], 0),
    ):
        made = openpyxl.load_workbook(io.BytesIO(xlsx([*head("tariffs"), *rows])))
        made.active.title = "Дом A-001"
        made.save(sink := io.BytesIO())
        assert [code for code, *_ in told(read(sink.getvalue()))] == ["row.house_heading"] * expected


@pytest.mark.parametrize(
    "line",
    [
        ["ОСИ Дом 5"],
        ["КСК «Дом 5»"],
        ["г. Алматы, ул. Абая, дом 5"],
        ["Адрес", "ул. Абая, 5"],
        ["Исх. № 5", "01.08.2026"],
    ],
)
def test_the_name_and_the_address_of_the_sender_are_no_house_of_its_prices(read, line: list[object]) -> None:
    table = read(xlsx([*head("tariffs"), line, [], PRICES, PRICE]))
    assert "row.house_heading" not in [code for code, *_ in told(table)] and table.rows.num_rows == 1


def test_a_value_that_a_merged_cell_covers_is_told_where_it_is_read(read) -> None:
    """A sum that nobody sees was posted in silence; of what rows share the cell that people see says all."""
    second = ["10020031", "Домофон", "07.2026", -50, "акт 2"]
    rows = xlsx([*head("recalculations"), RECALCULATIONS, ONE, second])
    for column, expected in (
        ("D", [("cells.unseen", "D9", "-50")]),
        ("A", [("cells.unseen", "A9", "10020031")]),
        ("B", []),
    ):
        assert told(read(with_merge(rows, f"{column}8:{column}9"))) == expected
    shared = read(with_merge(rows, "B8:B9")).rows.column("service").to_pylist()
    assert shared == ["lift", "lift"]
