"""A file on disk -> an arrival: its mailbox, sender and receipt time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from inbox_worker.core.errors import collect_faults, is_environment_down, reason_of
from inbox_worker.core.files import read_file
from inbox_worker.core.model import Arrival, Finding, Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.preview import Preview, preview
from inbox_worker.deciding.wording import word
from inbox_worker.ledger.arrivals import FAILED_CODE
from inbox_worker.receiving.store import read_incoming


def take_in(
    pipeline: Pipeline, file: Path, mailbox: str, received_at: datetime | None, stated_sender: str, now: datetime
) -> Arrival:
    """Take a file through the pipeline. An e-mail's receipt time is its topmost Received header, else now."""
    return pipeline.ingest(read_incoming(file, mailbox, received_at, stated_sender, now))


def look_at(
    pipeline: Pipeline, file: Path, mailbox: str, received_at: datetime | None, stated_sender: str, now: datetime
) -> Preview:
    """Show what would become of a file, without a trace."""
    came = read_incoming(file, mailbox, received_at, stated_sender, now)
    faults: list[Exception] = []
    with collect_faults(faults):
        return preview(pipeline.forms, came)
    if is_environment_down(faults[0]):
        raise faults[0]
    why = reason_of(faults[0])
    shown = replace(came.as_arrival(), outcome=Outcome.FAILED, why=why)
    finding = word(Finding(FAILED_CODE, value=why, facts={"number": "—"}), pipeline.office.rules)
    return Preview(shown, (finding,), ())


def in_load_order(pipeline: Pipeline, files: Sequence[Path]) -> list[Path]:
    """Order registers given together: customers first, then the directory, then banks' registers (11, 4.1.16)."""
    if len(files) < 2:
        return list(files)
    order = {"customers": 0, "directory": 1}
    forms = []
    for file in files:
        faults: list[Exception] = []  # whatever they are, the file meets them again when its turn comes
        with collect_faults(faults):
            forms.append(pipeline.forms.form_of(read_file(file), file.name))
        forms += [""] * len(faults)
    ranked = sorted(range(len(files)), key=lambda place: (order.get(forms[place], 2), place))
    return [files[place] for place in ranked]
