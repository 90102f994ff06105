"""A form's rows as checks see them, every value with its cell, and the names by which rules call checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.settings.form_rules import Bilingual, FormRule
from inbox_worker.settings.texts import Texts

Mask = npt.NDArray[Any]  # true where a row of the form is meant
CheckFunction = Callable[..., list[Finding]]
CHECKS: dict[str, CheckFunction] = {}
# Checks that can be made without the Customer's lines: they also run where it is not known whose form it is
ALONE = frozenset({
    "not_negative", "positive", "not_zero", "account_or_house", "span_in_order", "days_match", "utility_service",
    "month_within", "date_within", "past_month_within", "percent_not_share", "has_date", "refusal_has_reason",
    "schedule_service", "schedule_total", "schedule_gaps", "schedule_month_open", "notice_in_time", "notice_of_kind",
    "steps_of_tariff", "penalty_example", "sum_as_difference",
})  # fmt: skip
_BETWEEN = "\x1f"  # parts of a joined key: stands in no text, reading drops control characters


def check(function: CheckFunction) -> CheckFunction:
    """Makes a function usable by its name in rules/forms/*.yaml. Raises ValueError for a name taken twice."""
    if function.__name__ in CHECKS:
        raise ValueError(f"two checks are called {function.__name__}")
    CHECKS[function.__name__] = function
    return function


def sign_rows(frame: pd.DataFrame, rule: FormRule) -> list[str]:
    """Return the key's columns; where the rule says `signed`, two of the frame's own belong to it: `taken_back`, a sum
    below zero, else nothing, and `part`, its place among the frame's equal ones.

    Of one payment parts may be taken back on one day, and each is told by its sum alone. So the first of two equal
    parts is the one that an earlier register told, and the second is another one (money.md, exactly once).
    """
    if not rule.signed:
        return list(rule.key)
    below = (frame[rule.signed] < 0).fillna(False)
    frame["taken_back"] = frame[rule.signed].where(below, Decimal(0))
    columns = [*rule.key, "taken_back"]
    frame["part"] = 0
    if below.any():
        parts = frame.loc[below, columns].groupby(columns, dropna=False, sort=False).cumcount()
        frame.loc[below, "part"] = parts.astype("int64")
    return [*columns, "part"]


class CheckedTable:
    """Rows of a form with what is needed to point at a cell."""

    def __init__(self, case: Case) -> None:
        self.form = case.form
        self.rule = case.rule
        self._rules = case.rules
        self._padded = [f for f in case.form.findings if f.code == "bin.zeros_restored"]  # told with the digits written
        self._keys: dict[tuple[str, ...], pa.Array] = {}
        self._places: dict[tuple[str, ...], tuple[pa.Table, Mask]] = {}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows for pandas; dear for a small form."""
        frame: pd.DataFrame = self.form.rows.to_pandas(types_mapper=pd.ArrowDtype)
        sign_rows(frame, self.rule)
        return frame

    def __len__(self) -> int:
        return int(self.form.rows.num_rows)

    @property
    def texts(self) -> Texts:
        """Words that facts of findings are made of."""
        return self._rules.texts.written

    @property
    def words_before(self) -> Mapping[str, Sequence[str]]:
        """Words that people write before a code: what it is the code of -> the words."""
        return self._rules.vocabulary.named

    def put(self, name: str, values: pa.Array) -> None:
        """Sets a column: codes as the ledger has them, or one of our own that is posted with the rows."""
        rows = self.form.rows
        if name in rows.column_names:
            rows = rows.set_column(rows.column_names.index(name), name, values)
        else:
            rows = rows.append_column(name, values)
        self.form = replace(self.form, rows=rows)
        self._keys = {key: found for key, found in self._keys.items() if name not in key}
        self._places = {key: found for key, found in self._places.items() if name not in key}
        if "frame" in vars(self):
            self.frame[name] = pd.Series(values, dtype=pd.ArrowDtype(values.type))

    def value(self, index: int, column: str) -> Any:
        """Return what stands in this row and column; None for an empty cell or a column the form does not have."""
        rows = self.form.rows
        return rows.column(column)[index].as_py() if column in rows.column_names else None

    def column(self, name: str) -> pa.ChunkedArray:
        """Return a column of the form."""
        return self.form.rows.column(name)

    def has_no_column(self, names: Sequence[str]) -> bool:
        """Return whether a required column among these is in no sheet of the form; a text has no sheets."""
        if self.form.partial is None:
            return False
        there = {letter for letters in self.form.letters.values() for letter in letters}
        return any(self.rule.column(name).required and self.rule.place_of(name) not in there for name in names)

    def find_filled(self, name: str) -> Mask:
        """Find by a mask the rows with a value in this column."""
        return np.asarray(pc.is_valid(self.column(name)))

    def among(self, name: str, values: pa.ChunkedArray | Iterable[Any]) -> Mask:
        """Find by a mask the rows whose value in this column is one of these; an empty cell is none."""
        column = self.column(name)
        known = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else pa.array(values, column.type)
        return np.asarray(pc.is_in(column, value_set=known.cast(column.type), skip_nulls=True))

    def strangers(self, name: str, values: pa.ChunkedArray | Iterable[Any]) -> list[int]:
        """Return the positions of rows whose value in this column is none of these."""
        return self.where(self.find_filled(name) & ~self.among(name, values))

    def places_in(self, lines: pa.Table, key: Sequence[str]) -> Mask:
        """Find for each row the position of the first line with its key; -1 where there is none, or a part is empty."""
        before = self._places.get(tuple(key))
        if before is not None and before[0] is lines:
            return before[1]
        known = _join_columns(lines.select(list(key)))
        found = pc.index_in(self.keys(key), value_set=known, skip_nulls=True)
        places = np.asarray(pc.fill_null(found, -1))
        self._places[tuple(key)] = (lines, places)
        return places

    def keys(self, key: Sequence[str]) -> pa.Array:
        """Return each row's key as one text, null where a part is empty."""
        if tuple(key) not in self._keys:
            self._keys[tuple(key)] = _join_columns(self.form.rows.select(list(key)))
        return self._keys[tuple(key)]

    def make_finding(self, code: str, index: int, column: str, **facts: str) -> Finding:
        """Return a finding at the cell of this row and column."""
        sheet, cell = self.place(index, column)
        written = next((f.value for f in self._padded if (f.sheet, f.cell) == (sheet, cell)), "")
        known = {"column": self.rule.column(column).ru, "column_kk": self.rule.column(column).kk}
        value = self.value(index, column)
        if (value_kk := self.show_value(column, value, kk=True)) != self.show_value(column, value):
            known["value_kk"] = value_kk
        return Finding(
            code=code,
            sheet=sheet,
            cell=cell,
            value=written or self.show_value(column, value),
            row=int(self.value(index, "row")),
            facts={**known, **facts},
        )

    def service_finding(self, code: str, index: int, column: str = "service", **facts: str) -> Finding:
        """Return a finding about the row's service, named in both languages."""
        service = self._rules.service(str(self.value(index, column)))
        return self.make_finding(code, index, column, service=service.ru, service_kk=service.kk, **facts)

    def place(self, index: int, column: str) -> tuple[str, str]:
        """Return sheet and cell of this row and column; the cell is '' for a column that the form does not have."""
        sheet = str(self.value(index, "sheet"))
        letter = self.form.letters.get(sheet, {}).get(self.rule.place_of(column), "")
        return sheet, f"{letter}{self.value(index, 'row')}" if letter else ""

    def show_value(self, column: str, value: object, *, kk: bool = False) -> str:
        """Write a value of this column as its sender writes it: services and categories by name, months as 09.2026,
        never our codes."""
        kind = self.rule.column(column).type if column in self.form.rows.column_names else ""
        if kind in ("service", "services") and isinstance(value, str):
            named = [self._rules.service(code) for code in value.split(";")]
            return "; ".join(service.kk if kk else service.ru for service in named)
        if kind == "category" and isinstance(value, str):
            known = [one for one in self._rules.categories if one.code == value]  # rules may have dropped it since
            return (known[0].kk if kk else known[0].ru) if known else value
        if kk and kind == "choice" and isinstance(value, str):
            return self.rule.column(column).kazakh.get(value, value)
        if kk and kind == "base" and isinstance(value, str):
            return self.name_bases(value).kk
        if kind == "month" and isinstance(value, date):
            return Period.of(value).form_text
        if kind == "yes_no" and value is not None and value is not pd.NA:
            word = self.texts.words("answer.yes" if value else "answer.no")
            return word.kk if kk else word.ru
        return show_sum(value) if kind == "money" else show(value)

    def name_bases(self, *codes: str) -> Bilingual:
        """Return bases as a text names them."""
        kazakh = {base.code: base.kk for base in self._rules.bases}
        return Bilingual(ru=", ".join(codes), kk=", ".join(kazakh.get(code, code) for code in codes))

    def where(self, mask: pd.Series | Mask | pa.Array | pa.ChunkedArray) -> list[int]:
        """Return the positions where a mask holds; an unknown answer (null) does not."""
        if isinstance(mask, pa.Array | pa.ChunkedArray):
            return [int(i) for i in pc.indices_nonzero(mask).to_pylist()]
        if isinstance(mask, pd.Series):
            mask = mask.fillna(False).to_numpy(dtype=bool)
        return [int(i) for i in np.flatnonzero(mask)]

    def each(self, code: str, mask: pd.Series | Mask | pa.ChunkedArray, column: str, **facts: str) -> list[Finding]:
        """Return one finding a row where the mask holds."""
        return [self.make_finding(code, index, column, **facts) for index in self.where(mask)]


def rows_of(table: pa.Table, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Return the values of these columns, row by row."""
    return zip(*(table.column(name).to_pylist() for name in columns), strict=True)


def _join_columns(table: pa.Table) -> pa.Array:
    """All columns as one text a row, null where any of them is empty."""
    texts = [pc.cast(column, pa.string()) for column in table.columns]
    return pc.binary_join_element_wise(*texts, _BETWEEN).combine_chunks()


def show(value: object) -> str:
    """Write a value as people write it: decimal comma, dd.mm.yyyy, nothing for an empty cell."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",") if value else "0"
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    return str(value)


def show_sum(amount: object) -> str:
    """Write a sum as people do: whole tenge, or both places of the tiyn.

    >>> show_sum(Decimal("500.00")), show_sum(Decimal("-1500.5"))
    ('500', '-1500,50')
    """
    shown = show(amount)
    return f"{shown}0" if len(shown.partition(",")[2]) == 1 else shown
