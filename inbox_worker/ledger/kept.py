"""What the journal's writer keeps in mind of it: answers that every form asks for, until the journal changes them.

Who writes holds the home's lock, so nobody else changes them meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from inbox_worker.model import Customer, FactFile, MonthState, Period

_MOST_CUSTOMERS = 400  # whose fact files are kept


@dataclass
class Kept:
    """Answers as of the last commit; None or absent: not asked yet."""

    customers: dict[str, Customer] | None = None
    months: dict[Period, MonthState] | None = None
    sequence: int | None = None  # the highest of a posted submission
    arrival: int = 0  # the highest number given by the open transaction
    decided: bool = False  # whether the open transaction decides a form
    _files: dict[str, dict[str, tuple[FactFile, ...]]] = field(default_factory=dict)  # by Customer and kind
    _posted: list[tuple[int, Sequence[FactFile]]] = field(default_factory=list)  # by the open transaction
    _changed: bool = False  # by the open transaction: more than a posting at the end

    def files(self, kind: str, customer: str) -> Sequence[FactFile] | None:
        """Fact files of a Customer's kind in force, in order of posting; None: not asked yet."""
        known = self._files.get(customer)
        return None if known is None else known.get(kind, ())

    def keep_files(self, customer: str, files: Sequence[FactFile]) -> None:
        """All fact files of a Customer in force, in order of posting."""
        if len(self._files) >= _MOST_CUSTOMERS:
            self._files.clear()
        kinds = self._files[customer] = {}
        for file in files:
            kinds[file.kind] = (*kinds.get(file.kind, ()), file)

    @property
    def highest(self) -> int:
        """The highest place in the order of posting that the open transaction gave; 0 for none."""
        return max((sequence for sequence, _ in self._posted), default=0)

    def post(self, sequence: int, files: Sequence[FactFile]) -> None:
        """The open transaction decides a form; a posting gets this place in the order, and may have no files."""
        self.decided = True
        if sequence:
            self._posted.append((sequence, sorted(files, key=lambda file: file.path)))

    def change(self) -> None:
        """The open transaction changes what may be kept here."""
        self._changed = True

    def committed(self) -> None:
        """The open transaction stands."""
        for sequence, files in self._posted:
            if self.sequence is None or sequence <= self.sequence:
                self._changed = True  # not known to be the last
            else:
                self.sequence = sequence
            for file in files:
                if (known := self._files.get(file.customer)) is not None:
                    known[file.kind] = (*known.get(file.kind, ()), file)
        self._posted.clear()
        self.arrival, self.decided = 0, False
        if self._changed:
            self.forget()

    def forget(self) -> None:
        """Everything is asked anew."""
        self.customers = self.months = self.sequence = None
        self._files.clear()
        self._posted.clear()
        self.arrival, self.decided = 0, False
        self._changed = False


def for_questions(engine: Engine) -> Connection:
    """A connection on which every question stands alone: it sees what is committed by then."""
    if engine.dialect.name == "sqlite":
        return engine.connect().execution_options(alone=True)
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")
