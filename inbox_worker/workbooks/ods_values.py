"""Values of an .ods: numbers, dates, durations and truth values as OpenDocument writes them."""

from __future__ import annotations

import datetime
import re
from typing import Any

from inbox_worker.workbooks.cell_values import DATE, DATETIME, DAY, NUMBER, PERCENT, TIME, Cell
from inbox_worker.workbooks.markup import BROKEN_MARKUP, attribute, local, reader
from inbox_worker.workbooks.unseen_text import LEAST_SIZE, UnseenText
from inbox_worker.workbooks.xlsx_parts import Parts

_NO_SIZE = re.compile(r"0*(?:\.0*)?(?:[a-z]+|%)?(?<=[0.a-z])", re.IGNORECASE)
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")


def is_zero(value: Any) -> bool:
    number = value.number if isinstance(value, Cell) and value.kind in (NUMBER, PERCENT) else value
    return type(number) is float and number == 0


def typed_value(kind: str, said: dict[str, str]) -> Any:
    """Return the value of a number, date, time or truth value; None when it is not there."""
    if kind == "boolean":
        return said["boolean-value"].strip() == "true" if said.get("boolean-value") else None
    if kind == "date":
        return _date(said.get("date-value", "").strip())
    if kind == "time":
        return _time(said.get("time-value", "").strip())
    if not said.get("value", "").strip():
        return None
    number = float(said["value"])
    return Cell(PERCENT, float(f"{number * 100:.15g}"), "0%") if kind == "percentage" else number


def _date(text: str) -> Cell | None:
    if not text:
        return None
    moment = datetime.datetime.fromisoformat(text[:26].rstrip("Z"))
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return Cell(DATE if midnight else DATETIME, float(moment.toordinal()), "")


def _time(text: str) -> Cell | None:
    found = _DURATION.fullmatch(text)
    if not found or text in ("P", "PT", ""):
        return None
    sign, days, hours, minutes, seconds = found.groups()
    passed = datetime.timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=float((seconds or "0").replace(",", ".")),
    )
    return Cell(TIME, (-1 if sign else 1) * (passed / DAY), "")


KINDS = ("number-style", "currency-style", "percentage-style")
_RED = "#ff0000"
LINES = ("text-line-through-style", "text-line-through-type")
_LOOK = ("color", "use-window-font-color", "font-size", "background-color", *LINES)
_MOST_ABOVE = 20  # styles over each other
_POINTS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0, "pc": 12.0, "px": 0.75}
_LENGTH = re.compile(r"\s*(\d*\.?\d+)\s*([a-z]{2})\s*", re.IGNORECASE)


def is_flat(attrs: dict[str, str]) -> bool:
    """Return whether a style's rows or columns have next to no size: nobody sees what stands in them."""
    width, height = attribute(attrs, "column-width"), attribute(attrs, "row-height")
    return _NO_SIZE.fullmatch(width) is not None or _points(height, 11.0) <= LEAST_SIZE


def _points(length: str, other: float) -> float:
    """Return a length in points; `other` for what is none."""
    if _NO_SIZE.fullmatch(length):
        return 0.0
    found = _LENGTH.fullmatch(length)
    return float(found[1]) * _POINTS.get(found[2].casefold(), other) if found else other


def _colour(text: str) -> dict[str, str]:
    return {"rgb": text[1:]} if text.startswith("#") else {}


_MOST_BYTES = 8_000_000


class Formats:
    """Formats and the cell styles that use them, as they are met."""

    def __init__(self) -> None:
        self._format = ""  # the one that is being read
        self._red: set[str] = set()
        self._above: dict[str, str] = {}  # what shows the numbers that are not below zero
        self._of_style: dict[str, str] = {}
        self._looks: dict[str, dict[str, str]] = {}  # of cell styles: the one above them, colours, size
        self._looked: dict[str, bool] = {}
        self._struck: dict[str, bool] = {}
        self._red_texts: dict[str, bool] = {}
        self._look: dict[str, str] = {}
        self._style = ""
        self._shown: dict[str, str] = {}  # names of styles as people see them
        self.conditions: dict[str, list[tuple[str, str]]] = {}  # of cell styles, each with the style that it brings

    def begin(self, attrs: dict[str, str]) -> None:
        """Begin a format."""
        self._format = attribute(attrs, "name")

    def default_style(self, attrs: dict[str, str]) -> None:
        """Begin what is so where no style says anything."""
        self._format, self._style, self._look = "", "", {}

    def style(self, attrs: dict[str, str]) -> None:
        """Begin a style of cells, rows or columns."""
        self._format, self._style = "", attribute(attrs, "name")
        self._shown[attribute(attrs, "display-name")] = self._style
        self._look = self._looks[attribute(attrs, "name")] = {"above": attribute(attrs, "parent-style-name")}
        if used := attribute(attrs, "data-style-name"):
            self._of_style[attribute(attrs, "name")] = used

    def look(self, attrs: dict[str, str]) -> None:
        """Note the colours and the size of a style of cells."""
        if not self._format:
            self._look.update({local(name): value for name, value in attrs.items() if local(name) in _LOOK})

    def _name_of(self, style: str) -> str:
        """Return the name of a style that rules call as people see it."""
        return style if style in self._looks else self._shown.get(style, style)

    def strikes(self, style: str) -> bool:
        """Return whether a style, or the one above it, strikes a text out."""
        if style not in self._struck:
            said = self._said_of(self._name_of(style))
            self._struck[style] = any(said.get(line, "none") not in ("", "none") for line in LINES)
        return self._struck[style]

    def is_unseen(self, style: str) -> bool:
        """Return whether a text of that style has the colour of what is under it, or next to no size."""
        style = self._name_of(style)
        if style not in self._looked:
            said, seen = self._said_of(style), UnseenText()
            under = _colour(said.get("background-color", ""))
            automatic = said.get("use-window-font-color") == "true"
            seen.take_font(
                round(_points(said.get("font-size", ""), 11.0) * 20),
                {} if automatic else _colour(said.get("color", "")),
            )
            seen.take_fill(1 if under else 0, under)
            self._looked[style] = seen.is_unseen(0, 0)
        return self._looked[style]

    def is_red(self, style: str) -> bool:
        """Return whether a text of that style is red."""
        style = self._name_of(style)
        if style not in self._red_texts:
            said, seen = self._said_of(style), UnseenText()
            seen.take_font(0, {} if said.get("use-window-font-color") == "true" else _colour(said.get("color", "")))
            self._red_texts[style] = seen.is_red(0)
        return self._red_texts[style]

    def _said_of(self, style: str, depth: int = 0) -> dict[str, str]:
        """Return what a style says of its looks, with what the styles above it say."""
        own = self._looks.get(style, {})
        above = own.get("above", "")
        return {**(self._said_of(above, depth + 1) if above and depth < _MOST_ABOVE else {}), **own}

    def colour(self, attrs: dict[str, str]) -> None:
        """Note the colour of a format, or the look of a style; a cell's own colour says nothing about a sign."""
        self.look(attrs)
        if self._format and attribute(attrs, "color").casefold() == _RED:
            self._red.add(self._format)

    def condition(self, attrs: dict[str, str]) -> None:
        """Note the format of the other numbers, or the style that a condition of a cell brings."""
        if self._format:
            self._above[self._format] = attribute(attrs, "apply-style-name")
        elif self._style:
            brought = attribute(attrs, "condition"), attribute(attrs, "apply-style-name")
            self.conditions.setdefault(self._style, []).append(brought)

    def read(self, parts: Parts) -> None:
        """Take the formats of styles.xml; content.xml has its own."""
        if "styles.xml" not in parts or parts.size("styles.xml") > _MOST_BYTES:
            return
        acts = {**dict.fromkeys(KINDS, self.begin), "style": self.style, "text-properties": self.colour}
        acts |= {"map": self.condition, "default-style": self.default_style, "table-cell-properties": self.look}

        def start(name: str, attrs: dict[str, str]) -> None:
            if act := acts.get(local(name)):
                act(attrs)

        try:
            reader(start).Parse(parts.read("styles.xml"), True)
        except BROKEN_MARKUP:
            return  # calc opens the cells without it, too

    def tells_by_red(self, style: str) -> bool:
        """Return whether a cell style shows only what is below zero in red."""
        used = self._of_style.get(style, "")
        return used in self._red and used in self._above and self._above[used] not in self._red
