"""Cells with several of what a row has one of: `Лифт, домофон`, `07-08.2026`, `-120; -80`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from inbox_worker.core.model import Finding
from inbox_worker.forms import values
from inbox_worker.forms.days_in_words import month_without_year, months_named
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.sheet_words import AND, judges
from inbox_worker.settings.form_rules import ColumnRule
from inbox_worker.settings.rules import Rules

_LISTED = re.compile(rf"\s*[,;/+\n]\s*|{AND}")
_NUMBERS = re.compile(rf"\s*[;\n]\s*|,\s+|(?<=\d\d)\s*/\s*(?=-?\d\d)|{AND}")
_MONTHS = re.compile(rf"\s*[,;/\n]\s*|\s*[-–—]\s*|{AND}|\s+(?:по|до|дейін)\s+")
_MANY_MONTHS = re.compile(r"(?i)квартал|полугод|тоқсан|жартыжылд")
_FROM = re.compile(r"(?i)^\s*(?:с|за|от)\s+")
_UNREAD = ("service.unknown", "value.not_a_month", "value.not_a_date", "value.not_a_number", "value.no_year")
_LONGEST = 300  # characters
Knows = Callable[[str], bool]


def tell_several(findings: Sequence[Finding], column: ColumnRule, rules: Rules) -> list[Finding]:
    """Return a column's findings, those of unread cells that have several values as such: a nearest name, or how one is
    written, would leave all but the first out. Each text is judged once."""
    if not any(finding.code in _UNREAD for finding in findings):
        return [*findings]
    judge = judges(rules, column)

    @cache
    def is_several(text: str) -> bool:
        return _has_several(text, column, lambda part: judge is not None and judge(part).value is not None)

    return [
        replace(finding, code="value.several", facts=column.facts)
        if finding.code in _UNREAD and len(finding.value) <= _LONGEST and is_several(finding.value)
        else finding
        for finding in findings
    ]


def _has_several(text: str, column: ColumnRule, knows: Knows) -> bool:
    if column.type in SCALES:
        return _are_all(_NUMBERS.split(text), lambda part: isinstance(values.read_scaled(part, 6), int))
    if column.type == "month":
        return not column.begins and _names_months(text)
    if column.type == "date":
        return _are_all(_LISTED.split(text), lambda part: values.day(part) is not None)
    return column.type == "service" and _names_several(text, knows)


def _are_all(parts: list[str], is_one: Knows) -> bool:
    return len(parts) > 1 and all(map(is_one, parts))


def _names_several(text: str, knows: Knows) -> bool:
    """Return whether two names are there, the last word of all perhaps said once: `Холодная и горячая вода`."""
    parts = [part.strip() for part in _LISTED.split(text) if part.strip()]
    last = parts[-1].split()[-1] if parts else ""
    return sum(knows(part) or knows(f"{part} {last}") for part in parts) > 1


def _names_months(text: str) -> bool:
    if _MANY_MONTHS.search(text):
        return True
    parts = [_FROM.sub("", part) for part in _MONTHS.split(text)]
    sure = any(values.month(part) or months_named(part) for part in parts)
    return sure and _are_all(parts, lambda part: bool(values.month(part) or month_without_year(part)))
