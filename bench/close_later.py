"""Later months: does a close cost what its own changes cost, or does it grow with history?"""

from __future__ import annotations

from pathlib import Path

from bench.measure import MIB, Result, in_fresh_process
from bench.towns import make_town

MOST_GROWTH = 1.2  # month 13 beside month 2


def close_later(folder: Path, quick: bool) -> Result:
    """Months 1, 2 and 13 of a town of 10 000 accounts x 10 services that lives: readings, payments, estimates,
    corrections, recalculations every month. Target: month 13 takes at most 1.2 times month 2."""
    return later(folder, *((200, 3) if quick else (10_000, 13)))


def close_years(folder: Path, quick: bool) -> Result:
    """The same over three years; only when asked for by name."""
    return later(folder, *((200, 4) if quick else (10_000, 36)))


def later(folder: Path, count: int, months: int) -> Result:
    """A town of so many accounts, closed month by month in one process."""
    make_town(folder / "home", count)
    found = in_fresh_process("bench.living", [str(folder / "home"), str(count), str(months)])
    shown = [number for number in (1, 2, 3, 7, 13, 24, 36) if number <= months]
    growth = found[str(months)] / found["2"]
    return Result(
        "close_later",
        (
            f"{count} accounts x 10 services, processor seconds of each close",
            *(f"month {number:2}  {found[str(number)]:6.2f} s" for number in shown),
            f"month {months} takes {growth:.2f} x month 2 (target: at most {MOST_GROWTH:g} x)",
            f"peak memory {found['peak'] / MIB:.0f} MiB",
        ),
        met=growth <= MOST_GROWTH,
    )
