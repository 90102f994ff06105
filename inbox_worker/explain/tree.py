"""An explanation as a tree, for programs and for a page: each step with those below it, and the cells it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

_STEP = 2  # blanks a level


@dataclass(frozen=True)
class SourceCell:
    """A cell that a figure stands on, and the way from it to the letter and the rule.

    `value`: the text that stands in it, None where the sender's file gives no table cell; `around`: rows of the sheet
    beside it, row number and texts, below the letters of the columns (row 0).
    """

    submission: str
    form: str
    clause: str
    rules: str
    file: str
    sheet: str
    row: int
    column: str
    received_at: str
    sender: str
    outcome: str
    archive: str
    sha256: str
    value: str | None = None
    around: tuple[tuple[int, tuple[str, ...]], ...] = ()

    @property
    def address(self) -> str:
        """The cell's address, or only its row."""
        return f"{self.column}{self.row}"


@dataclass(frozen=True)
class ExplainedStep:
    """A line of an explanation: its words, the cell it names, and what it is made of."""

    text: str
    cell: SourceCell | None = None
    below: tuple[ExplainedStep, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the step for programs; what is not there is left out."""
        found: dict[str, Any] = {"text": self.text}
        if self.cell:
            found["cell"] = {**asdict(self.cell), "address": self.cell.address}
        if self.below:
            found["below"] = [step.as_json() for step in self.below]
        return found


@dataclass(frozen=True)
class Explanation:
    """The lines of an explanation, each below the line that stands further left before it, and the cells that they
    name, by the words that tell of them."""

    lines: Sequence[str]
    cells: Mapping[str, SourceCell] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[ExplainedStep, ...]:
        """The same as a tree."""
        return grow_tree(self.lines, self.cells)


@dataclass
class _Open:
    text: str
    depth: int
    below: list[ExplainedStep] = field(default_factory=list)


def grow_tree(lines: Sequence[str], cells: Mapping[str, SourceCell]) -> tuple[ExplainedStep, ...]:
    """Return the steps of an explanation's lines, each below the line that stands further left before it. `cells`: by
    the words that tell of them."""
    root = _Open("", -1)
    above = [root]
    for line in lines:
        depth = (len(line) - len(line.lstrip(" "))) // _STEP
        while above[-1].depth >= depth:
            _settle(above, cells)
        above.append(_Open(line.strip(), depth))
    while len(above) > 1:
        _settle(above, cells)
    return tuple(root.below)


def _settle(above: list[_Open], cells: Mapping[str, SourceCell]) -> None:
    one = above.pop()
    above[-1].below.append(ExplainedStep(one.text, _cell_in(one.text, cells), tuple(one.below)))


def _cell_in(text: str, cells: Mapping[str, SourceCell]) -> SourceCell | None:
    return cells.get(text) or next((cell for words, cell in cells.items() if text.endswith(words)), None)


def every_step(steps: Sequence[ExplainedStep]) -> Iterator[ExplainedStep]:
    """Yield every step of a tree, each before those below it."""
    for step in steps:
        yield step
        yield from every_step(step.below)
