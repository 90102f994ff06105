"""`ledger verify` over years: does it cost what the months cost, and the next run only what changed?"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from bench.measure import MIB, Result, in_fresh_process, timed
from bench.samples import customers
from bench.towns import CLOSED, SERVICES, make_town
from inbox_worker.core.model import Period

MOST_GROWTH = 1.3  # seconds a month of the longest beside the shortest
MOST_MEMORY = 1024  # MiB
LARGE = 100_000  # lines a month from which the targets by the clock count
MOST_CLOCK = 120.0  # seconds by the clock of a whole verify of the longest, large
MOST_TOLD = 1.0  # seconds by the clock of one `explain`, large
FIGURE = "Содержание дома!H8"  # the accrual of one account, as the sheet of its service shows it
MOST_AGAIN = 10.0  # processor seconds of a run that finds nothing new


def ledger_verify(folder: Path, quick: bool) -> Result:
    """A town of 1 000 accounts x 10 services that lives, 12 and 36 months closed. Targets: a month costs no more in the
    longer one, the next run takes at most 10 s, memory stays below 1 GiB."""
    return _over_years(folder, *((100, (2, 4)) if quick else (1_000, (12, 36))))


def ledger_years(folder: Path, quick: bool) -> Result:
    """The same with 10 000 accounts x 10 services, 36 months of 100 000 lines; only when asked for by name. Targets
    besides: `ledger verify --full` at most 120 s by the clock, `explain` of a figure at most 1 s."""
    return _over_years(folder, *((100, (2, 4)) if quick else (10_000, (12, 36))))


def _over_years(folder: Path, count: int, lengths: tuple[int, ...]) -> Result:
    """Close so many months of a town of so many accounts for each length, then verify and explain."""
    shown, costs, peaks, clock, again, told = [], [], [], 0.0, 0.0, 0.0
    for months in lengths:
        home = folder / f"months-{months}"
        make_town(home, count)
        in_fresh_process("bench.living", [str(home), str(count), str(months)])
        begun = perf_counter()
        full, peak, _ = _verify(home, "--full")
        clock = perf_counter() - begun
        _verify(home)
        again, _, said = _verify(home)
        told = _explain(home, CLOSED.plus(months - 1))
        costs.append(full / months)
        peaks.append(peak / MIB)
        read = f"{said['files_read']} files read, {len(said['closes_computed'])} closes computed"
        shown += [
            f"{months:2} months: {full:7.2f} s ({full / months:.2f} s a month), {clock:.2f} s by the clock",
            f"           again {again:.2f} s ({read}), explain of a figure {told:.2f} s by the clock",
        ]
    growth = costs[-1] / costs[0]
    large = count * len(SERVICES) >= LARGE
    return Result(
        "ledger_verify",
        (
            f"{count} accounts x 10 services, processor seconds of `ledger verify --full`, then of `ledger verify`",
            *shown,
            f"a month costs {growth:.2f} x that of the shorter one (target: at most {MOST_GROWTH:g} x)",
            f"peak memory {max(peaks):.0f} MiB (target: at most {MOST_MEMORY} MiB)",
        ),
        met=growth <= MOST_GROWTH
        and max(peaks) <= MOST_MEMORY
        and again <= MOST_AGAIN
        and (not large or (clock <= MOST_CLOCK and told <= MOST_TOLD)),
    )


def _explain(home: Path, month: Period) -> float:
    """Return seconds by the clock of `explain` of one figure as a whole command, the best of three: the accrual of one
    account's line in a turnover statement."""
    bin_ = customers(1)[0].bin
    _run(home, "documents", str(month), "--kind", "turnover", "--customer", bin_)
    document = next((home / "outbox" / "pending").rglob("*.xlsx"))
    return min(timed(lambda: _run(home, "explain", str(document), FIGURE)) for _ in range(3))


def _run(home: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "inbox_worker", "--home", str(home), *arguments]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _verify(home: Path, *options: str) -> tuple[float, float, dict[str, list[str]]]:
    """Return processor seconds of a run, the most memory of any child so far in bytes, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "inbox_worker", "--home", str(home), "ledger", "verify", "--json", *options]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    said = json.loads(ran.stdout)
    if found := [one for one in said["problems"] if not _is_made(one)]:
        raise AssertionError(found[0])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss * 1024.0, said


def _is_made(problem: dict[str, str]) -> bool:
    """Tell whether a problem is the bench's own: a town's facts came by no letter, its Customers by no register."""
    return problem["file"] == "archive/none" or problem["what"].startswith("says that customer")
