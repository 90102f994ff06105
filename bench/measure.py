"""Measuring: what machine this is, medians, peak memory, work in a fresh process."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

LIBRARIES = (
    "duckdb",
    "frictionless",
    "openpyxl",
    "pandas",
    "pyarrow",
    "python-calamine",
    "docxtpl",
    "SQLAlchemy",
    "xlsxwriter",
)
MIB = 1024 * 1024


@dataclass(frozen=True)
class Result:
    """What a bench found: lines to print, and whether its target was met (True when it has none)."""

    name: str
    lines: tuple[str, ...]
    met: bool = True


def machine() -> list[str]:
    """Cores, memory, processor, python and the libraries that the numbers depend on."""
    cpu = next((v for k, v in _pairs(Path("/proc/cpuinfo")) if k == "model name"), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / MIB / 1024
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        f"machine: {len(os.sched_getaffinity(0))} cores, {memory:.1f} GiB, {cpu or 'processor unknown'}",
        f"load:    {os.getloadavg()[0]:.2f} (numbers of a busy machine mean little)",
        f"python:  {platform.python_version()}; {libraries}",
    ]


def timed(job: Callable[[], Any]) -> float:
    """Seconds that a job takes."""
    start = perf_counter()
    job()
    return perf_counter() - start


def processor(job: Callable[[], Any]) -> float:
    """Seconds of processor time that a job takes in this process: other programs on the machine count less."""
    start = process_time()
    job()
    return process_time() - start


def peak_memory(pid: int | str = "self") -> int:
    """The most memory a living process has held, in bytes.

    Not ru_maxrss: that begins with what the parent held when it started the process.
    """
    status = Path(f"/proc/{pid}/status")
    return int(next(v for k, v in _pairs(status) if k == "VmHWM").split()[0]) * 1024


def current_memory() -> int:
    """What this process holds now, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def reader_seconds(pid: int | None) -> float:
    """What the reading process `pid` and those before it have used of the processors, in seconds: it is renewed now and
    then, and one that has ended counts with the children."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] if pid else []
    return ended.ru_utime + ended.ru_stime + sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def in_fresh_process(module: str, arguments: Sequence[str]) -> dict[str, float]:
    """Runs `python -m module`, which prints one JSON object of numbers."""
    answer = subprocess.run([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def beside_asked(what: str, measured: float, asked: float, unit: str, at_least: bool = True) -> str:
    """One line: what is asked, what was measured, and whether that is met."""
    met = measured >= asked if at_least else measured <= asked
    bound = "at least" if at_least else "at most"
    return f"asked     {what}: {bound} {asked:,g} {unit}; measured {measured:,.1f}: {'met' if met else 'NOT MET'}"


def _pairs(path: Path) -> list[tuple[str, str]]:
    if not path.exists():
        return []
    lines = (line.partition(":") for line in path.read_text("utf-8").splitlines())
    return [(key.strip(), value.strip()) for key, _, value in lines]
