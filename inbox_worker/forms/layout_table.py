"""A file in a layout -> the typed table of its form, every value with its cell or line (4.1.7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.column_task import ColumnTask, Ints
from inbox_worker.forms.layout_lines import Laid, Stated
from inbox_worker.forms.totals import money, whole
from inbox_worker.forms.typing import arrow_type, type_column
from inbox_worker.settings.bank_layouts import LayoutColumn
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import letters
from inbox_worker.workbooks.sheet import LONGEST, CellKind, Column

_TIYN = 100
_SHOWN = "%d.%m.%Y"
_SHOWN_DELETED = 20  # numbers of records


class _Unfit(ValueError):
    """A value is not written as the layout says."""


@dataclass
class LayoutTable:
    """The payments of a file in a layout, typed column by column; `findings`: what is wrong with values."""

    laid: Laid
    rules: Rules
    findings: list[Finding] = field(default_factory=list)

    @property
    def rule(self) -> FormRule:
        """The form that the layout fills."""
        return self.rules.forms[self.laid.layout.form]

    @property
    def rows(self) -> Ints:
        """Rows of the sheet, 1-based."""
        return np.array(self.laid.places, np.int64) + self.laid.lines.sheet.first_row

    def columns(self) -> dict[str, pa.Array]:
        """Return every column of the form, typed."""
        made: dict[str, pa.Array] = {}
        layout, late = self.laid.layout, []
        for rule in self.rule.columns:
            column = layout.columns.get(rule.name)
            if column and column.joined:
                late.append((rule, column))
            elif column or rule.name in self.laid.stated:
                made[rule.name] = self._type_one(rule, column)
            else:
                made[rule.name] = pa.nulls(len(self.laid.places), arrow_type(rule))
        for rule, column in late:
            made[rule.name] = self._type(rule, as_texts(_join(made, column.joined)), "")
        return made

    def letters(self) -> dict[str, str]:
        """Return the letter of the sheet's column that each column of the form stands in; A for a line of text."""
        fixed = self.laid.layout.file == "fixed"
        places = {name: 0 if fixed else self.laid.at(name) for name in self.laid.layout.columns}
        return {name: letters(at) for name, at in places.items() if at >= 0}

    def amount(self, name: str) -> Decimal | None:
        """Return a sum or count that the file states; one that cannot be read is a finding."""
        stated = self.laid.stated.get(name)
        if stated is None:
            return None
        counted = name.endswith("count")
        found = whole(stated.text) if counted else money(stated.text)
        if found is None:
            self.findings.append(self._about(stated, "layout.stated_unread"))
            return None
        own = self.laid.layout.columns.get("amount")
        in_tiyn = own is not None and own.tiyn and not counted and stated.text.lstrip("-").isdigit()
        return Decimal(found) / _TIYN if in_tiyn else Decimal(found)

    def _about(self, stated: Stated, code: str) -> Finding:
        sheet = self.laid.lines.sheet
        row = sheet.first_row + stated.place
        return Finding(code, sheet.name, f"A{row}", stated.text[:200], {"layout": self.laid.layout.layout})

    def _type_one(self, rule: ColumnRule, column: LayoutColumn | None) -> pa.Array:
        if column is None or column.value:
            text = column.value if column else self.laid.stated[rule.name].text
            return self._type(rule, as_texts([text] * len(self.laid.places)), "")
        if not column.chars and not (column.date or column.pattern or column.tiyn):
            cells = self.laid.lines.sheet.columns.get(self.laid.at(rule.name))
            places = np.array(self.laid.places, np.int64)
            return self._type(rule, _take_cells(cells, places), letters(self.laid.at(rule.name)))
        return self._type(rule, as_texts(self._read_texts(rule, column)), self.letters()[rule.name])

    def _read_texts(self, rule: ColumnRule, column: LayoutColumn) -> list[str]:
        """Return the column's texts as the form is written: days as dd.mm.yyyy, sums with a point."""
        take, change = self._cutter(rule.name, column), _reader(column)
        texts = []
        for place, row in zip(self.laid.places, self.rows.tolist(), strict=True):
            text = take(place)
            try:
                texts.append(change(text) if text else "")
            except _Unfit:
                texts.append("")
                cell = f"{self.letters()[rule.name]}{row}"
                facts = {**rule.facts, "layout": self.laid.layout.layout}
                self.findings.append(Finding("layout.value", self.laid.lines.sheet.name, cell, text[:200], facts, row))
        return texts

    def _cutter(self, name: str, column: LayoutColumn) -> Callable[[int], str]:
        """Return what takes a column's text out of a line."""
        texts, at = self.laid.lines.texts, self.laid.at(name)
        if column.chars:
            first, last = column.chars
            return lambda place: texts[place][0][first - 1 : last].strip()
        return lambda place: texts[place][at] if at < len(texts[place]) else ""

    def _type(self, rule: ColumnRule, cells: Column, letter: str) -> pa.Array:
        texts, known = self.rules.texts.written, rule.name in (*self.rule.key, *self.rule.compares)
        task = ColumnTask(cells, rule, self.laid.lines.sheet.name, letter, self.rows, texts, compared=known)
        array = type_column(task, self.rules)
        unfit = {finding.cell for finding in self.findings}  # what the layout does not know is not missing, too
        self.findings += [finding for finding in task.findings if finding.cell not in unfit]
        return array


def _reader(column: LayoutColumn) -> Callable[[str], str]:
    """Return what turns a layout's way of writing into the form's. It raises _Unfit for any other text."""
    pattern = re.compile(column.pattern) if column.pattern else None

    def read(text: str) -> str:
        if pattern:
            text = " ".join(text.split())
            found = pattern.fullmatch(text) if len(text) <= LONGEST else None
            if found is None:
                raise _Unfit
            text = (found[1] or "").strip() if pattern.groups else text
        if column.date:
            return _day(text, column.date)
        return _tenge(text) if column.tiyn else text

    return read


def _day(text: str, mask: str) -> str:
    try:
        day = datetime.strptime(text, mask)  # noqa: DTZ007 - a day of the calendar, no moment
    except ValueError:
        raise _Unfit from None
    if day.strftime(mask) != text:
        raise _Unfit
    return day.strftime(_SHOWN)


def _tenge(text: str) -> str:
    if not re.fullmatch(r"-?[0-9]{1,17}", text):
        raise _Unfit
    return f"{Decimal(text) / _TIYN:.2f}"


def _join(made: Mapping[str, pa.Array], names: tuple[str, ...]) -> list[str]:
    """Return what identifies a payment that has no number of its own: other columns, always written alike."""
    rows = zip(*(made[name].to_pylist() for name in names), strict=True)
    return ["-".join(str(value) for value in row) if None not in row else "" for row in rows]


def as_texts(texts: list[str]) -> Column:
    kinds = np.array([CellKind.TEXT if text else CellKind.EMPTY for text in texts], np.int8)
    return Column(kinds, np.full(len(texts), np.nan), pa.array(texts, pa.string()))


def _take_cells(cells: Column | None, places: Ints) -> Column:
    """Return a column's cells at places; empty ones below its end, or where the sheet has no such column."""
    if cells is None:
        return as_texts([""] * len(places))
    inside = places < len(cells.kinds)
    if bool(inside.all()):
        return cells.take(places)
    taken = cells.take(np.where(inside, places, 0))
    kinds = np.where(inside, taken.kinds, np.int8(CellKind.EMPTY)).astype(np.int8)
    numbers = np.where(inside, taken.numbers, np.nan)
    return Column(kinds, numbers, taken.texts)


def register_table(table: LayoutTable) -> FormTable:
    """Return a bank's register in a layout; its checks compare count and sum as they do with our own blank."""
    columns = table.columns()
    count, total = table.amount("count"), table.amount("sum")
    if table.laid.deleted:
        paid = pc.sum(columns["amount"]).as_py() or Decimal(0)
        agrees = count == len(table.laid.places) and total in (None, paid)
        table.findings.append(_about_deleted(table.laid, agrees=agrees))
    return as_form(table, columns, int(count) if count is not None else None, total)


def _about_deleted(laid: Laid, *, agrees: bool) -> Finding:
    """Return what is told of records that are marked as deleted. A program of the bank shows them no more, so they are
    left out where the file's own control row agrees with the rest, or the layout says so; else nobody can know."""
    numbers, known = laid.deleted, agrees or laid.layout.deleted == "ignored"
    shown = ", ".join(str(number) for number in numbers[:_SHOWN_DELETED]) + (
        "…" if len(numbers) > _SHOWN_DELETED else ""
    )
    facts = {"layout": laid.layout.layout, "count": str(len(numbers)), "places": shown}
    return Finding("layout.deleted_ignored" if known else "layout.deleted", value=str(len(numbers)), facts=facts)


def as_form(table: LayoutTable, columns: Mapping[str, pa.Array], count: int | None, total: Decimal | None) -> FormTable:
    """Return typed columns as a form, with what is wrong with the file."""
    sheet, rows = table.laid.lines.sheet.name, table.rows
    places = {"sheet": pa.array([sheet] * len(rows), pa.string()), "row": pa.array(rows.astype(np.int32))}
    return FormTable(
        form=table.rule.form,
        version=table.rule.version,
        header={},
        rows=pa.table({**places, **columns}),
        letters={sheet: table.letters()},
        findings=(*table.laid.problems, *table.findings),
        control_count=count,
        control_sum=total,
    )
