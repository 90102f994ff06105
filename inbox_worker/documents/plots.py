"""Plots for the month's page, as SVG inside it: letters are drawn as curves, so no font is asked of the reader; the
same figures give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ticker import MaxNLocator

_FAMILIES = ["Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew"]
_STYLE: Any = {
    "svg.fonttype": "path",
    "svg.hashsalt": "inbox-worker",
    "font.family": _FAMILIES,
    "font.size": 8,
    "axes.unicode_minus": False,  # Noto Sans has no such sign
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8FA3B8",
}
COLOURS = {"accepted": "#3B7A57", "deferred": "#C9A227", "held": "#D9822B", "rejected": "#B03A2E",
           "quarantined": "#6C3483", "failed": "#1B1B1B", "duplicate": "#8FA3B8", "ignored": "#C9D2DC"}  # fmt: skip
SUM_COLOURS = ("#1F3A5F", "#3B7A57", "#B03A2E")


def stacked(counts: Mapping[str, Sequence[int]], ticks: Sequence[str], titles: Mapping[str, str], fonts: Path) -> str:
    """Bars one on another: `counts` and `titles` by outcome, a number for each of `ticks`."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(9, 2.8, fonts)
        bottom = [0] * len(ticks)
        for outcome, values in counts.items():
            axes.bar(range(len(ticks)), values, 0.75, bottom, color=COLOURS[outcome], label=titles[outcome])
            bottom = [low + value for low, value in zip(bottom, values, strict=True)]
        axes.set_xticks(range(len(ticks)), ticks)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        if counts:
            figure.legend(frameon=False, ncols=4, loc="outside upper left")
        return _svg(figure)


def side_by_side(names: Sequence[str], sums: Mapping[str, Sequence[float]], fonts: Path) -> str:
    """A bar for each of `sums` (title -> millions of tenge by name) beside another, names from top to bottom."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(9, 0.9 + 0.42 * max(len(names), 1), fonts)
        for place, ((title, values), colour) in enumerate(zip(sums.items(), SUM_COLOURS, strict=False)):
            height = 0.8 / max(len(sums), 1)
            axes.barh(
                [row + (place - 1) * height for row in range(len(names))], values, height, color=colour, label=title
            )
        axes.set_yticks(range(len(names)), [name if len(name) <= 34 else f"{name[:33]}…" for name in names],
                        parse_math=False)  # fmt: skip
        axes.invert_yaxis()
        axes.set_xlabel("млн тенге / млн теңге")
        axes.axvline(0, color="#8FA3B8", linewidth=0.6)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace(".", ","))
        axes.margins(y=0.02)
        figure.legend(frameon=False, ncols=3, loc="outside upper left")
        return _svg(figure)


def _figure(width: float, height: float, fonts: Path) -> tuple[Figure, Axes]:
    _use(fonts)
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


@lru_cache(maxsize=4)
def _use(fonts: Path) -> None:
    for file in sorted(fonts.glob("*.ttf")):
        fontManager.addfont(file)


def _svg(figure: Figure) -> str:
    target = StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    drawn = target.getvalue()
    return re.sub(r'(<svg [^>]*?)width="[^"]*pt" ', r"\1", drawn[drawn.index("<svg") :], count=1)
