"""rules/banks: a layout that cannot be is told with its file and key; a home of before has the shipped ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inbox_worker.settings.rules import RulesError, load_rules


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("layout: register_print", "layout: other", "layout", "must be the name of the file, register_print"),
        ("file: fixed", "file: fix", "file", "is not known; did you mean 'fixed'?"),
        ("width: 56", "width: 20", "columns.amount.chars", "reaches behind the end of the line, which has 20"),
        ("  amount: {", "  amont: {", "columns", "there is no column 'amont' in bank_register; did you mean 'amount'?"),
        ("chars: [1, 8]", "chars: [8, 1]", "columns.number.chars", "must be the first and the last character"),
        ("chars: [1, 8]", "chars: [1, 8], value: x", "columns.number", "must say exactly one of head, place, chars"),
        ("(?P<sum>", "(?:", "control", "no pattern of lines has the group 'sum'"),
        ("(?P<sum>", "(?P<sum", "lines.5", "is no regular expression"),
        ("chars: [1, 8]", 'chars: [1, 8], date: "%d.%m"', "columns.number.date", "writes no whole day; write"),
        ("chars: [1, 8]", 'chars: [1, 8], date: "%d.%m.%x"', "columns.number.date", "writes no whole day"),
        ("(?P<bank>", "(?:", "columns", "does not say where bank stands"),
    ],
)
def test_a_mistake_names_its_file_and_key(old: str, new: str, key: str, words: str, home: Path) -> None:
    file = home / "rules" / "banks" / "register_print.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(RulesError) as caught:
        load_rules(home / "rules")
    told = [line for line in caught.value.lines if "register_print.yaml" in line and key in line and words in line]
    assert told, caught.value.lines


def test_a_file_that_is_no_layout_is_told(home: Path) -> None:
    (home / "rules" / "banks" / "register_print.yml").write_text("x", "utf-8")
    with pytest.raises(RulesError, match="is no layout: write .yaml"):
        load_rules(home / "rules")


def test_a_home_made_before_the_layouts_has_the_shipped_ones(home: Path) -> None:
    shipped = load_rules(home / "rules").banks
    shutil.rmtree(home / "rules" / "banks")
    assert load_rules(home / "rules").banks == shipped != {}


def test_a_home_may_have_fewer(home: Path) -> None:
    (home / "rules" / "banks" / "register_dbf.yaml").unlink()
    assert "register_dbf" not in load_rules(home / "rules").banks


def test_a_home_made_before_statements_has_the_shipped_form(home: Path) -> None:
    (home / "rules" / "forms" / "bank_statement.yaml").unlink()
    assert load_rules(home / "rules").forms["bank_statement"].key == ("iban", "day", "reference", "side", "occurrence")
