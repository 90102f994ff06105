"""A month of banks in a process of its own: `python -m bench.banks_once HOME REGISTERS` prints seconds of processor
time of each step, and the peak memory of both processes, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.measure import peak_memory, processor, reader_seconds
from bench.registers import LOADED
from inbox_worker.cli.support import collect_seldom
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.open_office import open_office
from inbox_worker.month.distributing import distribute
from inbox_worker.month.office import Office, lock_for_writing
from inbox_worker.month.places import find_places
from inbox_worker.outbox.publish_orders import put_up_orders
from inbox_worker.outbox.publish_statements import put_up_statements
from inbox_worker.receiving.store import Incoming
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader


def main() -> None:
    """Prints one JSON object of numbers."""
    folder, registers = map(Path, sys.argv[1:])
    collect_seldom()
    home = load_home(folder)
    with lock_for_writing(home), open_office(home) as office, CellReader(office.rules.limits) as reader:
        found = {"load": _load(office, reader, registers)}
        found["peak"] = peak_memory(reader.pid or "self")
        found["distribute"] = processor(lambda: distribute(office, LOADED))
        found["statements"] = processor(lambda: put_up_statements(office, LOADED))
        found["orders"] = processor(lambda: put_up_orders(office, LOADED))
        found["places"] = processor(lambda: _prove(office))
        found["orders_made"] = len(office.journal.transfers.orders())
        found["peak"] += peak_memory()
    sys.stdout.write(json.dumps(found))


def _load(office: Office, reader: CellReader, registers: Path) -> float:
    """Load every register; return seconds of both processes."""
    pipeline = Pipeline(office, reader)
    seconds, before = 0.0, reader_seconds(reader.pid)
    for path in sorted(registers.iterdir()):
        data = path.read_bytes()
        seconds += processor(lambda data=data, path=path: pipeline.ingest(Incoming(data, path.name, "load", LOADED)))  # type: ignore[misc]
    posted = [form.rows_posted for form in office.journal.submissions.all() if form.form == "bank_register"]
    if not all(posted):
        raise RuntimeError("a register of the bench was not posted")
    return seconds + reader_seconds(reader.pid) - before


def _prove(office: Office) -> None:
    if lost := find_places(office).lost:
        raise RuntimeError(f"{lost} tenge are in no place")


if __name__ == "__main__":
    main()
