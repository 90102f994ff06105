"""The workbooks of a closed month in a process of its own; prints seconds, peak memory and files as JSON.

`python -m bench.papers_once HOME [THREADS]`; without THREADS as config.yaml says.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from bench.measure import peak_memory, timed
from bench.papers import KINDS
from bench.towns import AFTER, CLOSED
from inbox_worker.deciding.open_office import open_office
from inbox_worker.month.office import lock_for_writing
from inbox_worker.outbox.publish import render_documents
from inbox_worker.settings.home import load_home

ROWS_AT_ONCE = 20_000  # both towns are larger than one range of accounts


def main() -> None:
    """Prints one JSON object of numbers."""
    home = load_home(Path(sys.argv[1]))
    more = {"threads": int(sys.argv[2])} if sys.argv[2:] else {}
    ledger = home.config.ledger.model_copy(update={"rows_at_once": ROWS_AT_ONCE, **more})
    home = replace(home, config=home.config.model_copy(update={"ledger": ledger}))
    written: list[Path] = []
    with lock_for_writing(home), open_office(home) as office:
        seconds = timed(lambda: written.extend(render_documents(office, CLOSED, KINDS, "", AFTER)))
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": peak_memory(), "files": len(written)}))


if __name__ == "__main__":
    main()
