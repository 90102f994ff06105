"""Forms: a large one against bare reading, small ones a second."""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from bench.measure import MIB, Result, in_fresh_process, reader_seconds
from bench.samples import RECEIVED, customers, fill_home, letter, metered_lines, readings_form
from inbox_worker.core.model import Arrival
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.open_office import open_office
from inbox_worker.deciding.take_in import take_in
from inbox_worker.month.office import lock_for_writing
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader

MOST_TIMES = 3.0
LEAST_PANDAS, LEAST_FRICTIONLESS = 3.0, 8.0
MOST_MEMORY = 1024 * MIB
LEAST_A_SECOND = 45.0


def form_100k(folder: Path, quick: bool) -> Result:
    """A form of 100 000 readings, from raw bytes to committed facts, against bare python-calamine, against
    pandas that reads it with openpyxl, and against frictionless that validates its columns (`one_form`).

    Every run has a fresh home and a fresh process. Target: at most 3 times bare reading, under 1 GiB, at least 3 times
    faster than pandas and 8 times than frictionless (once each: they are slow and far off).
    """
    rows, runs = (10_000, 1) if quick else (100_000, 3)
    big, small = customers(2)
    lines, few = metered_lines(rows), metered_lines(10, rows)
    fill_home(folder / "home", {big: lines, small: few})
    form, warm = folder / "form.xlsx", folder / "warm.xlsx"
    with open_office(load_home(folder / "home")) as office:
        form.write_bytes(readings_form(office, big, lines))
        warm.write_bytes(readings_form(office, small, few))
    bare, ours = [], []
    for run in range(runs):
        bare.append(in_fresh_process("bench.one_form", ["bare", str(form)]))
        home = folder / f"home-{run}"
        shutil.copytree(folder / "home", home)
        ours.append(in_fresh_process("bench.one_form", ["ours", str(home), str(form), str(warm)]))
    if any(run["posted"] != rows for run in ours):
        raise RuntimeError(f"the bench's form of {rows} rows was not posted whole: {ours}")
    others = {name: in_fresh_process("bench.one_form", [name, str(form)]) for name in ("pandas", "frictionless")}
    if any(run["rows"] < rows for run in others.values()):
        raise RuntimeError(f"the bench's form of {rows} rows was not read whole: {others}")
    return _told(form, rows, bare, ours, others)


def _told(
    form: Path,
    rows: int,
    bare: list[dict[str, float]],
    ours: list[dict[str, float]],
    others: dict[str, dict[str, float]],
) -> Result:
    least, took = median(run["seconds"] for run in bare), median(run["seconds"] for run in ours)
    memory = max(run["memory"] for run in ours)
    reader = max(run["reader_memory"] for run in ours)
    pandas, frictionless = (others[name]["seconds"] for name in ("pandas", "frictionless"))
    met = took <= MOST_TIMES * least and memory + reader < MOST_MEMORY
    met = met and pandas >= LEAST_PANDAS * took and frictionless >= LEAST_FRICTIONLESS * took
    return Result(
        "form_100k",
        (
            f"{rows} rows, {form.stat().st_size / MIB:.1f} MiB xlsx, median of {len(ours)}",
            f"bare calamine to lists   {least:6.2f} s  (peak {bare[0]['memory'] / MIB:.0f} MiB)",
            f"read, checked, posted    {took:6.2f} s  = {took / least:.2f} x bare (target: at most {MOST_TIMES:g} x)",
            f"pandas with openpyxl     {pandas:6.2f} s  = {pandas / took:.1f} x ours, reading alone "
            f"(target: at least {LEAST_PANDAS:g} x)",
            f"frictionless             {frictionless:6.2f} s  = {frictionless / took:.1f} x ours (target: at least "
            f"{LEAST_FRICTIONLESS:g} x)",
            "    frictionless checks what it can say of our rules: types, required values, accounts of digits, known "
            "services, no reading below zero, no key twice; not: lines of the directory, last values, spikes",
            f"peak memory              {memory / MIB:6.0f} MiB + reader {reader / MIB:.0f} MiB "
            f"(target: under {MOST_MEMORY / MIB:.0f} MiB together)",
        ),
        met,
    )


def small_forms(folder: Path, quick: bool) -> Result:
    """E-mails with a form of ten rows each, in a folder, from raw bytes to committed decisions as `ingest` takes them;
    the first ones, with which the reading process starts, are not timed. Target: 45 a second."""
    first, count = 20, 20 if quick else 400
    members = customers(20)
    lines = {c: metered_lines(300, 300 * place) for place, c in enumerate(members)}
    fill_home(folder / "home", lines)
    home = load_home(folder / "home")
    files = []
    with (
        lock_for_writing(home),
        open_office(home) as office,
        CellReader(office.rules.limits) as reader,
    ):
        for number in range(first + count):
            customer, start = members[number % 20], 10 * (number // 20)
            form = readings_form(office, customer, lines[customer][start : start + 10], start)
            files.append(folder / f"letter-{number:04d}.eml")
            files[-1].write_bytes(letter(customer, f"letter-{number}", form))
        pipeline = Pipeline(office, reader)

        def taken(part: list[Path]) -> list[Arrival]:
            return [take_in(pipeline, file, "bigoperators", RECEIVED, "", RECEIVED) for file in part]

        taken(files[:first])
        child = reader_seconds(reader.pid)
        begun, used = perf_counter(), process_time()
        arrivals = taken(files[first:])
        seconds, used = perf_counter() - begun, process_time() - used
        child = reader_seconds(reader.pid) - child
    posted = sum(a.outcome is not None and a.outcome.posted for a in arrivals)
    if posted != count:
        raise RuntimeError(f"{count - posted} of the bench's {count} letters were not posted")
    return Result(
        "small_forms",
        (
            f"{count} e-mails with a form of 10 rows: {count / seconds:.1f} a second, "
            f"{1000 * seconds / count:.0f} ms each, every decision durable "
            f"(target: at least {LEAST_A_SECOND:g} a second)",
            f"processor time of each: {1000 * used / count:.1f} ms, and {1000 * child / count:.1f} ms of the reader",
        ),
        count / seconds >= LEAST_A_SECOND,
    )
