"""Every choice of a shipped form has its Kazakh word, which its blank shows and which is read."""

from __future__ import annotations

from inbox_worker.settings.rules import load_rules
from tests.support.office import ROOT

_ALIKE = ("Телефон", "Банк")  # in both languages


def test_each_choice_has_its_kazakh_word() -> None:
    lacking = [
        (form, column.ru, choice)
        for form, rule in load_rules(ROOT / "rules").forms.items()
        for column in rule.columns
        for choice in column.choices
        if choice not in column.kazakh and not choice.isascii() and choice not in _ALIKE
    ]
    assert lacking == []
