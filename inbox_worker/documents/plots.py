"""Bars on round scales, drawn as SVG by a template: the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

MOST_MARKS = 8  # steps of a scale
COLOURS = {  # each of a lightness of its own, neighbours far apart: they are told apart when printed in grey
    "accepted": "#2F6B4A", "deferred": "#EBD27A", "held": "#DB8A35", "rejected": "#8E1F17",
    "quarantined": "#C9ABE2", "failed": "#141414", "duplicate": "#6A8098", "ignored": "#F4F6F8",
}  # fmt: skip
SUM_COLOURS = ("#1F3A5F", "#6FA287", "#F5D0C9")


@dataclass(frozen=True)
class Bar:
    """One bar, or a piece of one; `begin` and `end` are parts of the scale, from 0 to 1."""

    title: str
    colour: str
    value: Decimal
    begin: float
    end: float


@dataclass(frozen=True)
class Plot:
    """Bars by the label they belong to, and the scale: its marks with their places, from 0 to 1."""

    bars: Sequence[tuple[str, Sequence[Bar]]]
    marks: Sequence[tuple[str, float]]
    zero: float
    legend: Sequence[tuple[str, str]]  # titles with their colours


def stack_bars(labels: Sequence[str], values: Mapping[str, Sequence[int]], colours: Sequence[str]) -> Plot:
    """Return bars one on another: `values` by title, a number for each label."""
    tops = [sum(column) for column in zip(*values.values(), strict=True)] or [0]
    scale = round_marks(Decimal(0), Decimal(max(tops)), Decimal(1))
    rows, bottoms = [list[Bar]() for _ in labels], [0] * len(labels)
    for (title, counts), colour in zip(values.items(), colours, strict=True):
        for place, count in enumerate(counts):
            begin, bottoms[place] = bottoms[place], bottoms[place] + count
            ends = _share(Decimal(begin), scale), _share(Decimal(bottoms[place]), scale)
            rows[place] += [Bar(title, colour, Decimal(count), *ends)] if count else []
    return _plot(labels, rows, scale, list(zip(values, colours, strict=True)))


def group_bars(labels: Sequence[str], values: Mapping[str, Sequence[Decimal]], colours: Sequence[str]) -> Plot:
    """Return bars one beside another: `values` by title, a number for each label."""
    numbers = [Decimal(0), *(value for column in values.values() for value in column)]
    scale = round_marks(min(numbers), max(numbers))
    zero = _share(Decimal(0), scale)
    rows = [
        [
            Bar(title, colour, column[place], *sorted((zero, _share(column[place], scale))))
            for (title, column), colour in zip(values.items(), colours, strict=True)
        ]
        for place in range(len(labels))
    ]
    return _plot(labels, rows, scale, list(zip(values, colours, strict=True)))


def round_marks(low: Decimal, high: Decimal, least: Decimal = Decimal(0)) -> list[Decimal]:
    """Return marks from at most `low` to at least `high`, 1, 2 or 5 times a power of ten apart, at least `least`.

    >>> [str(mark) for mark in round_marks(Decimal("-0.3"), Decimal("2.2"))]
    ['-0.5', '0.0', '0.5', '1.0', '1.5', '2.0', '2.5']
    """
    part = ((high - low) or Decimal(1)) / MOST_MARKS
    power = Decimal(1).scaleb(part.adjusted())
    step = max(least, next(power * times for times in (1, 2, 5, 10) if power * times >= part))
    first = int((low / step).to_integral_value(ROUND_FLOOR))
    last = int((high / step).to_integral_value(ROUND_CEILING))
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def _plot(
    labels: Sequence[str], rows: Sequence[Sequence[Bar]], scale: Sequence[Decimal], legend: Sequence[tuple[str, str]]
) -> Plot:
    marks = [(f"{mark:f}".replace(".", ","), _share(mark, scale)) for mark in scale]
    return Plot(list(zip(labels, rows, strict=True)), marks, _share(Decimal(0), scale), legend)


def _share(value: Decimal, scale: Sequence[Decimal]) -> float:
    return float((value - scale[0]) / (scale[-1] - scale[0]))
