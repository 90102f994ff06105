"""Tables turned sideways: headings one under another, and what no form is known by: a column for each service, month,
house or thing to be changed (4.1.15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from inbox_worker.core.model import Finding
from inbox_worker.forms import values
from inbox_worker.forms.heading_values import may_be_house, says_house
from inbox_worker.forms.heads import Grid, TableHead, names_of
from inbox_worker.forms.sheet_words import judges
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import Sheet

_LEAST = 2  # columns of services or months
_LONGEST = 60  # characters of a heading
_MOST_NAMED = 6


def find_turned(tops: Sequence[tuple[Sheet, Grid]], rules: Rules) -> list[Finding]:
    """Return what to do with the first row of headings that names services, months, what is to be changed, or houses
    over prices of services, in two columns and more, beside something else; tops: each sheet with its first rows."""
    kinds = (
        ("form.services_turned", _names_a_value(_find_column(rules, "service"), rules)),
        ("form.months_turned", _is_month),
        ("form.indicators_turned", _names_a_value(_find_column(rules, "choice"), rules)),
    )
    for sheet, grid in tops:
        for place, cells in enumerate(grid):
            for code, is_one in kinds:
                found = {at: text for at, text in cells.items() if len(text) <= _LONGEST and is_one(text)}
                if _LEAST <= len(found) < len(cells) and len(set(found.values())) > 1 and _has_rows(grid, place, found):
                    value = "; ".join(text for _, text in sorted(found.items())[:_MOST_NAMED])
                    return [Finding(code, sheet.name, sheet.address(min(found), place), value)]
    return _find_houses(tops, rules)


def _find_houses(tops: Iterable[tuple[Sheet, Grid]], rules: Rules) -> list[Finding]:
    """Return what to do with houses over prices of services; a bare number is a house where a heading says the word."""
    is_service = _names_a_value(_find_column(rules, "service"), rules)
    for sheet, grid in tops:
        for place, cells in enumerate(grid):
            named = any(says_house(text, rules) for text in cells.values())
            found = {
                at: text
                for at, text in cells.items()
                if may_be_house(text, rules) and (named or any(map(str.isalpha, text)))
            }
            below = {text for row in grid[place + 1 :] for at, text in row.items() if at not in found}
            if _LEAST <= len(found) < len(cells) and any(map(is_service, below)) and _has_rows(grid, place, found):
                value = "; ".join(text for _, text in sorted(found.items())[:_MOST_NAMED])
                return [Finding("form.houses_turned", sheet.name, sheet.address(min(found), place), value)]
    return []


def find_headings_below(grids: Iterable[Grid], forms: Iterable[FormRule], rules: Rules) -> list[Finding]:
    """Return an error where the headings of all columns that a form must have stand one under another, as on a sheet
    whose table is turned; of several forms, for the one with most columns there."""
    columns, found = [*map(_turn, grids)], list[tuple[int, FormRule, list[str]]]()
    for rule in forms:
        for cells in (cells for grid in columns for cells in grid):
            head = _match_complete(cells, rule, rules)
            if head:
                found.append((head.score[1], rule, [cells[place] for place in sorted(head.columns.values())]))
    if not found:
        return []
    _, rule, labels = max(found, key=lambda one: one[0])
    facts = {"title_kk": rule.title.kk, "first": labels[0], "last": labels[-1]}
    return [Finding("table.turned", value=rule.title.ru, facts=facts)]


def _turn(grid: Grid) -> Grid:
    """Return the columns of a sheet's first rows, as rows."""
    columns: dict[int, dict[int, str]] = {}
    for place, cells in enumerate(grid):
        for at, text in cells.items():
            columns.setdefault(at, {})[place] = text
    return [cells for _, cells in sorted(columns.items())]


def _match_complete(cells: Mapping[int, str], rule: FormRule, rules: Rules) -> TableHead | None:
    names = names_of(rule, rules)
    if len(names.required) < _LEAST or not names.likely(cells):
        return None
    head = names.match(0, cells)
    return None if head.missing else head


def _find_column(rules: Rules, kind: str) -> ColumnRule | None:
    """Return the first column of a kind that rows of accounts must have."""
    forms = (rule for rule in rules.forms.values() if any(c.type == "account" and c.required for c in rule.columns))
    return next((c for rule in forms for c in rule.columns if c.type == kind and c.required), None)


def _names_a_value(column: ColumnRule | None, rules: Rules) -> Callable[[str], bool]:
    """Return what tells whether a heading is a value of a column, with or without a unit or a word behind it."""
    judge = judges(rules, column) if column else None

    def is_one(text: str) -> bool:
        bare = rules.vocabulary.spelled.unit.sub("", text)
        read = (judge(one) for one in (text, bare, bare.rpartition(" ")[0]) if one) if judge else ()
        return any(one.value is not None and not one.code for one in read)

    return is_one


def _is_month(text: str) -> bool:
    return values.month(text) is not None


def _has_rows(grid: Grid, place: int, found: Mapping[int, str]) -> bool:
    """Return whether a line beneath has a number under one of the headings."""
    below = (cells.get(at, "") for cells in grid[place + 1 :] for at in found)
    return any(isinstance(values.read_scaled(values.written_sum(text), 6), int) for text in below if text)
