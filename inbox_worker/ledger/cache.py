"""Answers about the journal that every form asks for, kept until a commit changes them.

Who writes holds the home's lock, so nobody else changes them meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from inbox_worker.core.model import FactFile

_MOST = 400  # answers: the files of so many Customers
_Answer = TypeVar("_Answer")


@dataclass
class Kept:
    """Answers as of the last commit, and what the open transaction does that changes them."""

    answers: dict[str, Any] = field(default_factory=dict)
    arrival: int = 0  # the highest number given by the open transaction
    decided: bool = False  # whether it decides a form
    highest: int = 0  # the highest place in the order of posting that it gave
    posted: list[FactFile] = field(default_factory=list)
    changed: bool = False  # more than a posting at the end

    def answer(self, question: str, ask: Callable[[], _Answer]) -> _Answer:
        """Return what was answered since the last change, or ask the journal."""
        if question not in self.answers:
            if len(self.answers) >= _MOST:
                self.answers.clear()
            self.answers[question] = ask()
        known: _Answer = self.answers[question]
        return known

    def post(self, sequence: int, files: Sequence[FactFile]) -> None:
        """The open transaction decides a form; a posting gets this place in the order, and may have no files."""
        self.decided = True
        if sequence:
            last = self.answers.get("sequence")
            self.changed |= last is None or sequence <= max(last, self.highest)
            self.highest = max(self.highest, sequence)
            self.posted += sorted(files, key=lambda file: file.path)

    def committed(self) -> Kept:
        """Return the answers as of the commit."""
        if self.changed:
            return Kept()
        if self.highest:
            self.answers["sequence"] = self.highest
        for file in self.posted:
            if (known := self.answers.get(f"files of {file.customer}")) is not None:
                known.setdefault(file.kind, []).append(file)
        return Kept(self.answers)
