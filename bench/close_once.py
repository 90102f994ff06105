"""`python -m bench.close_once HOME`: closes a town's month in this fresh process; its seconds, CPU and memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time

from bench.measure import peak_memory, timed
from bench.towns import AFTER, CLOSED
from inbox_worker.config import load_home
from inbox_worker.context import open_office, writing


def main() -> None:
    """Prints one JSON object of numbers."""
    home = load_home(Path(sys.argv[1]))
    with writing(home), open_office(home) as office:
        begun = process_time()
        seconds = timed(lambda: office.months.close(CLOSED, AFTER))
        cpu = process_time() - begun
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak_memory()}))


if __name__ == "__main__":
    main()
