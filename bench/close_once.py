"""A town's month in a process of its own; prints its seconds, processor time and peak memory as JSON.

`python -m bench.close_once HOME`: closes the month.
`python -m bench.close_once HOME COPY`: reads the facts and the close of HOME and writes the close to COPY, no more.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time

import pyarrow.parquet as pq

from bench.measure import peak_memory, timed
from bench.towns import AFTER, CLOSED
from inbox_worker.deciding.open_office import open_office
from inbox_worker.month.months import close_month
from inbox_worker.month.office import lock_for_writing
from inbox_worker.settings.home import load_home


def main() -> None:
    """Prints one JSON object of numbers."""
    home, *copy = map(Path, sys.argv[1:])
    begun = process_time()
    seconds = timed(lambda: _copy(home, copy[0])) if copy else _close(home)
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": process_time() - begun, "peak": peak_memory()}))


def _close(folder: Path) -> float:
    home = load_home(folder)
    with lock_for_writing(home), open_office(home) as office:
        return timed(lambda: close_month(office, CLOSED, AFTER))


def _copy(folder: Path, target: Path) -> None:
    home = load_home(folder)
    target.mkdir()
    for file in (home.ledger / "facts").rglob("*.parquet"):
        pq.read_table(file)
    for file in (home.ledger / "closes" / str(CLOSED)).glob("*.parquet"):
        pq.write_table(pq.read_table(file), target / file.name, compression="zstd", compression_level=1)


if __name__ == "__main__":
    main()
