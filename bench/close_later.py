"""Later months: does a close cost what its own changes cost, or does it grow with history, or with penalties? And what
does a line cost in time, memory and disk (docs/scale.md)?"""

from __future__ import annotations

from pathlib import Path

from bench.measure import MIB, Result, in_fresh_process
from bench.towns import make_town

MOST_GROWTH = 1.2  # month 13 beside month 2
MOST_BY_PENALTY = 2.0  # a month with a notice on every line beside one without


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


def close_penalty(folder: Path, quick: bool) -> Result:
    """The fourth month of a town that lives, with a notice of penalty on every line and without (4.1.6). Target: at
    most twice the processor time."""
    count, months = (200, 3) if quick else (10_000, 4)
    found = {}
    for name, more in (("without", []), ("penalty", ["penalty"])):
        home = folder / name
        make_town(home, count)
        found[name] = in_fresh_process("bench.living", [str(home), str(count), str(months), *more])[str(months)]
    ratio = found["penalty"] / found["without"]
    return Result(
        "close_penalty",
        (
            f"{count} accounts x 10 services, month {months}, processor seconds of a close",
            f"without {found['without']:.2f} s, a notice on every line {found['penalty']:.2f} s",
            f"{ratio:.2f} x (target: at most {MOST_BY_PENALTY:g} x)",
        ),
        met=ratio <= MOST_BY_PENALTY,
    )


def scale(folder: Path, quick: bool) -> Result:
    """What docs/scale.md counts with, only when asked for by name: two months of a town of 1 M lines, where the whole
    town is computed at once, and of one of 3 M, in ranges."""
    return _sizes("scale", folder, *((200, 300) if quick else (100_000, 300_000)))


def country(folder: Path, quick: bool) -> Result:
    """A country, only when asked for by name: two months of 6 M accounts, 60 M lines. Takes ten minutes, 6 GB."""
    return _sizes("country", folder, 300 if quick else 6_000_000)


def _sizes(name: str, folder: Path, *counts: int) -> Result:
    said: list[str] = []
    for count in counts:
        home, lines = folder / str(count), 10 * count
        make_town(home, count)
        found = in_fresh_process("bench.living", [str(home), str(count), "2"])
        facts, closes = _size(home / "ledger" / "facts"), _size(home / "ledger" / "closes")
        said += [
            f"{lines} lines: processor seconds of month 1 {found['1']:.1f}, of month 2 {found['2']:.1f}; "
            f"peak memory {found['peak'] / MIB:.0f} MiB",
            f"  by the clock: month 1 {found['clock 1']:.1f}, month 2 {found['clock 2']:.1f}",
            f"  bytes a line on disk: {facts / lines:.0f} of both months' facts, {closes / lines / 2:.0f} of a close",
        ]
    return Result(name, tuple(said))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
