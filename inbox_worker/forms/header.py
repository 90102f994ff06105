"""The label | value pairs above a form's table: code, version, customer, month, what it replaces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from inbox_worker.core.model import Finding, HeaderCell
from inbox_worker.core.text import fold
from inbox_worker.forms import values
from inbox_worker.forms.bilingual import parts_of
from inbox_worker.forms.dates import two_days
from inbox_worker.forms.days_in_words import month_without_year
from inbox_worker.forms.nothing import says_nothing
from inbox_worker.forms.sheet_words import judge_bin
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import CellKind, Sheet

_LONGEST_LABEL = 120
_AGREE = ("customer", "month", "replaces")  # `form` may be said by code and title: recognise.py compares
_MAY_BE_NOTHING = ("month", "replaces")
_FEWEST_OF_BIN = 9  # digits of a text that is meant to be a БИН
_LONGEST_LETTERHEAD = 1000  # characters in which a БИН is looked for
_WITH_MORE = re.compile(r"^\s*(\d{12})(?:\s*[,;(].*|\s+[^\W\d_].*)$", re.DOTALL)  # a БИН, and an account behind it
_SAID_BELOW = ("month", "replaces")  # a БИН under a table may be anybody's, among signatures
_ROWS_BELOW = 60
_MONTH_ONLY = 2  # digits of a month without its year


@dataclass(frozen=True)
class Pairs:
    """Header values by key, with their places; `findings` about those that cannot be read or contradict each other.
    `forms`: every cell that says which form it is."""

    values: Mapping[str, HeaderCell]
    findings: tuple[Finding, ...] = ()
    forms: tuple[HeaderCell, ...] = ()


@dataclass
class _Label:
    """A label of a row: its key, its column, and the cells from it to the next label."""

    key: str
    at: int
    values: list[tuple[int, str]]


def read_pairs(grid: list[dict[int, str]], sheet: Sheet, rules: Rules, first: int = 0) -> Pairs:
    """Return header pairs of the rows above a table. The value is the next filled cell to the right of its label, or
    is after a colon in the label's own cell, or under it; the first value of a kind counts, and one that
    contradicts it is an error. `first`: the place of the grid's first row."""
    reading = _Reading(sheet, rules)
    for row, cells in enumerate(grid):
        below = grid[row + 1] if row + 1 < len(grid) else {}
        for label in _labels(cells, rules):
            if label.values:
                (at, text), *others = label.values
                reading.take(label.key, first + row, at, text)
                for at, text in others:
                    if not reading.take_if_value(label.key, first + row, at, text):
                        break  # words: what follows them is about something else
            elif label.at in below:
                reading.take_if_value(label.key, first + row + 1, label.at, below[label.at])
            for place in range(row + 1, _end_of_label(label, sheet, row, first, below)):
                beside = grid[place] if place < len(grid) else {}
                if beside and min(beside) > label.at and not _labels(beside, rules):
                    reading.take_if_value(label.key, first + place, min(beside), beside[min(beside)])
        reading.take_other_months(cells, first + row)
        reading.take_named(cells, first + row)
    return reading.pairs()


def _end_of_label(label: _Label, sheet: Sheet, row: int, first: int, below: Mapping[int, str]) -> int:
    """Return the row of a grid after a label that is merged down; one further where it has no value and what stands
    aside under it can be nothing else."""
    top = sheet.first_row - 1 + first + row
    merged = [bottom for above, left, bottom, _ in sheet.merged if (above, left) == (top, label.at)]
    alone = bool(below) and not label.values and label.key in ("customer", "month")
    return max(row + 1 + alone, *(row + 1 + bottom - top for bottom in merged), row + 1)


class _Reading:
    """Header values while the rows are read."""

    def __init__(self, sheet: Sheet, rules: Rules) -> None:
        self._sheet, self._rules = sheet, rules
        self._found: dict[str, HeaderCell] = {}
        self._findings: list[Finding] = []
        self._forms: list[HeaderCell] = []
        self._others: list[tuple[HeaderCell, str]] = []
        self._named: list[HeaderCell] = []

    def pairs(self) -> Pairs:
        """Return the pairs read. A month under another label is a finding unless it is the month of account, too."""
        month = self._found["month"].text if "month" in self._found else ""
        for cell, label in self._others:
            if not says_same(cell.text, month):
                facts = {"label": label}
                self._findings.append(Finding("header.month_not_read", cell.sheet, cell.cell, cell.written, facts))
        if self._named:
            numbers = " ".join(dict.fromkeys(cell.text for cell in self._named))
            self._found["customers_named"] = replace(self._named[0], text=numbers)
        return Pairs(self._found, tuple(self._findings), tuple(self._forms))

    def take(self, key: str, place: int, at: int, text: str) -> None:
        """Take a value from a place where values are."""
        cell, code, facts = self._cell(key, place, at, text)
        if key == "form":
            self._forms.append(cell)
        if first := self._found.get(key):
            self._compare(key, first, cell)
        elif cell.text or code:
            self._found[key] = cell
            if code:
                shown = "" if code == "value.formula_empty" else text
                facts = {**self._rules.texts.written.words(f"blank.{key}").facts("column"), **facts}
                self._findings.append(Finding(code, cell.sheet, cell.cell, shown, facts))

    def take_if_value(self, key: str, place: int, at: int, text: str) -> bool:
        """Takes a cell under a label or behind a value, where it can be nothing else than a value of the kind."""
        cell, code, _ = self._cell(key, place, at, text)
        numbered = key == "replaces" and re.search(r"\d{3}", text) is not None
        named = key == "customer" or (key == "month" and _is_month(cell, text))
        takes = numbered or (named and bool(cell.text) and code in ("", "bin.zeros_restored"))
        if takes:
            self.take(key, place, at, text)
        return takes

    def take_other_months(self, cells: Mapping[int, str], place: int) -> None:
        """Note months under labels that may mean the month of account."""
        months = self._rules.vocabulary.month_labels
        labels = [at for at, text in sorted(cells.items()) if fold(text.partition(":")[0]) in months]
        for at in labels:
            label, _, rest = cells[at].partition(":")
            right = min((other for other in cells if other > at), default=-1)
            text, there = (rest.strip(), at) if rest.strip() else (cells.get(right, ""), right)
            cell, code, _facts = self._cell("month", place, there, text) if text else (None, "", {})
            if cell and cell.text and not code and _is_month(cell, text):
                self._others.append((cell, label.strip()))

    def take_named(self, cells: Mapping[int, str], place: int) -> None:
        """Note each БИН that stands behind its label within a text, such as a letterhead: one may be the sender's."""
        for at, text in sorted(cells.items()):
            for number in self._rules.vocabulary.customer_named.findall(text[:_LONGEST_LETTERHEAD]):
                self._named.append(HeaderCell(number, self._sheet.name, self._sheet.address(at, place), text))

    def _cell(self, key: str, place: int, at: int, written: str) -> tuple[HeaderCell, str, Mapping[str, str]]:
        text, code, facts = _normal(key, written, self._sheet, place, at)
        return HeaderCell(text, self._sheet.name, self._sheet.address(at, place), written), code, facts

    def _compare(self, key: str, first: HeaderCell, cell: HeaderCell) -> None:
        digits = len(re.findall(r"\d", cell.text))
        if key not in _AGREE or cell.text == "" or (key == "customer" and digits < _FEWEST_OF_BIN):
            return
        if says_same(first.text, cell.text):
            self._found[key] = max(first, cell, key=lambda one: len(one.text))
            return
        self._findings.append(conflict(first, cell))


def _is_month(cell: HeaderCell, text: str) -> bool:
    """Return whether a value can be nothing else than a month: no bare number, and no day that no month begins with,
    which is the date of a letter."""
    day = values.day(text)
    numbered = len(cell.text) == _MONTH_ONLY and not any(map(str.isalpha, text))
    return not numbered and (day is None or day.day == 1)


def says_same(one: str, other: str) -> bool:
    """Return whether two values are the same; a month without its year (`09`) is any of that number (`2026-09`)."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) == _MONTH_ONLY and long[4:] == f"-{short}")


def conflict(first: HeaderCell, other: HeaderCell) -> Finding:
    """Return an error for a header value that contradicts an earlier one."""
    facts = {"first": first.written or first.text}
    return Finding("header.conflict", other.sheet, other.cell, other.written or other.text, facts)


def conflicts(first: Pairs, second: Pairs) -> list[Finding]:
    """Return an error for each value of further header pairs that names another Customer or month."""
    both = [(first.values.get(key), second.values.get(key)) for key in ("customer", "month")]
    return [
        Finding("header.conflict", other.sheet, other.cell, other.text, {"first": one.text})
        for one, other in both
        if one and other and not says_same(one.text, other.text)
    ]


def row_pairs(cells: Mapping[int, str], rules: Rules) -> list[tuple[str, int, str]]:
    """Return the header pairs of one row: key, column of the value, value."""
    return [(label.key, *label.values[0]) for label in _labels(cells, rules) if label.values]


def without_pairs(cells: Mapping[int, str], rules: Rules) -> dict[int, str]:
    """Return the cells of a row that are neither a label nor the value behind one."""
    labels = _labels(cells, rules)
    taken = {at for label in labels for at in (label.at, *(place for place, _ in label.values[:1]))}
    return {at: text for at, text in cells.items() if at not in taken}


def _labels(cells: Mapping[int, str], rules: Rules) -> list[_Label]:
    found, keys = list[_Label](), rules.vocabulary.label_keys
    for at, text in sorted(cells.items()):
        label, _, rest = text.partition(":")
        if key := _label(text, keys):
            found.append(_Label(key, at, []))
        elif found and not found[-1].values:
            found[-1].values.append((at, text))
        elif rest.strip() and (key := _label(label, keys)):
            found.append(_Label(key, at, [(at, rest.strip())]))
        elif found:
            found[-1].values.append((at, text))
    return found


def _label(text: str, keys: Mapping[str, str]) -> str:
    """Return the key that a label names, whole or in one part (`БИН заказчика / Тапсырыс берушінің БСН`), or ''."""
    if len(text) > _LONGEST_LABEL:
        return ""
    if key := keys.get(fold(text)):
        return key
    parts = parts_of(text)
    named = {key for part in parts if (key := keys.get(fold(part)))}
    return named.pop() if len(named) == 1 else ""


def unread_code(sheet: Sheet, place: int, at: int) -> str:
    """Return the finding code of a cell with an error or with a formula without value; '' for any other."""
    kinds = sheet.columns[at].kinds
    return _UNREAD.get(int(kinds[place]), "") if place < len(kinds) else ""


_UNREAD = {int(CellKind.ERROR): "value.error_cell", int(CellKind.FORMULA): "value.formula_empty"}


def _normal(key: str, text: str, sheet: Sheet, place: int, at: int) -> tuple[str, str, Mapping[str, str]]:
    """Return the value as other stages compare it, a finding's code ('' when it is sound) and its facts. A value that
    could not be read is '' and a finding."""
    if unread := unread_code(sheet, place, at):
        return "", unread, {}
    if key in _MAY_BE_NOTHING and says_nothing(text):
        return "", "", {}
    if key == "customer":
        text = _WITH_MORE.sub(r"\1", text)
        verdict = judge_bin(text)
        return (text if verdict.value is None else str(verdict.value)), verdict.code, verdict.facts.get("", {})
    if key != "month":
        return text, "", {}
    column, month = sheet.columns[at], None
    if column.kinds[place] == CellKind.NUMBER:
        number = float(column.numbers[place])
        if sheet.shift and values.is_serial(number):
            return text, "value.two_days", two_days(number, sheet.shift)
        month = values.day_of_serial(number) if values.is_serial(number) else values.month_of_number(number)
    else:
        month = values.month(values.write_roman_month(text))
    if month is None and (letter := values.letters_for_digits(text)):
        return text, "value.letter_for_digit", {"letter": letter}
    if month:
        return f"{month:%Y-%m}", "", {}
    number = month_without_year(text)  # which year is decided where the moment of receipt is known
    return (f"{number:02d}", "", {}) if number else (text, "header.month_invalid", {})


def without_said_months(findings: Iterable[Finding], rule: FormRule, rows: pa.Table) -> list[Finding]:
    """Return the findings without those about a month above the table that is the one which every row is about
    (`Период: июнь 2026` over recalculations of June)."""
    about = [column.name for column in rule.columns if column.type == "month" and not column.begins]
    months = [set(rows.column(name).to_pylist()) for name in about]

    def is_said(finding: Finding) -> bool:
        return finding.code == "header.month_not_read" and {values.month(finding.value)} in months

    return [finding for finding in findings if not is_said(finding)]


def pairs_below(sheet: Sheet, rules: Rules, first: int, after: int) -> Pairs:
    """Return header pairs of the rows under a form's last one."""
    places = range(first, min(after, first + _ROWS_BELOW))
    return read_pairs([sheet.row(place) for place in places], sheet, rules, first)


def take_below(below: Pairs, header: dict[str, HeaderCell]) -> list[Finding]:
    """Take into the header what is said under a table only; an error where it contradicts what is said above."""
    findings = []
    for key in _SAID_BELOW:
        cell = below.values.get(key)
        if cell and (first := header.setdefault(key, cell)) is not cell and not says_same(first.text, cell.text):
            findings.append(conflict(first, cell))
        elif cell:
            findings += [f for f in below.findings if f.cell == cell.cell]
    return findings
