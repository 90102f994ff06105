"""Values of an .ods: numbers, dates, durations and truth values as OpenDocument writes them."""

from __future__ import annotations

import datetime
import re
from typing import Any

from inbox_worker.workbooks.cell_values import DATE, DATETIME, DAY, NUMBER, PERCENT, TIME, Cell

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
