"""4.1.15: tables turned sideways: services, months or signs as columns, a second table beside the first."""

from __future__ import annotations

import io

import openpyxl
import pytest
from form_books import RECALCULATIONS, head, told, xlsx

from inbox_worker.forms.read import read_form

TOP = head("recalculations")
ROW = ["10020030", "Лифт", "06.2026", -100, "акт 1"]


@pytest.mark.parametrize(
    ("heads", "row", "own"),
    [
        (["Лицевой счёт", "За месяц", "Лифт", "Домофон", "Основание"], ["10020030", "06.2026", -1, -2, "а"], "Услуга"),
        (
            ["Дербес шот", "Қай ай үшін", "Жылыту", "Лифт", "Негіздеме"],
            ["10020030", "06.2026", -1, "-2,5", "а"],
            "Услуга",
        ),
        (
            ["Лицевой счёт", "Услуга", "май 2026", "июнь 2026", "Основание"],
            ["10020030", "Лифт", -1, -2, "а"],
            "За месяц",
        ),
        (["Лицевой счёт", "Услуга", "05.2026", "июнь", "Основание"], ["10020030", "Лифт", -1, -2, "а"], "За месяц"),
    ],
)
def test_a_column_for_each_service_or_month_is_asked_for_as_rows(
    read, heads: list[object], row: list[object], own: str
) -> None:
    """ "Nothing to do" was said of the very sums."""
    table = read(xlsx([*TOP, heads, row]))
    found = [(f.code, f.value) for f in table.findings if f.code == "column.of_one_value"]
    assert found == [
        ("column.of_one_value", str(text)) for text, cell in zip(heads[2:4], row[2:4], strict=True) if cell
    ]
    assert {f.facts["own"] for f in table.findings if f.code == "column.of_one_value"} == {own}
    assert "column.extra" not in [code for code, *_ in told(table)]


def test_a_column_named_by_a_service_beside_the_forms_own_is_another_matter(read) -> None:
    """The form has its service: the column is one more, and is told as before."""
    table = read(xlsx([*TOP, [*RECALCULATIONS, "Домофон"], [*ROW, 7]]))
    assert "column.of_one_value" not in [code for code, *_ in told(table)]


def test_a_second_table_beside_the_first_is_one_finding(read) -> None:
    """To keep one column of each header would lose half of the rows."""
    beside = [*RECALCULATIONS, None, *RECALCULATIONS]
    table = read(xlsx([*TOP, beside, [*ROW, None, "10020031", *ROW[1:]]]))
    assert told(table) == [("table.beside", "G7", "Лицевой счёт")] and table.rows.num_rows == 0


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([["Л/с", "ФИО", "Содержание", "Отопление", "ХВС"], ["1", "А", -1, None, -2]], "Содержание; Отопление; ХВС"),
        ([["Код дома", "Лифт", "ТБО, тг"], ["A-001", 45, 180]], "Лифт; ТБО, тг"),
        ([["Л/с", "ХВС пред", "ХВС тек"], ["1", 1, 2]], "ХВС пред; ХВС тек"),
    ],
)
def test_services_as_columns_of_what_is_no_form_hear_how_to_turn_them(
    rules, reader, rows: list[list[object]], value: str
) -> None:
    assert turned(rules, reader, rows) == [("form.unknown", "перерасчёт.xlsx"), ("form.services_turned", value)]


def test_months_and_figures_of_accounts_as_columns_hear_it_too(rules, reader) -> None:
    months = [["Показания"], ["Л/с", "Кв", "11.2026", "декабрь 2026"], ["1", 1, 4000, 4000]]
    assert turned(rules, reader, months)[1] == ("form.months_turned", "11.2026; декабрь 2026")
    figures = [["Л/с", "Площадь, м2", "Проживает", "Дата"], ["1", 71.5, 3, "01.11.2026"]]
    assert turned(rules, reader, figures)[1] == ("form.indicators_turned", "Площадь, м2; Проживает")


def turned(rules, reader, rows: list[list[object]]) -> list[tuple[str, str | None]]:
    return [(f.code, f.value) for f in read_form(xlsx(rows), "перерасчёт.xlsx", rules, reader)][:2]


@pytest.mark.parametrize(
    "rows",
    [
        [["Услуга", "Сумма"], ["Лифт", 1], ["Домофон", 2]], [["Лифт", "Домофон"], ["да", "нет"]],
        [["ФИО", "Лифт", "Газ"], ["А", "да", "нет"]], [["Акт за 06.2026", "07.2026", "№"], ["а", "б", "в"]],
    ],
)  # fmt: skip
def test_words_that_are_no_headings_of_numbers_are_no_turned_table(rules, reader, rows: list[list[object]]) -> None:
    found = {f.code for f in read_form(xlsx(rows), "список.xlsx", rules, reader)}
    assert "form.unknown" in found and not [code for code in found if code.endswith("_turned")]


@pytest.mark.parametrize("title", ["Период по", "Период до", "Кезең соңы"])
def test_the_end_of_a_period_of_sums_is_asked_about(read, title: str) -> None:
    """Whoever renamed it, as the answer said, put the sum of three months on one."""
    heads = [*RECALCULATIONS[:3], title, *RECALCULATIONS[3:]]
    found = told(read(xlsx([*TOP, heads, [*ROW[:3], "30.09.2026", *ROW[3:]]])))
    assert found == [("column.not_counted", "D7", "30.09.2026")]


def sideways(*rows: list[object]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("more", [[], ["10020031", *ROW[1:]]])
def test_headings_one_under_another_are_told_as_a_turned_table(read, more: list[object]) -> None:
    """All headings but the first were told as missing, though they stand there."""
    table = read(xlsx([*TOP, *sideways(RECALCULATIONS, ROW, *([more] if more else []))]))
    [finding] = table.findings
    assert (finding.code, finding.value, table.rows.num_rows) == ("table.turned", "Перерасчёты за прошлый период", 0)
    assert (finding.facts["first"], finding.facts["last"]) == ("Лицевой счёт", "Основание")


def test_a_turned_table_of_no_named_form_is_told_with_the_form_that_it_is(rules, reader) -> None:
    found = read_form(xlsx(sideways(RECALCULATIONS, ROW)), "письмо.xlsx", rules, reader)
    assert [(f.code, f.value) for f in found] == [
        ("form.unknown", "письмо.xlsx"), ("table.turned", "Перерасчёты за прошлый период"),
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [RECALCULATIONS[:4], []])
def test_an_instruction_that_lists_the_headings_is_no_turned_table(read, rows: list[str]) -> None:
    sheets = [[*TOP, *([text, "x"] for text in rows)], sideways(RECALCULATIONS, ["..."] * 5)]
    made = openpyxl.load_workbook(io.BytesIO(xlsx(*sheets)))
    made.worksheets[1].title = "Инструкция"
    made.save(sink := io.BytesIO())
    assert [code for code, *_ in told(read(sink.getvalue()))] == ["table.missing"]


@pytest.mark.parametrize(
    ("form", "heads", "row", "own", "into"),
    [
        ("recalculations", ["Лицевой счёт", "За месяц", "ХВС, тг", "ГВС, тг", "Основание"],
         ["10020030", "06.2026", -1, "-", "а"], "Услуга", "«Сумма»"),
        ("recalculations", ["Лицевой счёт", "Услуга", "Сумма за июнь", "Сумма за июль", "Основание"],
         ["10020030", "Лифт", -1, -2, "а"], "За месяц", "«Сумма»"),
        ("undelivered", ["Лицевой счёт", "С", "По", "ХВС", "ГВС"], ["10020030", "01.08.2026", "03.08.2026", 3, 3],
         "Услуга", "«Дней»"),
    ],
)  # fmt: skip
def test_the_columns_to_make_of_them_are_named_and_not_asked_for_once_more(
    read, form: str, heads: list[str], row: list[object], own: str, into: str
) -> None:
    """With a unit or a word beside the name, "nothing to do" was said of the sums; to add the columns that lack beside
    these would be wrong."""
    table = read(xlsx([*head(form), heads, row, [*row[:-2], 5, row[-1]]]))
    assert {code for code, *_ in told(table)} == {"column.of_one_value"} and table.rows.num_rows == 0
    assert {(f.facts["own"], f.facts["into"]) for f in table.findings} == {(own, into)}


def test_services_over_the_same_headings_are_no_columns_that_stand_twice(read) -> None:
    """To keep one column of each, as was said, would lose half of the readings."""
    over = ["Лицевой счёт", "ХВС", None, None, "ГВС", None, None, "Дата снятия"]
    names = [None, *(["№ прибора", "Предыдущее", "Текущее"] * 2), None]
    table = read(xlsx([*head("meter_readings"), over, names, ["10020030", "С1", 1, 2, "С2", 3, 4, "10.08.2026"]]))
    assert told(table) == [("column.of_one_value", "B7", "ХВС"), ("column.of_one_value", "E7", "ГВС")]
    assert {f.facts["into"] for f in table.findings} == {"«№ прибора», «Предыдущее», «Текущее»"}


def test_months_as_columns_of_readings_are_not_passed_over(read) -> None:
    heads = ["Лицевой счёт", "Услуга", "№ прибора", "июль", "август", "Дата снятия"]
    table = read(xlsx([*head("meter_readings"), heads, ["10020030", "ХВС", "С1", 1, 2, "10.08.2026"]]))
    found = [(code, value) for code, _, value in told(table)]
    assert found == [("column.unsure", "июль"), ("column.unsure", "август"), ("column.missing", "Текущее")]


def test_a_named_form_without_its_table_hears_how_to_turn_services(read) -> None:
    heads = ["Лицевой счёт", "ХВС пред", "ХВС тек", "ГВС пред", "ГВС тек", "Дата снятия"]
    table = read(xlsx([*head("meter_readings"), heads, ["10020030", 1, 2, 3, 4, "10.08.2026"]]))
    assert [code for code, *_ in told(table)] == ["table.missing", "form.services_turned"]


@pytest.mark.parametrize("names", [["ХВС", "ГВС"], ["июнь 2026", "июль 2026"]])
def test_services_or_months_under_the_name_of_sums_are_told_as_such(read, names: list[str]) -> None:
    own = "Услуга" if names[0] == "ХВС" else "За месяц"
    heads = ["Лицевой счёт", "За месяц" if own == "Услуга" else "Услуга", "Сумма", None, "Основание"]
    row = ["10020030", "06.2026" if own == "Услуга" else "ХВС", -1, -2, "акт"]
    table = read(xlsx([*TOP, heads, [None, None, *names, None], row]))
    assert told(table) == [("column.of_one_value", f"{at}8", text) for at, text in zip("CD", names, strict=True)]
    assert {(f.facts["own"], f.facts["into"]) for f in table.findings} == {(own, "«Сумма»")} and not table.rows.num_rows


TARIFFS = ["Услуга", "База", "Действует с", "Основание"]
TARIFF = ["Лифт", "чел.", "09.2026", "Протокол 1"]


@pytest.mark.parametrize(
    "houses",
    [["A-001", "A-002"], ["Дом A-001", "Дом A-002"], ["ул. Абая, 5", "ул. Абая, 7а"], ["Абая 5", "Абая 7"], ["5", "7"]],
)
@pytest.mark.parametrize("priced", [[], [100]])
def test_houses_as_columns_of_prices_are_asked_for_as_rows(read, houses: list[str], priced: list[int]) -> None:
    """ "Nothing to do" was said of the prices; beside one price for all houses that was taken for each of them."""
    heads = [*TARIFFS, *(["Тариф"] if priced else []), *houses]
    table = read(xlsx([*head("tariffs"), heads, [*TARIFF, *priced, 120, 130]]))
    assert [(code, value) for code, _, value in told(table)] == [("column.of_one_value", one) for one in houses]
    assert {(f.facts["own"], f.facts["into"]) for f in table.findings} == {("Код дома", "«Тариф»")}


def test_accounts_as_columns_are_asked_for_as_rows(read) -> None:
    heads = ["Услуга", "За месяц", "10020030", "10020031", "Основание"]
    table = read(xlsx([*TOP, heads, ["Лифт", "06.2026", -1, -2, "акт"]]))
    assert [(code, value) for code, _, value in told(table)] == [("column.of_one_value", one) for one in heads[2:4]]


@pytest.mark.parametrize("over", ["Тариф", "Код дома"])
def test_houses_under_the_name_of_prices_or_their_own_are_told_as_such(read, over: str) -> None:
    heads = ["Услуга", "База", over, None, "Действует с", "Основание"]
    rows = [heads, [None, None, "A-001", "A-002"], ["Лифт", "чел.", 120, 130, "09.2026", "Протокол 1"]]
    table = read(xlsx([*head("tariffs"), *rows]))
    assert told(table) == [("column.of_one_value", "C8", "A-001"), ("column.of_one_value", "D8", "A-002")]


@pytest.mark.parametrize(
    "heads", [["Услуга", "A-001", "A-002"], ["Услуга / дом", "5", "7"], ["Қызмет", "A-001 үй", "A-002 үй"]]
)
def test_houses_over_prices_of_services_alone_hear_how_to_turn_them(read, rules, reader, heads: list[str]) -> None:
    rows = [heads, ["Лифт", 120, 130], ["Домофон", 200, 210]]
    named = read(xlsx([*head("tariffs"), *rows]))
    assert [code for code, *_ in told(named)] == ["table.missing", "form.houses_turned"]
    found = [(f.code, f.value) for f in read_form(xlsx(rows), "тарифы.xlsx", rules, reader)]
    assert found[1] == ("form.houses_turned", "; ".join(heads[1:]))


@pytest.mark.parametrize(
    "rows",
    [
        [["Счёт", "A-1", "A-2"], ["10", 1, 2]],
        [["Лифт", "2025", "2026"], ["Домофон", 1, 2]],
        [["А", "1", "2"], ["Лифт", 3, 4]],
    ],
)
def test_other_codes_over_numbers_are_no_houses(rules, reader, rows: list[list[object]]) -> None:
    assert "form.houses_turned" not in {f.code for f in read_form(xlsx(rows), "список.xlsx", rules, reader)}


def test_further_columns_of_numbers_beside_a_price_stay_what_they_were(read) -> None:
    heads = [*TARIFFS, "Тариф", "Площадь", "Тариф 2025", "Тариф 2024"]
    table = read(xlsx([*head("tariffs"), heads, [*TARIFF, 100, 1200, 90, 80]]))
    assert "column.of_one_value" not in [code for code, *_ in told(table)]


@pytest.mark.parametrize(
    ("heads", "found"),
    [
        (["Население", "Юр. лица"], ["Население", "Юр. лица"]), (["Физ. лица", "ИП"], ["Физ. лица", "ИП"]),
        (["Тариф", "Для бюджетных организаций, тг"], ["Для бюджетных организаций, тг"]),
        (["Тариф", "Прочие расходы"], []), (["Тариф", "Площадь ЖК"], []), (["Тариф", "ИПК"], []),
    ],
)  # fmt: skip
def test_categories_of_consumers_as_columns_of_prices_are_asked_for_as_rows(
    read, heads: list[str], found: list[str]
) -> None:
    table = read(xlsx([*head("tariffs"), [*TARIFFS, *heads], [*TARIFF, 100, 120]]))
    told_of = [(f.value, f.facts["own"], f.facts["into"]) for f in table.findings if f.code == "column.of_one_value"]
    assert told_of == [(text, "Категория", "«Тариф»") for text in found]


def test_a_category_behind_the_name_of_prices_is_asked_about(read) -> None:
    """What stands in brackets says nothing to the name of a column, and something to whoever wrote it."""
    heads = [*TARIFFS, "Тариф (юр. лица)"]
    table = read(xlsx([*head("tariffs"), heads, [*TARIFF, 120]]))
    assert told(table) == [("notes.for_some", "E7", "Тариф (юр. лица)")]


@pytest.mark.parametrize(
    ("columns", "cells", "at"),
    [
        (["Проживает"], [2], ["B7"]),
        (["Площадь, м²", "Проживает"], ["52,3", 2], ["B7", "C7"]),
        (["Тұратындар"], [2], ["B7"]),
        (["Комната"], [2], []),
    ],
)
def test_figures_of_accounts_as_columns_of_corrections_are_asked_for_as_rows(
    read, columns: list[str], cells: list[object], at: list[str]
) -> None:
    rows = [["Лицевой счёт", *columns, "Действует с", "Основание"], ["10020031", *cells, "01.09.2026", "Акт"]]
    found = [f for f in read(xlsx([*head("directory_corrections"), *rows])).findings if f.code == "column.of_one_value"]
    assert [f.cell for f in found] == at
    assert {(f.facts["own"], f.facts["into"]) for f in found} <= {("Показатель", "«Стало»")}
