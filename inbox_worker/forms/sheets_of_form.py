"""Choice of the sheets that are the form, not samples, instructions or sheets that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from inbox_worker.core.model import Finding, HeaderCell
from inbox_worker.core.text import fold
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.header import Pairs
from inbox_worker.forms.heads import Grid, TableHead
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.workbooks.jail_protocol import LIST
from inbox_worker.workbooks.sheet import Sheet

_SAMPLE = re.compile(
    r"(?i)образ(ец|цы|ч)|пример(?!н)|үлгі|улги|мысал|инструкц|нұсқаул|нускаул|памятк|как заполн|заполнени|толтыру"
    r"|sample|example|instruction|read ?me"
)
_NAMING = ("form", "customer")  # header pairs that say that a sheet is the form
_AGREE = ("customer", "month")


@dataclass(frozen=True)
class SheetTable:
    """A sheet with a table of the form: header pairs above, header row."""

    sheet: Sheet
    grid: Grid
    head: TableHead
    pairs: Pairs

    @property
    def names_itself(self) -> bool:
        """Return whether the sheet says by its code or БИН that it is the form."""
        return any(self.pairs.values[key].text for key in _NAMING if key in self.pairs.values)


def is_sample(sheet: Sheet) -> bool:
    """Return whether a sheet's name says that it only shows how to fill in the form."""
    return _SAMPLE.search(sheet.name) is not None


def says_sample(table: SheetTable) -> bool:
    """Return whether a sheet's name, or a line above its table, says that it only shows how to fill in the form."""
    lines = (text for cells in table.grid[: table.head.place] for text in cells.values())
    return is_sample(table.sheet) or any(_SAMPLE.match(text.strip()) for text in lines)


def choose(tables: Sequence[SheetTable]) -> tuple[list[SheetTable], list[SheetTable]]:
    """Return the sheets that are read, and those that are left.

    A whole sheet that names itself is the form, and with it others that do; a sample or a hidden sheet never is beside
    it. Where no sheet names itself all but samples are read. A sample alone is the form only if somebody
    put a БИН over it.
    """
    real = [table for table in tables if not is_sample(table.sheet)]
    named = [table for table in real if table.names_itself]
    if any(not table.head.missing for table in named):
        visible = [table for table in named if not table.sheet.hidden]
        chosen = visible if any(not table.head.missing for table in visible) else named
    else:
        chosen = real or [table for table in tables if "customer" in table.pairs.values]
    return chosen, [table for table in tables if table not in chosen]


def with_covers(pairs: Pairs, covers: Iterable[Pairs]) -> Pairs:
    """Return header pairs of the form, and what it lacks from sheets without a table (a title page). An error where two
    of them name different Customers or months."""
    values: dict[str, HeaderCell] = dict(pairs.values)
    findings = list(pairs.findings)
    for cover in covers:
        for key, cell in cover.values.items():
            first = values.setdefault(key, cell)
            if first is cell:
                findings += [f for f in cover.findings if (f.sheet, f.cell) == (cell.sheet, cell.cell)]
                findings += [f for f in cover.findings if f.code == "header.conflict" and f not in findings]
            elif key in _AGREE and key not in pairs.values and cell.text != first.text:
                findings.append(Finding("header.conflict", cell.sheet, cell.cell, cell.text, {"first": first.text}))
    return Pairs(values, tuple(findings))


def find_other_sheets(
    chosen: Sequence[SheetTable],
    left: Sequence[SheetTable],
    headless: Sequence[Sheet],
    lost: Sequence[Sheet],
    unseen: Sequence[Sheet],
) -> list[Finding]:
    """Return a finding for each sheet that is read beside the first, and for each with a table that is not read: an
    error for those with rows that would be `lost`. One that would be read if it were shown is told so."""
    found = [Finding("sheet.also_read", t.sheet.name, value=t.sheet.name) for t in chosen[1:]]
    facts: Mapping[str, str] = {"form_sheet": chosen[0].sheet.name} if chosen else {"form_sheet": "—"}
    hidden = [t.sheet for t in left if t.sheet.hidden and t.names_itself and not is_sample(t.sheet)]
    for sheet in (*(table.sheet for table in left), *headless):
        code = "sheet.hidden_left" if sheet in hidden else "sheet.not_read"
        code = "sheet.left_out" if sheet in lost else code
        found.append(Finding(code, sheet.name, value=sheet.name, facts=facts))
    return found + [Finding("sheet.very_hidden", sheet.name, value=sheet.name) for sheet in unseen]


_MOST_ROWS = 300  # looked at in each sheet
_LEAST = 4  # characters of a code by which a row is known
_KEYS = ("account", "service", "code")


def has_rows_like(sheet: Sheet, table: SheetTable, rule: FormRule, new: bool = False) -> bool:
    """Return whether a sheet has a row with an account, a service or a code like those of the form, and a number beside
    it where the form has numbers. `new`: one that the form does not have."""
    own, numbered = _known_keys(table, rule), has_numbers(table, rule)
    found = None if own else find_key(table, rule)  # a form without rows is known by its example
    example = found[0].example if found and re.search(r"\d", found[0].example) else ""
    keys = {shape_of(text) for text in (*own, example) if text}
    shown = {column.example for column in rule.columns} if is_sample(sheet) else frozenset[str]()
    for place in range(min(sheet.height, _MOST_ROWS)):
        texts = [text for text in sheet.row(place).values() if text not in shown]
        like = [text for text in texts if shape_of(text) in keys]
        if not (new and own.issuperset(like)) and is_like(texts, keys, numbered):
            return True
    return False


def lists_keys(sheet: Sheet, table: SheetTable, rule: FormRule) -> bool:
    """Return whether a sheet has an account or a code alone in its row, like those of the form and none of them."""
    own = {text for text in _known_keys(table, rule) if re.search(r"\d", text)}
    shapes = {shape_of(text) for text in own}
    rows = (sheet.row(place) for place in range(min(sheet.height, _MOST_ROWS))) if own else ()
    alone = (next(iter(row.values())) for row in rows if len(row) == 1)
    return any(shape_of(text) in shapes and text not in own for text in alone)


def find_key(table: SheetTable, rule: FormRule) -> tuple[ColumnRule, int] | None:
    """Return the column that names a form's rows, an account, a service or a code, and its place; None of another."""
    named = [(c, at) for c, at in table.head.pair_columns(rule) if c.required and c.type in _KEYS]
    return named[0] if named else None


def has_numbers(table: SheetTable, rule: FormRule) -> bool:
    """Return whether a form's table has a column of numbers."""
    return any(column.type in SCALES for column, _ in table.head.pair_columns(rule))


def _known_keys(table: SheetTable, rule: FormRule) -> set[str]:
    """Return what names the rows under a header; labels and signatures under them are none."""
    if (found := find_key(table, rule)) is None:
        return set()
    column, at = found
    texts = {text for text in _texts(table.sheet, at, table.head.place + 1) if len(text) >= _LEAST}
    return texts if column.type == "service" else {text for text in texts if re.search(r"\d", text)}


def is_like(texts: Iterable[str], keys: Collection[str], numbered: bool) -> bool:
    """Return whether a line has a key of such a shape, and beside it a number, or anything where no `numbered` column
    is."""
    texts = list(texts)
    like = [text for text in texts if shape_of(text) in keys]
    others = [text for text in texts if text not in like]
    return bool(like) and (any(_NUMBER.fullmatch(text) for text in others) if numbered else bool(others))


_NUMBER = re.compile(r"[-−(]?[\d\s]+([.,]\d+)?\)?")


def _texts(sheet: Sheet, at: int, first: int) -> list[str]:
    column = sheet.columns[at]
    return [column.text(place) for place in range(first, min(len(column.kinds), first + _MOST_ROWS))]


def shape_of(text: str) -> str:
    """Return a code with its digits made the same; words as they are."""
    return re.sub(r"\d", "9", fold(text))


def is_our_list(sheet: Sheet) -> bool:
    """Return whether a sheet is the list of findings of our own answer, which senders send back with the workbook."""
    if not sheet.name.startswith(LIST) or 0 not in sheet.columns:
        return False
    return sheet.columns[0].text(0).startswith(LIST)
