"""One run of a large form in a process of its own; prints seconds and peak memory as JSON.

`python -m bench.one_form bare FILE`: python-calamine to Python lists and nothing else.
`python -m bench.one_form ours HOME FILE WARM`: through the pipeline, from raw bytes to the committed decision.
`python -m bench.one_form pandas FILE`: pandas.read_excel with openpyxl, and nothing else.
`python -m bench.one_form frictionless FILE`: the same columns validated, with those of our rules that it can say.
`WARM` is a small form of another Customer, taken in before: a service is warm when a form comes.
"""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time

from bench.measure import peak_memory

TYPES = ("string", "string", "string", "number", "number", "date")  # account, service, meter, two values, day
ACCOUNT, SERVICE, KEY = 0, 1, 3  # account, service and meter are the key
OPTIONAL, READING = 3, 4  # `Предыдущее`, `Текущее`


def bare(file: Path) -> dict[str, float]:
    """The least that reading the workbook costs."""
    from python_calamine import load_workbook

    data = file.read_bytes()
    start, cpu = perf_counter(), process_time()
    with load_workbook(BytesIO(data)) as book:
        rows = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    seconds, cpu = perf_counter() - start, process_time() - cpu
    return {"seconds": seconds, "cpu": cpu, "memory": peak_memory(), "rows": sum(map(len, rows))}


def ours(folder: Path, file: Path, warm: Path) -> dict[str, float]:
    """Arrival stored, read, checked, decided, facts committed."""
    from bench.samples import RECEIVED
    from inbox_worker.deciding.arrivals import Pipeline
    from inbox_worker.deciding.open_office import open_office
    from inbox_worker.month.office import lock_for_writing
    from inbox_worker.receiving.store import Incoming
    from inbox_worker.settings.home import load_home
    from inbox_worker.workbooks.cells import CellReader

    home = load_home(folder)
    with lock_for_writing(home), open_office(home) as office, CellReader(office.rules.limits) as reader:
        pipeline = Pipeline(office, reader)
        pipeline.ingest(Incoming(warm.read_bytes(), warm.name, "bigoperators", RECEIVED))
        data = file.read_bytes()
        start = perf_counter()
        arrival = pipeline.ingest(Incoming(data, file.name, "bigoperators", RECEIVED))
        seconds = perf_counter() - start
        submission = office.journal.submissions.of_arrival(arrival.number)[0]
        child = peak_memory(reader.pid) if reader.pid else 0
        return {
            "seconds": seconds,
            "memory": peak_memory(),
            "reader_memory": child,
            "posted": submission.rows_posted,
        }


def pandas(file: Path) -> dict[str, float]:
    """What reading alone costs with pandas and openpyxl."""
    import openpyxl
    from pandas import read_excel

    assert openpyxl, "imported before the clock starts"
    data = file.read_bytes()
    start = perf_counter()
    frame = read_excel(BytesIO(data), engine="openpyxl")
    return {"seconds": perf_counter() - start, "memory": peak_memory(), "rows": len(frame)}


def frictionless(file: Path) -> dict[str, float]:
    """What validating the form's columns costs with frictionless: types, required values, and the rules of ours that
    its schema can say; each of them is checked by us, too."""
    from frictionless import Dialect, Resource, Schema, formats
    from python_calamine import load_workbook

    from inbox_worker.settings.home import shipped_path
    from inbox_worker.settings.rules import load_rules

    with load_workbook(BytesIO(file.read_bytes())) as book:
        rows = book.get_sheet_by_index(0).to_python()
    header = next(number for number, row in enumerate(rows, 1) if sum(cell != "" for cell in row) == len(TYPES))
    labels = rows[header - 1]
    services = [name for service in load_rules(shipped_path("rules")).services for name in (service.code, service.ru)]
    rules = {
        ACCOUNT: {"pattern": r"\d+"},
        SERVICE: {"enum": services},
        OPTIONAL: {"minimum": 0},
        READING: {"minimum": 0},
    }
    fields = [
        {"name": label, "type": kind, "constraints": {"required": place != OPTIONAL, **rules.get(place, {})}}
        for place, (label, kind) in enumerate(zip(labels, TYPES, strict=True))
    ]
    dialect = Dialect(header_rows=[header], controls=[formats.ExcelControl(sheet=1)])
    schema = Schema.from_descriptor({"fields": fields, "primaryKey": labels[:KEY]})
    start = perf_counter()
    report = Resource(path=file.name, basepath=str(file.parent), schema=schema, dialect=dialect).validate()
    seconds = perf_counter() - start
    if not report.valid:
        raise RuntimeError(f"frictionless finds faults in the bench's form: {report.flatten(['note'])[:3]}")
    return {"seconds": seconds, "memory": peak_memory(), "rows": report.tasks[0].stats["rows"]}


JOBS = {"bare": bare, "ours": ours, "pandas": pandas, "frictionless": frictionless}

if __name__ == "__main__":
    _, job, *places = sys.argv
    paths = [Path(place) for place in places]
    sys.stdout.write(json.dumps(JOBS[job](*paths)))
