"""A service that is not in the list is told by its own name, with what it may have meant (4.1.15)."""

from __future__ import annotations

import time

import pytest
from form_books import head, told, xlsx

from inbox_worker.deciding.wording import word
from inbox_worker.settings.rules import Rules

HEADER = ["Код дома", "Адрес", "Квартира", "Лицевой счёт", "Площадь", "Услуги", "Действует с", "Основание"]


def houses(*services: object) -> bytes:
    rows = [
        ["A-14", "ул. Абая, 14", str(n), f"1004{n:06d}", 50, one, "01.09.2026", "Протокол № 3"]
        for n, one in enumerate(services, 1)
    ]
    return xlsx([*head("new_houses"), HEADER, *rows])


def test_of_a_list_only_the_unknown_ones_are_told_each_by_its_name(read) -> None:
    table = read(houses("Содержание дома; Бассейн, Лифт; Отопленее", "Лифт; Домофон"))
    assert told(table) == [("service.unknown", "F8", "Бассейн"), ("service.unknown", "F8", "Отопленее")]
    assert table.rows.column("services").to_pylist() == [None, "lift;intercom"]


def test_a_service_with_its_number_in_a_list_is_read(read) -> None:
    table = read(houses("1. Содержание дома; 2) Лифт", "3 Лифт"))
    assert told(table) == [("service.unknown", "F9", "3 Лифт")]
    assert table.rows.column("services").to_pylist() == ["maintenance;lift", None]


def test_columns_as_1c_names_them_are_read(read) -> None:
    columns = [
        "№ п/п",
        "Лицевой счет",
        "Контрагент",
        "Номенклатура",
        "Период",
        "Сумма корректировки",
        "Документ-основание",
    ]
    row = [1, "10020030", "Иванов", "Лифт", "06.2026", -100, "Акт 1"]
    table = read(xlsx([["Корректировка начислений"], columns, row]))
    assert (table.form, [row["service"] for row in table.rows.to_pylist()]) == ("recalculations", ["lift"])


def test_a_service_twice_in_a_list_is_told_once_and_a_list_of_none_as_it_stands(read) -> None:
    table = read(houses("Бассейн; Лифт; Бассейн", "; ;"))
    assert told(table) == [("service.unknown", "F8", "Бассейн"), ("service.unknown", "F9", "; ;")]


@pytest.mark.parametrize(
    ("written", "ru", "kk"),
    [
        ("Отопленее", "Отопление", "Жылыту"),
        ("Холодн. вода", "Холодная вода", "Суық су"),
        ("Вывоз мусора ТБО", "Вывоз ТБО", "ТҚҚ шығару"),
        ("Суык суу", "Холодная вода", "Суық су"),
        ("Лифтик", "Лифт", "Лифт"),
    ],
)
def test_the_nearest_name_is_the_remedy(read, rules: Rules, written: str, ru: str, kk: str) -> None:
    (finding,) = read(houses(f"Домофон; {written}")).findings
    worded = word(finding, rules)
    assert f"«{written}»" in worded.message and f"«{written}»" in worded.message_kk
    assert worded.remedy == f"Впишите название из перечня: {ru}."
    assert worded.remedy_kk == f"Тізбедегі атауды жазыңыз: {kk}."


@pytest.mark.parametrize("written", ["Бассейн", "Обслуживание бассейна", "Техобслуживание ворот"])
def test_where_none_is_near_all_names_are_the_remedy(read, rules: Rules, written: str) -> None:
    (finding,) = read(houses(written)).findings
    worded = word(finding, rules)
    assert all(service.ru in worded.remedy and service.kk in worded.remedy_kk for service in rules.services)


def test_a_column_of_services_tells_the_same(read, rules: Rules) -> None:
    rows = [["10020030", "Газз", "Г-7", 0, 15, "20.08.2026"]]
    header = ["Лицевой счёт", "Услуга", "№ прибора", "Предыдущее", "Текущее", "Дата снятия"]
    (finding,) = read(xlsx([*head("meter_readings"), header, *rows])).findings
    assert (finding.code, finding.value) == ("service.unknown", "Газз")
    assert word(finding, rules).remedy == "Впишите название из перечня: Газ."


def test_a_file_of_unknown_services_alone_takes_no_time_for_likenesses(read) -> None:
    data = houses(*(f"Услуга номер {n} без названия" for n in range(5000)))
    began = time.process_time()
    assert len(read(data).findings) == 5000
    assert time.process_time() - began < 5


HOUSE: list[object] = ["A-014", "г. Алматы, ул. Сатпаева, 14", "12", "10040012", 65.3]
HOUSES = ["Код дома", "Адрес", "Квартира", "Лицевой счёт", "Площадь"]
REST: list[object] = ["01.09.2026", "Протокол 1"]


@pytest.mark.parametrize(
    ("columns", "cells", "at"),
    [
        (["ХВС", "ГВС", "Отопление"], ["+", "да", "x"], ["F7", "G7", "H7"]),
        (["ХВС", "ГВС"], ["+", "нет"], ["F7"]),
        (["Суық су", "Лифт"], [80, 120], ["F7", "G7"]),  # prices
        (["Услуги", "ХВС"], ["Содержание дома", "+"], ["G7"]),
        (["Услуги", "ХВС"], ["Содержание дома; Холодная вода", "+"], []),
        (["Услуги", "ХВС"], ["Содержание дома", "-"], []),
    ],
)
def test_services_ticked_in_columns_are_told_with_what_to_write(
    read, columns: list[str], cells: list[object], at: list[str]
) -> None:
    found = read(xlsx([*head("new_houses"), [*HOUSES, *columns, "Действует с", "Основание"], [*HOUSE, *cells, *REST]]))
    ticked = [finding for finding in found.findings if finding.code.startswith("column.ticked")]
    assert sorted((one.code, one.cell) for one in ticked) == [("column.ticked_list", cell) for cell in at]
    assert all(finding.facts["own"] == "Услуги" for finding in ticked)
    if len(at) > 1:
        assert ticked[0].facts["names"] == "; ".join(columns)


def test_a_service_ticked_where_a_row_is_of_one_service_is_asked_for_as_a_row(read) -> None:
    rows = [["Код дома", "ХВС", "ГВС", "С", "По", "Дней"], ["A-001", "x", None, "03.08.2026", "07.08.2026", 5]]
    assert ("column.ticked_row", "B7", "ХВС") in told(read(xlsx([*head("undelivered"), *rows])))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Холодная вода (ХВС)", "cold_water"), ("Вывоз ТБО (мусор)", "waste"), ("ГВС / Горячая вода", "hot_water"),
        ("Содержание дома (лифт)", None), ("Лифт (июнь)", None),
    ],
)  # fmt: skip
def test_a_service_with_its_other_name_in_brackets_is_read(read, name: str, known: str | None) -> None:
    row = ["10020030", name, "06.2026", -100, "Акт 1"]
    table = read(xlsx([*head("recalculations"), ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"], row]))
    assert [code for code, *_ in told(table)] == ([] if known else ["service.unknown"])
    assert known in (None, *table.rows.column("service").to_pylist())


def test_a_service_that_ends_as_another_does_is_not_taken_for_it(read) -> None:
    """`Водоснабжение` heard to write «Газ», whose name `Газоснабжение` is."""
    table = read(houses("Водоснабжение"))
    assert "Холодная вода" in table.findings[0].facts["known"]
