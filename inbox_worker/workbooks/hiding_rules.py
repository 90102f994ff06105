"""Rules of conditional formatting that hide cells or show them otherwise (ECMA-376, 18.3.1.18, 18.8.14)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import NamedTuple

from inbox_worker.workbooks.cell_values import Range, column_of
from inbox_worker.workbooks.markup import is_true
from inbox_worker.workbooks.shown_otherwise import may_show_otherwise
from inbox_worker.workbooks.unseen_text import UnseenText

MOST_RULES = 1_000  # ranges and rules of a sheet; where there are more, the last stands for all of it
_LAST = 1_048_575
EVERYWHERE: Range = (0, 0, _LAST, 16_383)
_CONDITIONS = frozenset(("formula", "f"))


class HidingRule(NamedTuple):
    """A rule over a range of cells. `kind`, `operator`: as .xlsx spells them; `operands`: its formulas, or its text;
    `struck`: it hides nothing, but strikes out."""

    kind: str
    operator: str
    operands: tuple[str, ...]
    range: Range
    struck: bool = False


class DifferentialLook:
    """Take the elements of what a rule makes of a cell's look (`dxf`)."""

    def __init__(self) -> None:
        self._seen, self._code, self._coloured, self._of_font = UnseenText(), "", False, True
        self.strikes = False
        self._seen.take("font", {})
        self._seen.take("fill", {})

    def take(self, kind: str, attrs: Mapping[str, str]) -> None:
        """Keep what an element says of font, fill or number format; a solid fill has its colour as the background."""
        if kind == "numFmt":
            self._code = attrs.get("formatCode", "")
        elif kind == "strike":
            self.strikes = is_true(attrs.get("val", "1"))
        elif kind in ("border", "gradientFill"):
            self._of_font = False  # colours behind it are of lines
        elif kind in ("color", "sz") and self._of_font:
            self._seen.take(kind, attrs)
            self._coloured = True
        elif kind == "patternFill":
            self._seen.take(kind, {"patternType": attrs.get("patternType", "solid")})
        elif kind in ("bgColor", "fgColor") and len(attrs) and attrs.get("indexed") != "64":
            self._seen.fills[-1] = "000000"
            self._seen.take("fgColor", attrs)
            self._coloured = True

    @property
    def hides(self) -> bool:
        """Return whether nobody sees the number or text of a cell that looks so, or sees another number."""
        return may_show_otherwise(self._code) or (self._coloured and self._seen.is_unseen(0, 0))


class HidingRules:
    """Find the hiding rules of a sheet in the elements of its XML. `looks`: numbers of those looks that hide; `struck`:
    of those that strike out; `found`: where the rules go."""

    def __init__(self, looks: Set[str], found: list[HidingRule], struck: Set[str] = frozenset()) -> None:
        self._found, self.within = found, False
        self._looks, self._striking, self._ranges = looks, struck, ""
        self._rules: list[tuple[dict[str, str], list[str]]] = []
        self._hiding: list[bool] = []
        self._struck: list[bool] = []
        self._look: DifferentialLook | None = None
        self._text: list[str] | None = None

    def begin(self, kind: str, attrs: dict[str, str]) -> None:
        """Note an element outside of rows."""
        if kind == "conditionalFormatting":
            self.within, self._ranges = True, attrs.get("sqref", "")
            self._rules, self._hiding, self._struck = [], [], []
        elif not self.within:
            return
        elif kind == "cfRule":
            self._rules.append((attrs, []))
            look = attrs.get("dxfId", "").strip()
            self._hiding.append(look in self._looks)
            self._struck.append(look in self._striking)
        elif kind in _CONDITIONS or kind == "sqref":
            self._text = []
        elif kind == "dxf":
            self._look = DifferentialLook()
        elif self._look:
            self._look.take(kind, attrs)
        elif kind in ("dataBar", "iconSet") and self._hiding:
            self._hiding[-1] |= not is_true(attrs.get("showValue", "1"))

    def text(self, data: str) -> None:
        """Keep a part of a formula or of the ranges."""
        if self._text is not None:
            self._text.append(data)

    def end(self, kind: str) -> None:
        """Note the end of an element within."""
        if kind in _CONDITIONS and self._text is not None and self._rules:
            self._rules[-1][1].append("".join(self._text).strip())
        elif kind == "sqref" and self._text is not None:
            self._ranges = "".join(self._text)
        elif kind == "dxf" and self._look and self._hiding:
            self._hiding[-1] |= self._look.hides
            self._struck[-1] |= self._look.strikes
            self._look = None
        elif kind == "conditionalFormatting":
            self.within = False
            self._keep()
        self._text = None if kind in _CONDITIONS or kind == "sqref" else self._text

    def _keep(self) -> None:
        for (attrs, formulas), hides, struck in zip(self._rules, self._hiding, self._struck, strict=True):
            operands = (attrs["text"],) if "text" in attrs else tuple(formulas)
            kind, sign = attrs.get("type", ""), attrs.get("operator", "")
            for one in self._ranges.split() if hides or struck else ():
                keep_rule(self._found, HidingRule(kind, sign, operands, range_of(one), not hides))


def keep_rule(found: list[HidingRule], rule: HidingRule) -> None:
    """Add a rule to those found; past the most that are kept the last one says that any cell may be hidden."""
    if len(found) < MOST_RULES:
        found.append(rule)
    else:
        found[-1] = HidingRule("", "", (), EVERYWHERE)


def range_of(address: str) -> Range:
    """Return the cells of an address such as `D8:D10`, of a whole column or row too; every cell for what is none.

    >>> range_of("$D$8:D10"), range_of("D:E"), range_of("B2")
    ((7, 3, 9, 3), (0, 3, 1048575, 4), (1, 1, 1, 1))
    """
    first, _, last = address.replace("$", "").partition(":")
    try:
        if first.isalpha() and last.isalpha():
            return 0, column_of(f"{first}1")[1], _LAST, column_of(f"{last}1")[1]
        if first.isdigit() and last.isdigit():
            return int(first) - 1, 0, int(last) - 1, EVERYWHERE[3]
        (top, left), (bottom, right) = column_of(first), column_of(last or first)
    except ValueError:
        return EVERYWHERE
    return top - 1, left, bottom - 1, right
