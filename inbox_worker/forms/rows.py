"""Selection of the form's rows in a sheet: no blanks, column numbers, second headers, totals, headings, footers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from inbox_worker.core.text import fold
from inbox_worker.forms.column_task import Ints, Mask, matches
from inbox_worker.forms.footers import Footers
from inbox_worker.forms.group_rows import Groups, lone_totals, places_left, total_rows
from inbox_worker.forms.heads import TableHead
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.forms.tables import key_column
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import CellKind, Column, Sheet


@dataclass(frozen=True)
class Rows:
    """Places (0-based from the sheet's first row) of the form's rows, of its totals rows, of headings with a house
    where rows without one are for all houses, and of headings over rows that name an account each. `signature`: the
    first line to sign on between them, -1 = none."""

    places: Ints
    totals: tuple[int, ...]
    houses: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    signature: int = -1


def select_rows(table: SheetTable, rule: FormRule, rules: Rules, stretches: Sequence[tuple[int, int]]) -> Rows:
    """Split the rows under the header, in the stretches that can be the form's (tables.py). Blank rows are
    skipped, never taken for the end."""
    sheet, head = table.sheet, table.head
    filled = {name: _filled_mask(sheet.columns[at], sheet.height) for name, at in head.columns.items()}
    required = [filled[c.name] for c in rule.columns if c.required and c.name in filled]
    count = np.sum(required, axis=0) if required else np.zeros(sheet.height, np.int64)
    meant = np.zeros(sheet.height, np.bool_)
    for first, after in stretches:
        meant[first:after] = True
    keep = np.logical_or.reduce(list(filled.values())) & meant
    key = key_column(head, rule)
    for stretch in stretches:
        _drop_column_numbers(keep, sheet, head, stretch)
        _drop_units(keep, sheet, head, key, stretch, rules.vocabulary.spelled.units)
        _drop_column_numbers(keep, sheet, head, stretch)
    complete = count == len(required) if not _names_account(rule, head, key) else np.zeros(sheet.height, np.bool_)
    totals = total_rows(sheet, head, key, keep & ~complete, count < len(required))
    if len(required) == 1:
        totals = np.union1d(totals, lone_totals(sheet, np.flatnonzero(keep & complete)))
    keep[totals] = False
    unread = keep & _unread(sheet, head)
    _drop_rulings(keep, sheet, key)
    footers = Footers(sheet, head, rule, key, rules)
    groups, over = Groups(sheet, head, rule, footers), list[int]()
    for stretch in stretches:
        footers.drop(keep, places_left(keep, stretch))
        over += groups.headings(places_left(keep, stretch))
        keep[over] = False
    houses = [] if groups.name_accounts else [p for p in np.flatnonzero(keep).tolist() if groups.is_house(p)]
    keep[houses] = False
    said = np.logical_or.reduce([filled[n] for n in ("account", "house") if n in filled] or [~keep])
    if bool(said[keep].all()):
        houses = []  # every row names its own
    signed = footers.lines_between(np.flatnonzero(keep & (count < len(required)) & ~unread))
    keep[signed] = False
    keep |= unread
    return Rows(np.flatnonzero(keep), tuple(totals.tolist()), tuple(houses), tuple(over), min(signed, default=-1))


def _names_account(rule: FormRule, head: TableHead, key: int) -> bool:
    """Return whether rows are named by an account: a total may then fill every column, the account's with its word."""
    return any(column.type == "account" and head.columns.get(column.name) == key for column in rule.columns)


def _unread(sheet: Sheet, head: TableHead) -> Mask:
    """Return rows with a cell of the form that could not be read: they are never signatures."""
    mask = np.zeros(sheet.height, np.bool_)
    for at in head.columns.values():
        kinds = sheet.columns[at].kinds
        mask[: len(kinds)] |= (kinds == CellKind.ERROR) | (kinds == CellKind.FORMULA)
    return mask


def _drop_rulings(keep: Mask, sheet: Sheet, key: int) -> None:
    """Drop rows that hold nothing but strokes: a line of dashes between rows, a dash in each cell of an empty one."""
    column, places = sheet.columns[key], np.flatnonzero(keep)
    there = places[places < len(column.kinds)]
    ruled = there[(column.kinds[there] == CellKind.EMPTY) | matches(column.texts_at(there), _STROKE_FIRST)]
    for place in [*ruled[:_MOST_RULED].tolist(), *places[len(there) :].tolist()]:
        keep[place] = not is_ruling(sheet.row(place).values())


def is_ruling(texts: Iterable[str]) -> bool:
    """Return whether the cells of a line hold strokes and nothing else."""
    signs = {sign for text in texts for sign in text}
    return bool(signs) and signs <= _STROKES


_STROKES = frozenset("-–—_=*.·•~+ ")
_STROKE_FIRST = r"^[-–—_=*.·•~+]"
_MOST_RULED = 300  # rows looked at


def _filled_mask(column: Column, height: int) -> Mask:
    mask = np.zeros(height, np.bool_)
    mask[: len(column.kinds)] = column.kinds != CellKind.EMPTY
    return mask


def _drop_units(
    keep: Mask, sheet: Sheet, head: TableHead, key: int, stretch: tuple[int, int], units: frozenset[str]
) -> None:
    """Drop the first row under the header when it only says in which units or how columns are written, and names no
    row: `тенге` under `Сумма`, `мм.гггг` under `За месяц`."""
    under = places_left(keep, stretch)[:1].tolist()
    row = sheet.row(under[0]) if under else {}
    if not row.keys() <= sheet.row(head.place).keys():
        return  # a header over several columns: which of them is the form's, only units tell
    if row and key not in row and only_units(row.values(), units):
        keep[under] = False


def only_units(texts: Iterable[str], units: Collection[str]) -> bool:
    """Return whether every text says in which units or how a column is written."""
    return all(fold(text) in units or _MASK.fullmatch(text) for text in texts)


_MASK = re.compile(r"(?i)\(?(?:(?:дд|мм|гг|кк|аа|жж)[./ -]?)+\)?|[-–—хx]+")


def _drop_column_numbers(keep: Mask, sheet: Sheet, head: TableHead, stretch: tuple[int, int]) -> None:
    """Drop the first row under the header when it only counts the columns."""
    under = places_left(keep, stretch)
    if not len(under):
        return
    texts = [text for _, text in sorted(sheet.row(int(under[0])).items())]
    if counts_columns(texts, min(3, len(head.columns))):
        keep[under[0]] = False


_LABEL = re.compile(
    r"(?:гр\.?|графа|№)?\s*[(\[]?(\d{1,2}|[^\W\d_])[)\].]?\s*(?:[=(][\d\s()+*/.,:хx×−–=-]+)?", re.IGNORECASE
)
_ALPHABETS = ("абвгдежзиклмн", "аәбвгғдежзик", "abcdefghijkl")


def counts_columns(texts: Sequence[str], least: int) -> bool:
    """Return whether a row's filled cells are labels of columns, letters first and then numbers, without a gap."""
    found = [_LABEL.fullmatch(text) for text in texts]
    if len(texts) < least or not all(found):
        return False
    labels = [match[1].casefold() for match in found if match]
    letters = "".join(label for label in labels if not label.isdecimal())
    numbers = [int(label) for label in labels[len(letters) :] if label.isdecimal()]
    if len(letters) + len(numbers) != len(labels):  # a letter behind a number
        return False
    first = numbers[0] if numbers else 1
    if letters and (first not in (1, len(letters) + 1) or not any(abc.startswith(letters) for abc in _ALPHABETS)):
        return False  # without letters a table cut out of a larger one may begin with any number
    return numbers == list(range(first, first + len(numbers)))
