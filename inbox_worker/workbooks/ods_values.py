"""Values of an .ods: numbers, dates, durations and truth values as OpenDocument writes them."""

from __future__ import annotations

import datetime
import re
from typing import Any

from inbox_worker.workbooks.cell_values import DATE, DATETIME, DAY, NUMBER, PERCENT, TIME, Cell
from inbox_worker.workbooks.markup import BROKEN_MARKUP, attribute, local, reader
from inbox_worker.workbooks.xlsx_parts import Parts

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
_MOST_BYTES = 8_000_000


class Formats:
    """Formats and the cell styles that use them, as they are met."""

    def __init__(self) -> None:
        self._format = ""  # the one that is being read
        self._red: set[str] = set()
        self._above: dict[str, str] = {}  # what shows the numbers that are not below zero
        self._of_style: dict[str, str] = {}

    def begin(self, attrs: dict[str, str]) -> None:
        """Begin a format."""
        self._format = attribute(attrs, "name")

    def style(self, attrs: dict[str, str]) -> None:
        """Begin a style of cells, rows or columns."""
        self._format = ""
        if used := attribute(attrs, "data-style-name"):
            self._of_style[attribute(attrs, "name")] = used

    def colour(self, attrs: dict[str, str]) -> None:
        """Note the colour of a format; a cell's own colour says nothing about a sign."""
        if self._format and attribute(attrs, "color").casefold() == _RED:
            self._red.add(self._format)

    def condition(self, attrs: dict[str, str]) -> None:
        """Note the format of the other numbers."""
        if self._format:
            self._above[self._format] = attribute(attrs, "apply-style-name")

    def read(self, parts: Parts) -> None:
        """Take the formats of styles.xml; content.xml has its own."""
        if "styles.xml" not in parts or parts.size("styles.xml") > _MOST_BYTES:
            return
        acts = {**dict.fromkeys(KINDS, self.begin), "style": self.style, "text-properties": self.colour}
        acts["map"] = self.condition

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
