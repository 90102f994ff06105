"""The rows of a bank's statement, whatever its format: lines, balances, and what could not be understood (4.1.7).

Texts are as the forms are written: days dd.mm.yyyy, sums with a point. `line`: where it stands in the file, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from inbox_worker.workbooks.cell_values import SheetCells

ENTRIES, BALANCES, PROBLEMS = "entries", "balances", "problems"
CURRENCIES = ("", "KZT", "398")
TAKEN_BACK = "yes"
_MONEY = re.compile(r"(\d{1,15})(?:[.,](\d{0,2})0*)?")  # ISO 20022 may have five places; past the tiyn only zeros
_MOST_PROBLEMS = 200
_DAYS = {  # how a day is written, and where its year, month and day stand
    r"(\d\d)\.(\d\d)\.(\d{4})": (3, 2, 1),
    r"(\d{4})-(\d\d)-(\d\d)": (1, 2, 3),
    r"(\d\d)(\d\d)(\d\d)": (1, 2, 3),
}


class Entry(NamedTuple):
    """A line of a statement. `payer` and what belongs to it: the other side, who paid or was paid. `reversal`:
    TAKEN_BACK of a line that takes an earlier one of the other side back, where the format says so."""

    line: int
    iban: str
    day: str
    reference: str
    debit: str
    credit: str
    payer: str
    payer_id: str
    payer_account: str
    purpose: str
    bank: str
    reversal: str = ""


class Balance(NamedTuple):
    """The balances of an account. `first`, `last`: the days of a file whose sections are days; sums of both sides where
    the file states them; '' where it does not."""

    line: int
    iban: str
    first: str
    last: str
    opening: str
    closing: str
    debit_sum: str = ""
    credit_sum: str = ""


class UnreadPlace(NamedTuple):
    """A place that refuses the file, or is told: the code of the finding and the text there."""

    line: int
    code: str
    text: str


@dataclass
class StatementRows:
    """The rows of a statement as they are found."""

    entries: list[Entry] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    problems: list[UnreadPlace] = field(default_factory=list)

    def add(self, entry: Entry) -> bool:
        """Add a line; one of a sum of zero moves nothing and is told instead. Return whether it was added."""
        if is_zero(entry.debit) and is_zero(entry.credit) and (entry.debit or entry.credit):
            self.tell(entry.line, "statement.zero", entry.reference)
            return False
        self.entries.append(entry)
        return True

    def tell(self, line: int, code: str, text: str = "") -> None:
        """Keep what could not be understood."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(UnreadPlace(line, code, " ".join(text.split())[:200]))

    def sum(self, text: str, line: int, *, signed: bool = False) -> str:
        """Return a written sum with a point, '' for an empty one; anything else is a problem."""
        plain = re.sub(r"[\s\u00a0']", "", text)
        sign = "-" if signed and plain.startswith("-") else ""
        found = _MONEY.fullmatch(plain.removeprefix(sign))
        if found:
            return f"{sign}{found[1]}.{(found[2] or '').ljust(2, '0')}"
        if plain:
            self.tell(line, "statement.line", text)
        return ""

    def day(self, text: str, line: int) -> str:
        """Return a day written dd.mm.yyyy, yyyy-mm-dd or yymmdd as dd.mm.yyyy; '' and a problem for anything else."""
        for pattern, places in _DAYS.items():
            if found := re.fullmatch(pattern, text.strip()):
                year, month, day = (int(found[place]) for place in places)
                try:
                    return f"{date(year + 2000 if year < 100 else year, month, day):%d.%m.%Y}"
                except ValueError:
                    break
        self.tell(line, "statement.line", text)
        return ""

    def sheets(self) -> Iterator[SheetCells]:
        """Yield lines, balances and problems as sheets of texts."""
        rows: Mapping[str, Sequence[tuple[object, ...]]]
        rows = {ENTRIES: self.entries, BALANCES: self.balances, PROBLEMS: self.problems}
        for index, (name, found) in enumerate(rows.items()):
            place = {"sheet": index, "name": name, "hidden": False, "very_hidden": False, "row": 1}
            yield SheetCells(place, [list(map(str, row)) for row in found])


def as_iso(day: str) -> str:
    """Return a day written dd.mm.yyyy as yyyy-mm-dd, which can be compared."""
    return f"{day[6:]}-{day[3:5]}-{day[:2]}"


def is_zero(text: str) -> bool:
    """Return whether a sum is not there or zero."""
    return not text or Decimal(text) == 0
