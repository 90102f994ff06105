"""`ledger verify` over years: does it cost what the months cost, and the next run only what changed?"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

from bench.measure import MIB, Result, in_fresh_process
from bench.towns import make_town

MOST_GROWTH = 1.3  # seconds a month of the longest beside the shortest
MOST_MEMORY = 1024  # MiB
MOST_AGAIN = 10.0  # processor seconds of a run that finds nothing new


def ledger_verify(folder: Path, quick: bool) -> Result:
    """A town of 1 000 accounts x 10 services that lives, 12 and 36 months closed. Targets: a month costs no more in the
    longer one, the next run takes at most 10 s, memory stays below 1 GiB."""
    count, lengths = (100, (2, 4)) if quick else (1_000, (12, 36))
    shown, costs, peaks, again = [], [], [], 0.0
    for months in lengths:
        home = folder / f"months-{months}"
        make_town(home, count)
        in_fresh_process("bench.living", [str(home), str(count), str(months)])
        full, peak, _ = _verify(home, "--full")
        _verify(home)
        again, _, said = _verify(home)
        costs.append(full / months)
        peaks.append(peak / MIB)
        read = f"{said['files_read']} files read, {len(said['closes_computed'])} closes computed"
        shown.append(f"{months:2} months: {full:7.2f} s ({full / months:.2f} s a month), again {again:.2f} s ({read})")
    growth = costs[-1] / costs[0]
    return Result(
        "ledger_verify",
        (
            f"{count} accounts x 10 services, processor seconds of `ledger verify --full`, then of `ledger verify`",
            *shown,
            f"a month costs {growth:.2f} x that of the shorter one (target: at most {MOST_GROWTH:g} x)",
            f"peak memory {max(peaks):.0f} MiB (target: at most {MOST_MEMORY} MiB)",
        ),
        met=growth <= MOST_GROWTH and max(peaks) <= MOST_MEMORY and again <= MOST_AGAIN,
    )


def _verify(home: Path, *options: str) -> tuple[float, float, dict[str, list[str]]]:
    """Return processor seconds of a run, the most memory of any child so far in bytes, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "inbox_worker", "--home", str(home), "ledger", "verify", "--json", *options]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    said = json.loads(ran.stdout)
    if found := [one for one in said["problems"] if one["file"] != "archive/none"]:  # a town's facts came by no letter
        raise AssertionError(found[0])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss * 1024.0, said
