"""Texts made to keep us busy (4.1.15): no pattern takes longer for a long text than a file may, and each is told."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from inbox_worker.core.model import FormTable
from inbox_worker.deciding.letter_words import own_text
from inbox_worker.forms.rows import only_units
from inbox_worker.settings.rules import Rules
from tests.support.papers import workbook

_REPEATED = (
    "а", "а1", "1", "0", "00", "٣", "½", "²", "ё", "кв", "аб ", "ab@", "1 ", "1.", "1,", "-", "1-", "(", "\u00a0",
    "  ", "\t", "/", "№ ", "12.08.", "01.08.2026 ", "10:", "август ", "ул. ", "@a.", "жж", "Итого ", ";", "x0",
)  # fmt: skip
_LONG = 32_000  # characters of a cell; Excel allows 767 more
_BUSIEST = ("tariffs", "recalculations")


@pytest.mark.parametrize("form", _BUSIEST)
def test_a_form_of_long_texts_costs_no_more_than_a_file_may(
    form: str, rules: Rules, read: Callable[..., FormTable]
) -> None:
    _read_long(form, rules, read)


@pytest.mark.slow
def test_so_does_any_form(rules: Rules, read: Callable[..., FormTable]) -> None:
    for form in rules.forms.keys() - set(_BUSIEST):
        _read_long(form, rules, read)


def _read_long(form: str, rules: Rules, read: Callable[..., FormTable]) -> None:
    rule = rules.forms[form]
    texts = [(one * _LONG)[:_LONG] for one in _REPEATED]
    rows = [{column.name: text for column in rule.columns} for text in texts]
    data = workbook(rule, rows, {"Примечание": texts[0], "БИН заказчика": texts[1]}, "long")
    before = process_time()
    table = read(data)
    assert process_time() - before < rules.limits.file_seconds / 2, form
    told = {finding.row for finding in table.findings}
    stood = set(table.rows["row"].to_pylist())
    assert stood <= told, (form, stood - told)


def test_a_mask_of_many_letters_is_judged_at_once() -> None:
    """`жжжж` is `жж` twice: a pattern that tries each way to part it never ends."""
    assert only_units(["жжжж.аа.кк", "дд.мм.гггг"], ())
    assert not only_units(["ж" * 200 + "!"], ())


def test_a_line_of_many_addresses_is_judged_at_once() -> None:
    lines = ["Сәлеметсіз бе!", "ab@" * 100_000 + "!", "@" * 100_000, "ТОО <a@b.kz> жазды:", "бұрынғы"]
    assert own_text("\n".join(lines)) == "\n".join(lines[:3])
