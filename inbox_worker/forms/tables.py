"""Further tables on a sheet: a form's header once more, another form, a table of something else (4.1.15).

A person sees at a glance where another table begins. Its rows are never taken for rows of the form above it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inbox_worker.core.model import Finding
from inbox_worker.forms.column_task import Mask, matches
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.footers import SIGNED
from inbox_worker.forms.header import Pairs, conflicts, read_pairs, row_pairs
from inbox_worker.forms.heads import Names, TableHead, names_of
from inbox_worker.forms.recognise import by_code, by_columns
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import CellKind

DIGITS = frozenset({*SCALES, "account", "bin", "iin", "iban", "date", "month", "first_day"})  # no value without digits
_NAMES_A_ROW = re.compile(r"(?=\D*\d)[\w./-]+")
_ROWS_BENEATH = 3
_MOST_LOOKED_AT = 300  # rows of words only: no form has so many, and each is compared with every form
_KEY_TYPES = ("account", "bin", "bic")


@dataclass(frozen=True)
class Stretches:
    """The rows under a header that can be the form's: (first place, place after the last) of each stretch. Between two
    the header is repeated, perhaps with its title and header pairs. `findings`: tables that are not read; `other`: the
    form of the one beneath, and where it begins with its title and header pairs."""

    places: tuple[tuple[int, int], ...]
    findings: tuple[Finding, ...] = ()
    other: tuple[FormRule, int] | None = None


def stretches(table: SheetTable, rule: FormRule, rules: Rules) -> Stretches:
    """Look through a sheet for further tables. A header of the form with its columns in their places goes on with
    the form; any other table ends it."""
    sheet, names = table.sheet, names_of(rule, rules)
    start, found, findings, rows = table.head.place + 1, [], _above(table, rule, rules), _Rows(table, rule)
    for place in _heading_rows(table):
        if place < start:
            continue
        cells = sheet.row(place)
        form = _form_of(cells, names, rules)
        if form is None and row_pairs(cells, rules):
            continue
        top = block_above(table, (rule, form), rules, place, start)
        pairs = read_pairs([*[{}] * top, *(sheet.row(row) for row in range(top, place))], sheet, rules)
        form = _find_said_form(pairs, rules) or form
        if form is rule and _goes_on(table, names, place, cells):
            findings += _at_odds(table.pairs, pairs)
            found.append((start, top))
            start = place + 1
        elif form or rows.begin_another(place, apart=top < place):
            other = form if form is not rule else None
            findings.append(_not_read(table, place, rule, other))
            return Stretches((*found, (start, top)), tuple(findings), (other, top) if other else None)
    return Stretches((*found, (start, sheet.height)), tuple(findings))


def key_column(head: TableHead, rule: FormRule) -> int:
    """Return the sheet column that names a row: the account (or БИН, БИК), else the first required one."""
    there = head.pair_columns(rule)
    named = [at for kind in _KEY_TYPES for c, at in there if c.type == kind and c.required]
    return (named or [at for c, at in there if c.required] or [at for _, at in there])[0]


def _heading_rows(table: SheetTable) -> list[int]:
    """Return places under the header whose cells are words only, two or more, or that repeat the header."""
    sheet = table.sheet
    words, filled = np.ones(sheet.height, np.bool_), np.zeros(sheet.height, np.int64)
    words[: table.head.place + 1] = False
    for column in sheet.columns.values():
        count, texts = len(column.kinds), column.kinds == int(CellKind.TEXT)
        words[:count] &= (column.kinds == int(CellKind.EMPTY)) | texts
        filled[:count] += texts
    for column in sheet.columns.values():
        at = np.flatnonzero(words[: len(column.kinds)])
        if len(at) and column.texts.null_count < len(column.texts):
            words[at[matches(column.texts_at(at), r"\d")]] = False
    again = _repeats(table)
    return [int(place) for place in np.flatnonzero(words & (filled >= 2) | again)[:_MOST_LOOKED_AT]]


def _repeats(table: SheetTable) -> Mask:
    """Return rows that repeat the header letter by letter (a printed page's top)."""
    sheet, place = table.sheet, table.head.place
    mask = np.ones(sheet.height, np.bool_)
    mask[: place + 1] = False
    for at in list(table.head.columns.values())[:2]:
        column = sheet.columns[at]
        same = column.find_text(column.text(place))
        mask[: len(same)] &= same
        mask[len(same) :] = False
    return mask


def block_above(
    table: SheetTable, forms: tuple[FormRule, FormRule | None], rules: Rules, place: int, least: int
) -> int:
    """Return where the blank rows, title and header pairs begin that belong to the header at `place`.

    A lone cell is a title; where a row of the form may be that cell alone, only the title of the table's own form.
    `forms`: of the table above, and of the one at `place`.
    """
    rule, form = forms
    required = [table.head.columns.get(column.name) for column in rule.columns if column.required]
    top = place
    while top > least:
        cells = table.sheet.row(top - 1)
        if len(cells) == 1:
            [(at, text)] = cells.items()
            if _NAMES_A_ROW.fullmatch(text) or (required == [at] and by_code([text], rules) is not form):
                break
        elif cells and not row_pairs(cells, rules):
            break
        top -= 1
    return top


def _find_said_form(pairs: Pairs, rules: Rules) -> FormRule | None:
    cell = pairs.values.get("form")
    return by_code([cell.text], rules) if cell else None


def _form_of(cells: dict[int, str], names: Names, rules: Rules) -> FormRule | None:
    """Return the form whose header a row is; the sheet's own form when it fits wholly."""
    if names.likely(cells) and not names.match(0, cells).missing:
        return names.rule
    return by_columns([[cells]], rules)


def _goes_on(table: SheetTable, names: Names, place: int, cells: dict[int, str]) -> bool:
    """Return whether a header has the columns of the table's first one, in the same places."""
    head = names.match(place, cells)
    return bool(head.columns) and all(table.head.columns.get(name) == at for name, at in head.columns.items())


class _Rows:
    """A sheet's rows compared with those of the form; worked out when asked for."""

    def __init__(self, table: SheetTable, rule: FormRule) -> None:
        mapped = table.head.pair_columns(rule)
        self._sheet, self._key = table.sheet, key_column(table.head, rule)
        self._asked = {at for column, at in mapped if column.type in DIGITS}
        self._required = [at for column, at in mapped if column.required]

    def begin_another(self, place: int, apart: bool) -> bool:
        """Return whether a row of words, apart from the rows above it, begins a table that no row of the form is
        in: words are where the form has numbers or dates, and nothing under it names a row; it looks like a header, and
        there are rows beneath it."""
        cells = self._sheet.row(place)
        if not apart or not self._asked & cells.keys() or any(map(SIGNED.search, cells.values())):
            return False
        return self._last_of_form < place < self._last_of_several and self._has_rows_beneath(place, cells)

    def _has_rows_beneath(self, place: int, header: Mapping[int, str]) -> bool:
        """Return whether the lines right beneath hold values in the header's columns: one line under three headers and
        more, two under two. Signatures hold words and perhaps a day or a telephone."""
        lines = 0
        for below in range(place + 1, min(place + 1 + _ROWS_BENEATH, self._sheet.height)):
            cells = self._sheet.row(below)
            if not cells or any(map(SIGNED.search, cells.values())):
                break
            lines += len(cells.keys() & header.keys()) >= 2 and any(re.search(r"\d", text) for text in cells.values())
        return lines >= (1 if len(header) > 2 else 2)

    @cached_property
    def _last_of_form(self) -> int:
        """The last place that a row of the form may be at: named, with more than half of what is required, and
        with a number or date beside its name."""
        places = range(self._sheet.height - 1, -1, -1)
        return next((place for place in places if self._may_be_a_row(self._sheet.row(place))), -1)

    def _may_be_a_row(self, row: Mapping[int, str]) -> bool:
        named = _NAMES_A_ROW.fullmatch(row.get(self._key, ""))
        whole = 2 * sum(at in row for at in self._required) > len(self._required)
        beside = self._asked - {self._key}
        return bool(named and whole and (not beside or any(re.search(r"\d", row.get(at, "")) for at in beside)))

    @cached_property
    def _last_of_several(self) -> int:
        """The last place with two cells or more."""
        places = range(self._sheet.height - 1, -1, -1)
        return next((place for place in places if len(self._sheet.row(place)) > 1), -1)


def _at_odds(first: Pairs, second: Pairs) -> list[Finding]:
    """Return an error where two tables of one form name different Customers or months."""
    return [*second.findings, *conflicts(first, second)]


def _not_read(table: SheetTable, place: int, rule: FormRule, other: FormRule | None) -> Finding:
    """Return the finding about a table that is not read, at its header: an error, unless it is a form that only the
    other side sends, the operator or a Customer, and that could not act here."""
    sheet = table.sheet
    cells = sheet.row(place)
    cell, row = sheet.address(min(cells), place), sheet.first_row + place
    value = "; ".join(text for _, text in sorted(cells.items()))[:200]
    if other is None:
        return Finding("table.second", sheet.name, cell, value, {"row_number": str(row)}, row)
    facts = {**other.facts, "row_number": str(row)}
    code = "table.other_form" if other.operator == rule.operator else "table.form_of_others"
    return Finding(code, sheet.name, cell, value, facts, row)


def _above(table: SheetTable, rule: FormRule, rules: Rules) -> list[Finding]:
    """Return tables of other forms over the form's header."""
    return [_not_read(table, place, rule, form) for form, place in heads_above(table, rule, rules)]


def heads_above(table: SheetTable, rule: FormRule, rules: Rules) -> list[tuple[FormRule, int]]:
    """Return the headers of other forms over the form's own, each with its place."""
    head = table.head
    rows = enumerate(table.grid[: head.place if head.first < 0 else head.first])
    forms = [(by_columns([[cells]], rules) if len(cells) >= 2 else None, place) for place, cells in rows]
    return [(form, place) for form, place in forms if form and form is not rule]
