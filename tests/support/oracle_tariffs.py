"""By which tariff the slow accountant charges a line (money.md, Charges), and its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.support.oracle_facts import Tariff, TownLine

Steps = list[tuple[Fraction, Fraction]]  # over what of a month's threshold, tariff; the lowest first


@dataclass(frozen=True)
class StepPart:
    """What of a consumption falls to a step: it begins over `begins`."""

    begins: Fraction
    tariff: Fraction
    quantity: Fraction


def steps_of(line: TownLine, category: str | None, told: Iterable[Tariff], month: int, known: int) -> Steps:
    """The latest start wins, then a form before the directory, a house before none, a category before none. Rows of the
    winner's key and date are its steps. `category`: the line's in that month; `known`: what forms are known by then.
    """
    fits = (None, category)
    found: list[tuple[tuple[int, bool, bool, bool], Fraction, Tariff | None]] = [
        ((v.start, False, False, v.category is not None), v.tariff, None)
        for v in line.versions
        if v.start <= month and v.tariff is not None and v.category in fits
    ]
    forms = [
        form for form in told
        if (form.customer, form.service, form.base) == (*line.key[1:], line.base) and form.house in (None, line.house)
        and form.category in fits and form.month <= known and _applies_from(form) <= month
    ]  # fmt: skip
    for form in forms:
        if not form.over:
            rank = (form.start, True, form.house is not None, form.category is not None)
            found.append((rank, form.tariff, form))
    if not found:
        return [(Fraction(0), Fraction(0))]
    _, tariff, first = max(found, key=lambda one: one[0])
    further = [(form.over, form.tariff) for form in forms if first and form.over and form.table == first.table]
    return [(Fraction(0), tariff), *sorted(further)]


def _applies_from(form: Tariff) -> int:
    return max(form.start, form.month) if form.late else form.start


def parts_of(steps: Steps, quantity: Fraction, times: int) -> Sequence[StepPart]:
    """The quantity cut at the thresholds, each as many times; the last part has no end."""
    parts = []
    for place, (over, tariff) in enumerate(steps):
        upto = min(quantity, steps[place + 1][0] * times) if place + 1 < len(steps) else quantity
        if not place or upto > over * times:
            parts.append(StepPart(over * times, tariff, upto - over * times))
    return parts
