"""Sheets of our own blanks that only help to fill them in: the instruction and the lists, whatever they are named."""

from __future__ import annotations

from collections.abc import Mapping

from inbox_worker.core.text import fold
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import CONTRACT, Texts
from inbox_worker.workbooks.sheet import Sheet

_HEADINGS: dict[str, tuple[Mapping[str, FormRule], frozenset[str]]] = {}


def is_own_help(sheet: Sheet, rules: Rules) -> bool:
    """Return whether a sheet is the instruction or the lists of one of our blanks, by its first line."""
    instructions, lists = _know_headings(rules)
    return any((name := fold(text)) in instructions or name in lists for text in sheet.row(0).values())


def find_instructed(sheet: Sheet, rules: Rules) -> FormRule | None:
    """Return the form that a sheet instructs to fill in; None of any other sheet."""
    said = (_know_headings(rules)[0].get(fold(text)) for text in sheet.row(0).values())
    return next((rule for rule in said if rule), None)


def title_list(column: ColumnRule, texts: Texts) -> str:
    """Return what stands over the list of a column's values, in both languages."""
    return " / ".join(
        texts.say(of, "blank.list", column=name) for of, name in zip(CONTRACT, (column.ru, column.kk), strict=True)
    )


def _know_headings(rules: Rules) -> tuple[Mapping[str, FormRule], frozenset[str]]:
    """Return the first lines of all instructions, each with its form, and those of all lists; folded."""
    if rules.version not in _HEADINGS:
        _HEADINGS.clear()
        texts, instructions, lists = rules.texts.written, dict[str, FormRule](), set[str]()
        for rule in rules.forms.values():
            for title in (rule.title.ru, rule.title.kk):
                words = texts.words("blank.how", title=title, clause=rule.clause)
                instructions |= {fold(words.ru): rule, fold(words.kk): rule}
            lists |= {fold(title_list(column, texts)) for column in rule.columns}
        _HEADINGS[rules.version] = instructions, frozenset(lists)
    return _HEADINGS[rules.version]
