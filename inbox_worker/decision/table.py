"""A form's rows as checks see them: a pandas frame whose every value knows its cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from inbox_worker.model import Customer, Finding, FormTable, Period
from inbox_worker.rules import FormRule, Rules

NO_LINES = pd.DataFrame(
    {
        name: pd.Series(dtype="object")
        for name in ("account", "service", "base", "house", "meter", "area", "residents", "last", "usual")
    }
)


@dataclass(frozen=True)
class Context:
    """What checks may know beside the form itself.

    `lines`: the Customer's lines in force in the month of account (see ledger/directory.py for columns).
    `elsewhere`: which of the given accounts another Customer has.
    """

    rules: Rules
    month: Period
    customers: Mapping[str, Customer]
    lines: pd.DataFrame
    elsewhere: Callable[[list[str]], set[str]]


class CheckedTable:
    """Rows of a form with what is needed to point at a cell."""

    def __init__(self, form: FormTable, rule: FormRule) -> None:
        self.form = form
        self.rule = rule
        self.frame: pd.DataFrame = form.rows.to_pandas(types_mapper=pd.ArrowDtype)

    def finding(self, code: str, index: int, column: str, **facts: str) -> Finding:
        """A finding at the cell of this row and column."""
        row = self.frame.iloc[index]
        sheet, number = str(row["sheet"]), int(row["row"])
        letter = self.form.letters.get(sheet, {}).get(column, "")
        return Finding(
            code=code,
            sheet=sheet,
            cell=f"{letter}{number}" if letter else "",
            value=show(row[column]) if column in self.frame.columns else "",
            row=number,
            facts={"column": self.rule.column(column).ru, **facts},
        )

    def where(self, mask: pd.Series | np.ndarray) -> list[int]:
        """Positions where a mask holds; an unknown answer (null) does not."""
        if isinstance(mask, pd.Series):
            mask = mask.fillna(False).to_numpy(dtype=bool)
        return [int(i) for i in np.flatnonzero(mask)]

    def each(self, code: str, mask: pd.Series | np.ndarray, column: str, **facts: str) -> list[Finding]:
        """One finding a row where the mask holds."""
        return [self.finding(code, index, column, **facts) for index in self.where(mask)]


def show(value: object) -> str:
    """A value as people write it: decimal comma, dd.mm.yyyy, nothing for an empty cell."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",") if value else "0"
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    return str(value)
