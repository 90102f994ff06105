"""Columns of numbers in the place of the form's one: of one sign each, of one service, month or house each, or of one
scale of a meter (`Текущее (день)`, `Т1`), for which the form has no place (4.1.15)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from inbox_worker.core.model import Finding
from inbox_worker.forms import values
from inbox_worker.forms.bilingual import names_another_measure, names_share
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.heading_values import bare_names, may_be_house, names_category, names_month
from inbox_worker.forms.heads import names_of
from inbox_worker.forms.nothing import says_nothing
from inbox_worker.forms.sheet_words import judges, says_no
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules

_DIVIDING = ("service", "month")  # types of columns whose values people make columns of
_PLACES = 6  # of a reading
_ACCOUNT = re.compile(r"\d{5,}")
_NUMBERED = ("money", "tariff", "quantity", "number", "integer")


def find_misplaced(
    table: SheetTable, lacking: Sequence[ColumnRule], rule: FormRule, rules: Rules, places: Ints
) -> dict[int, Finding]:
    """Return an error, by its place, for each filled column of numbers whose header is a value of a column that the
    table lacks (`Лифт` where it has no `Услуга`), or that stands for its one column of sums, where one is said to lower
    (`Снять` beside `Доначислить`)."""
    missing, head = [column for column in lacking if column.required], table.grid[table.head.place]
    into = _say_into(_find_into(missing, rule))
    numbers = [column for column in missing if column.type in _NUMBERED]
    summed = {at: head.get(at, "") for at in find_numbered(table, places)}
    found = {}
    for at, text in summed.items():
        said = next((column for column in missing if _is_value(text, column, rules)), None)
        if said:
            found[at] = _tell("column.of_one_value", table, at, said, into)
        elif numbers and names_month(text, rules):
            cell = table.sheet.address(at, table.head.place)
            found[at] = Finding("column.unsure", table.sheet.name, cell, text, numbers[0].facts)
    house = next((column for column in lacking if column.name == "house"), None)
    if (
        house
        and (numbers or house.empty_counts)
        and len(across := _find_houses(summed.keys() - found, summed, rule, rules)) > 1
    ):
        found |= {at: _tell("column.of_one_value", table, at, house, into) for at in across}
    category = next((column for column in lacking if column.type == "category" and column.empty_counts), None)
    if category:
        by = (at for at, text in summed.items() if at not in found and names_category(text, rules))
        found |= {at: _tell("column.of_one_value", table, at, category, into) for at in by}
    own, names = next((column for column in missing if column.type == "money"), None), names_of(rule, rules)
    lowers = [
        text
        for text in summed.values()
        if own and not (names_another_measure(text) or names_share(text)) and names.turns(own.name, text)
    ]
    if own and lowers:
        found |= {at: _tell("column.of_one_sign", table, at, own) for at in summed if at not in found}
    return found


def find_groups(table: SheetTable, place: int, rule: FormRule, rules: Rules) -> list[Finding]:
    """Return an error for each heading of a row over a header that says columns twice, or beneath one, that is a value
    of a column which the table lacks: `ХВС` and `ГВС`, each over `Предыдущее` and `Текущее`, or under `Сумма`."""
    head, row = table.head, table.sheet.row(place) if place >= 0 else {}
    twice = {table.grid[head.place].get(at, "").casefold() for at in head.twice}
    for own in _find_dividing(table, rule) if twice or place > head.place else ():
        groups = [at for at, text in row.items() if _divides(text, own, rules)]
        if len(groups) > (own.name == "house"):
            there = head.pair_columns(rule)
            columns = [column for column, at in there if table.grid[head.place].get(at, "").casefold() in twice]
            if place > head.place:
                columns = [c for c, at in there if c.type in _NUMBERED and min(groups) <= at <= max(groups)]
            lacking = [rule.column(name) for name in head.missing]
            into = _say_into(columns or _find_into(lacking if own.name == "house" else [], rule))
            return [_tell("column.of_one_value", table, at, own, into, place) for at in groups]
    return []


def find_ticks(
    table: SheetTable, lacking: Sequence[ColumnRule], rule: FormRule, rules: Rules, places: Ints
) -> dict[int, Finding]:
    """Return an error, by its place, for each column that ticks rows (`+`, `да`) under a value of a column that the
    table lacks (`Лифт` where it has no `Услуга`), or of a list that does not name it in a row which it ticks."""
    head, found = table.grid[table.head.place], dict[int, Finding]()
    missing = [column for column in lacking if column.required and column.type in _DIVIDING]
    listed = next((column for column in rule.columns if column.type == "services"), None)
    for at in table.head.extra if missing or listed else ():
        text, filled = head.get(at, ""), {place: table.sheet.text(at, place) for place in places.tolist()}
        filled = {place: one for place, one in filled.items() if one and not (says_nothing(one) or says_no(one))}
        own = next((column for column in missing if _is_value(text, column, rules)), None)
        if own and filled and all(one.casefold() in rules.vocabulary.around.of_ticks for one in filled.values()):
            found[at] = _tell("column.ticked_row", table, at, own)
        elif listed and any(not _lists(table, listed, text, place, rules) for place in filled):
            found[at] = _tell("column.ticked_list", table, at, listed)
    names = "; ".join(head.get(at, "") for at in found)
    return {at: replace(one, facts={**one.facts, "names": names}) for at, one in found.items()}


def _lists(table: SheetTable, listed: ColumnRule, name: str, place: int, rules: Rules) -> bool:
    """Return whether a heading is no service, or one that a row lists."""
    judge, at = judges(rules, listed), table.head.columns.get(listed.name, -1)
    code = judge(name).value if judge else None
    there = judge(table.sheet.text(at, place)).value if judge and at >= 0 else None
    return code is None or set(str(code).split(";")) <= set(str(there).split(";"))


def find_zones(table: SheetTable, rule: FormRule, places: Ints) -> dict[int, Finding]:
    """Return an error, by its place, for each column of readings whose header names a zone of the day: a column of the
    form, or several beside it whose sum is not what stands in the form's own."""
    if not rule.zones:
        return {}
    head, names = table.grid[table.head.place], _name_readings(rule)
    there = {column.name: at for column, at in table.head.pair_columns(rule) if column in names}
    own = [at for at in there.values() if rule.names_zone(head.get(at, ""))]
    beside = [at for at in find_numbered(table, places) if rule.names_zone(head.get(at, ""))]
    several = len(beside) > 1 or any(_find_named(head[at], names) for at in beside)
    whole = there.get(next(column.name for column in names if column.required), -1)
    if not several or (whole >= 0 and whole not in own and _sums_up(table, beside, whole, places)):
        beside = []
    return {at: tell_zone(table, at, rule) for at in (*own, *beside)}


def tell_zone(table: SheetTable, at: int, rule: FormRule) -> Finding:
    """Return the error of a column that has the reading of one zone, with the form's that has the meter's."""
    text, names = table.grid[table.head.place].get(at, ""), _name_readings(rule)
    column = _find_named(text, names) or next(column for column in names if column.required)
    return Finding(
        "column.of_one_zone", table.sheet.name, table.sheet.address(at, table.head.place), text, column.facts
    )


def _find_dividing(table: SheetTable, rule: FormRule) -> list[ColumnRule]:
    """Return the columns of which each value may be a heading: those that the table lacks, and the house, which may be
    left out or stand over its values."""
    lacking = [rule.column(name) for name in table.head.missing]
    return lacking + [column for column in rule.columns if column.name == "house" and column not in lacking]


def _divides(text: str, own: ColumnRule, rules: Rules) -> bool:
    if own.name == "house":
        return may_be_house(text, rules)
    return own.type in _DIVIDING and _is_value(text, own, rules)


def _find_houses(places: Iterable[int], heads: Mapping[int, str], rule: FormRule, rules: Rules) -> list[int]:
    """Return those of some columns whose headings may be houses, and are no column of the form with a number behind."""
    names = names_of(rule, rules)
    return [
        at
        for at in places
        if may_be_house(heads[at], rules) and not names.find_meaning(heads[at].rstrip(" 0123456789"))
    ]


def _tell(
    code: str, table: SheetTable, at: int, own: ColumnRule, into: Mapping[str, str] | None = None, place: int = -1
) -> Finding:
    """Return an error for a heading; `place`: of its row, -1 = the header's."""
    place = table.head.place if place < 0 else place
    text, cell = table.sheet.text(at, place), table.sheet.address(at, place)
    facts = {"column": text, "own": own.ru, "own_kk": own.kk, **(into or {})}
    return Finding(code, table.sheet.name, cell, text, facts)


def _find_into(missing: Sequence[ColumnRule], rule: FormRule) -> list[ColumnRule]:
    """Return the columns that numbers of several columns belong in: those of numbers that the table lacks, else
    those that the form must have."""
    parts = {part.column for part in rule.parts}
    every = [column for column in rule.columns if column.type in _NUMBERED or column.name in parts]
    return [c for c in every if c in missing] or [c for c in every if c.required] or every


def _say_into(columns: Sequence[ColumnRule]) -> dict[str, str]:
    return {
        "into": ", ".join(f"«{column.ru}»" for column in columns),
        "into_kk": ", ".join(f"«{column.kk}»" for column in columns),
    }


def find_numbered(table: SheetTable, places: Ints) -> Iterator[int]:
    """Yield the columns that are none of the form's and have numbers or nothing in its rows, one number at least."""
    for at in table.head.extra:
        column = table.sheet.columns[at]
        rows = places[places < len(column.kinds)]
        texts = [text for place in rows.tolist() if (text := column.text(place)) and not says_nothing(text)]
        if texts and all(isinstance(values.read_scaled(values.written_sum(text), 6), int) for text in texts):
            yield at


def _is_value(text: str, column: ColumnRule, rules: Rules) -> bool:
    """Return whether a heading is a value of a column."""
    if column.type == "month":
        return names_month(text, rules)
    if column.type == "choice":  # in its own words alone: whatever is written may be an open one's
        named = (*column.choices, *column.kazakh.values())
        return any(one.casefold() == name.casefold() for one in bare_names(text, rules) for name in named)
    if column.type == "account":
        return _ACCOUNT.fullmatch(text) is not None
    judge = judges(rules, column) if column.type == "service" else None
    return judge is not None and any(judge(one).value is not None for one in bare_names(text, rules))


def _name_readings(rule: FormRule) -> list[ColumnRule]:
    return [column for column in rule.columns if column.type == "quantity"]


def _find_named(text: str, readings: list[ColumnRule]) -> ColumnRule | None:
    """Return the column of readings of whose names a header has one."""
    words = text.casefold()
    return next((column for column in readings if any(name.casefold() in words for name in column.names)), None)


def _sums_up(table: SheetTable, parts: list[int], whole: int, places: Ints) -> bool:
    """Return whether some columns are together, in each row, what stands in another one."""
    return all(_read(table, whole, place) == sum(_read(table, at, place) for at in parts) for place in places.tolist())


def _read(table: SheetTable, at: int, place: int) -> int:
    read = values.read_scaled(values.written_sum(table.sheet.text(at, place)), _PLACES)
    return read if isinstance(read, int) else 0
