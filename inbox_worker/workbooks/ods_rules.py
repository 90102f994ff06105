"""Rules of conditional formatting of an .ods that hide cells: LibreOffice's (`calcext`), and conditions of a cell's
style (OpenDocument 1.3, 16.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from inbox_worker.workbooks.cell_values import Range
from inbox_worker.workbooks.hiding_rules import EVERYWHERE, HidingRule, keep_rule, range_of
from inbox_worker.workbooks.markup import attribute

_CELLS = re.compile(r"\.(\$?[A-Z]{1,3}\$?\d{1,7})(:|\s|$)")  # behind a sheet's name, which may have blanks
_OF_CELL = re.compile(r"\s*cell-content(?:\(\)|-is-)")
_COMPARED = re.compile(r"\s*(<=|>=|!=|<|>|=)\s*(.+)", re.DOTALL)
_BETWEEN = re.compile(r"\s*(not-between|between)\(([^,]+),([^,]+)\)\s*")
_KINDS = {"between": "between", "not-between": "notBetween"}


class OdsRules:
    """Take the rules of a book, sheet by sheet. `hides`, `strikes`: whether a style hides a text, or strikes it out."""

    def __init__(self, hides: Callable[[str], bool], strikes: Callable[[str], bool]) -> None:
        self._hides, self._strikes = hides, strikes
        self._found = list[HidingRule]()
        self._ranges: list[Range] = []
        self._of_styles: dict[tuple[str, str], Range] = {}
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "conditional-format": self.begin, "condition": self.condition, "data-bar": self.bar, "icon-set": self.bar,
        }  # fmt: skip

    def begin_sheet(self, found: list[HidingRule]) -> None:
        """Begin a sheet; `found`: where its rules go."""
        self._found, self._of_styles = found, {}

    def begin(self, attrs: Mapping[str, str]) -> None:
        """Begin the rules of some ranges."""
        cells = "".join(map("".join, _CELLS.findall(attribute(attrs, "target-range-address")))).split()
        self._ranges = list(map(range_of, cells)) or [EVERYWHERE]

    def condition(self, attrs: Mapping[str, str]) -> None:
        """Keep a rule of the ranges under way where its style hides what it covers."""
        style = attribute(attrs, "apply-style-name")
        if self._hides(style) or self._strikes(style):
            self._keep(attribute(attrs, "value"), self._ranges, style)

    def bar(self, attrs: Mapping[str, str]) -> None:
        """Keep a bar or a sign that stands in place of numbers."""
        if attribute(attrs, "show-value") == "false":
            for one in self._ranges:
                keep_rule(self._found, HidingRule("dataBar", "", (), one))

    def of_style(self, conditions: list[tuple[str, str]], cells: Range) -> None:
        """Note cells whose style has conditions, each with the style that it brings; they are kept as one range."""
        for one in conditions:
            if self._hides(one[1]) or self._strikes(one[1]):
                before = self._of_styles.get(one, cells)
                (top, left), (bottom, right) = (map(min, before[:2], cells[:2]), map(max, before[2:], cells[2:]))
                self._of_styles[one] = top, left, bottom, right

    def end(self) -> None:
        """Keep the rules of styles at the end of the sheet; where it has the same rules of its own, these count."""
        for (condition, style), cells in self._of_styles.items() if not self._found else ():
            self._keep(condition, [cells], style)

    def _keep(self, condition: str, ranges: list[Range], style: str) -> None:
        said = _OF_CELL.sub("", condition)
        kind, sign, operands = "", "", tuple[str, ...]()
        if found := _COMPARED.fullmatch(said):
            kind, sign, operands = "cellIs", found[1].replace("!=", "<>"), (found[2].strip(),)
        elif found := _BETWEEN.fullmatch(said):
            kind, sign, operands = "cellIs", _KINDS[found[1]], (found[2].strip(), found[3].strip())
        for one in ranges:
            keep_rule(self._found, HidingRule(kind, sign, operands, one, not self._hides(style)))
