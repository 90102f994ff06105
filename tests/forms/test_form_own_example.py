"""The example of a blank, copied under the header, is no row: it is told, and does nothing."""

from __future__ import annotations

import pytest
from form_books import head, told, xlsx

from tests.support.papers import row_of

TELLING = ("recalculations", "meter_readings", "new_houses", "tariffs", "directory_corrections", "undelivered")


def book(rules, form: str, *rows: dict[str, object]) -> bytes:
    columns = rules.forms[form].columns
    return xlsx([*head(form), [c.ru for c in columns], *([row.get(c.name) for c in columns] for row in rows)])


@pytest.mark.parametrize("form", TELLING)
def test_the_example_alone_is_told_and_not_read(read, rules, form: str) -> None:
    rule = rules.forms[form]
    example = {column.name: column.example for column in rule.columns}
    table = read(book(rules, form, example))
    assert table.rows.num_rows == 0
    assert [code for code, *_ in told(table)] == ["row.example"]
    assert read(book(rules, form, row_of(rule))).rows.num_rows == 1


def test_beside_the_example_rows_are_read(read, rules) -> None:
    rule = rules.forms["recalculations"]
    example: dict[str, object] = {column.name: column.example for column in rule.columns}
    as_numbers = example | {"amount": -1250, "past_month": "июнь 2026", "service": "Содержание дома / Үйді күтіп ұстау"}
    table = read(book(rules, "recalculations", as_numbers, row_of(rule)))
    assert (table.rows.num_rows, [(code, cell) for code, cell, _ in told(table)]) == (1, [("row.example", "A8")])


@pytest.mark.parametrize("own", [{"amount": "1250,00"}, {"amount": ""}, {"basis": "Акт от 13.07.2026"}])
def test_a_row_with_one_value_of_its_senders_is_a_row(read, rules, own: dict[str, object]) -> None:
    rule = rules.forms["recalculations"]
    example: dict[str, object] = {column.name: column.example for column in rule.columns}
    table = read(book(rules, "recalculations", example | own))
    assert table.rows.num_rows == 1 and "row.example" not in [finding.code for finding in table.findings]


def test_an_answer_that_may_be_true_word_for_word_is_read(read, rules) -> None:
    example = {column.name: column.example for column in rules.forms["act_response"].columns}
    assert read(book(rules, "act_response", example)).rows.num_rows == 1
