"""Which forms a row may head is found by one look; it never leaves out a form that reads the row as its header."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_books import head, xlsx

from inbox_worker.forms.heads import names_of
from inbox_worker.forms.likely_forms import likely_forms
from inbox_worker.settings.rules import Rules

LATIN = str.maketrans("асеорху", "aceopxy")
WAYS = {
    "as blanks have them": lambda ru, kk: ru,
    "in Kazakh": lambda ru, kk: kk,
    "in both languages": lambda ru, kk: f"{kk} / {ru}",
    "numbered and with a unit": lambda ru, kk: f"1. {ru}, м²",
    "in capitals with a break": lambda ru, kk: f"{ru.upper()} *\n({kk})",
    "in letters that look the same": lambda ru, kk: ru.translate(LATIN),
    "numbered, with a unit, in letters that look the same": lambda ru, kk: f"1. {ru}, м²".translate(LATIN),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_form_is_left_out_whose_header_a_row_is(rules: Rules, way: str) -> None:
    for of in rules.forms.values():
        headers = [WAYS[way](column.ru, column.kk) for column in of.columns]
        for cells in (dict(enumerate(headers)), dict(enumerate(headers[:2])), {0: headers[0]}):
            likely = {code for code, rule in rules.forms.items() if names_of(rule, rules).likely(cells)}
            assert likely <= likely_forms([[{}, cells]], rules), (of.form, cells)


def test_rows_that_no_form_knows_are_the_header_of_none(rules: Rules) -> None:
    rows = [{0: "10020030", 1: "127,5"}, {0: "Просим принять", 2: "с уважением"}, {0: "Форма", 1: "readings"}]
    assert likely_forms([rows], rules) == set()


def test_other_rules_of_the_same_version_are_asked_for_their_own_forms(rules: Rules) -> None:
    stops = rules.forms["stops"]
    row = {at: column.ru for at, column in enumerate(stops.columns)}
    fewer = replace(rules, forms={code: rule for code, rule in rules.forms.items() if rule is not stops})
    for asked, known in ((rules, True), (fewer, False), (rules, True)):
        assert ("stops" in likely_forms([[row]], asked)) is known


@pytest.mark.parametrize("number", ["№ п/п", "№", "р/с"])
def test_the_only_needed_column_is_a_table_beside_the_rows_numbers(read, number: str) -> None:
    table = read(xlsx([*head("request"), [number, "Вид запроса"], [1, "Удалённый доступ"]]))
    assert (table.rows.num_rows, table.rows.column("kind").to_pylist()) == (1, ["Удалённый доступ"])


def test_the_only_needed_column_beside_a_strange_one_hears_which_are_lacking(read) -> None:
    [finding] = read(xlsx([*head("request"), ["Вид запроса", "Комментарий"], ["Справочник", "срочно"]])).findings
    assert finding.code == "table.missing"
    assert (finding.facts["found"], finding.facts["missing"]) == ("«Вид запроса»", "«Параметр»; «С даты»")


@pytest.mark.parametrize(
    "headers",
    [
        ["№ л/с", "Наименование услуги", "За какой месяц", "Сумма, тенге", "Причина перерасчёта"],
        ["Лицевой счёт", "Услуга", "Месяц перерасчёта", "Сумма перерасчёта", "Документ"],
        ["Дербес шоты", "Қызмет атауы", "Ай", "Соммасы", "Негізі"],
    ],
)
def test_headers_of_corrections_as_people_shorten_them_are_read(read, headers: list[str]) -> None:
    table = read(xlsx([*head("recalculations"), headers, ["10020030", "Лифт", "06.2026", -100, "акт"]]))
    assert (table.findings, table.rows.num_rows) == ((), 1)
