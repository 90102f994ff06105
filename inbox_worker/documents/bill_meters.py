"""The meters of a bill: what each was read to, what it counted, and its last twelve months (7.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.documents.bill import BillLine, BillMeter, MeterMonth
from inbox_worker.documents.view import break_words, clean, show_bill_quantity, unit_words
from inbox_worker.settings.form_rules import METERED
from inbox_worker.settings.rules import Rules

MONTHS = 12
_TENTH = Decimal("0.1")
_TALL = 1000  # the highest bar
_WIDEST = 10  # letters of a number that its column takes in a line


def meter_rows(lines: Sequence[BillLine], month: Period, rules: Rules) -> Iterator[dict[str, Any]]:
    """Yield what the template shows of each meter, in the order of the bill's lines."""
    for line in lines:
        service = rules.service(line.service)
        unit_ru, unit_kk = unit_words(rules, METERED, service)
        for meter in line.meters:
            yield {
                "service_ru": service.ru,
                "service_kk": service.kk,
                "number": break_words(clean(meter.number), _WIDEST),
                "previous": _show(meter.previous),
                "previous_on": _show_day(meter.previous_on),
                "current": _show(meter.current),
                "current_on": _show_day(meter.current_on),
                "last": _last(meter),
                "used": show_bill_quantity(meter.used),
                "unit_ru": unit_ru,
                "unit_kk": unit_kk,
                "average": _average(meter.history, month),
                "estimated": meter.current is None,
                "removed": meter.removed,
                "bars": _bars(meter.history, month),
            }


def _show(value: Decimal | None) -> str:
    return "–" if value is None else show_bill_quantity(value)


def _show_day(day: date | None) -> str:
    return "" if day is None else f"{day:%d.%m.%y}"


def _last(meter: BillMeter) -> str:
    """Return the day and the value that the next reading is counted from."""
    value, day = (meter.previous, meter.previous_on) if meter.current is None else (meter.current, meter.current_on)
    return "" if value is None else f"{_show_day(day)}: {_show(value)}" if day else _show(value)


def _average(history: Sequence[MeterMonth], month: Period) -> str:
    """Return the mean of the months before this one that are shown; a dash where there is none. What was estimated is
    in the reading that came after it, and counts once."""
    before = [one for one in history if 0 < month.minus(Period.of(one.month)) < MONTHS]
    if not before:
        return "–"
    last = max((one.month for one in before if not one.estimated), default=None)
    used = sum((one.used for one in before if not one.estimated or last is None or one.month > last), Decimal(0))
    mean = used / len(before)
    return show_bill_quantity(mean.quantize(_TENTH, ROUND_HALF_UP))


def _bars(history: Sequence[MeterMonth], month: Period) -> list[dict[str, Any] | None]:
    """Return twelve bars, the oldest month first: the height in thousandths of the highest, and whether it is an
    estimate. None stands for a month that nothing is known of."""
    known = {month.minus(Period.of(one.month)): one for one in history}
    shown = [known.get(back) for back in range(MONTHS - 1, -1, -1)]
    most = max((one.used for one in shown if one), default=Decimal(0))
    return [None if one is None else _bar(one, most) for one in shown]


def _bar(month: MeterMonth, most: Decimal) -> dict[str, Any]:
    tall = int(max(month.used, Decimal(0)) * _TALL / most) if most > 0 else 0
    return {"tall": tall, "estimated": month.estimated}
