"""A file on disk -> an arrival: its mailbox, sender and receipt time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from inbox_worker.core.errors import is_environment_down
from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival, Finding, Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.preview import Preview, preview
from inbox_worker.deciding.tries import contained, reason_of
from inbox_worker.deciding.wording import word
from inbox_worker.ledger.arrivals import FAILED_CODE
from inbox_worker.receiving.message import parse_message

FAR_AHEAD = timedelta(days=3 * 365)  # a receipt later than that was written by a clock gone wrong


def take_in(
    pipeline: Pipeline, file: Path, mailbox: str, received_at: datetime | None, stated_sender: str, now: datetime
) -> Arrival:
    """Takes a file through the pipeline. An e-mail's receipt time is its topmost Received header, else now."""
    return pipeline.decide_or_set_aside(store_file(pipeline, file, mailbox, received_at, stated_sender, now))


def store_file(
    pipeline: Pipeline,
    file: Path,
    mailbox: str,
    received_at: datetime | None,
    stated_sender: str,
    now: datetime,
    place: str = "",
) -> Arrival:
    """Store a file as an arrival; `place` is where it is, when that is no path of this machine."""
    raw, moment = _bytes_and_receipt(file, received_at, now)
    return pipeline.store(raw, file.name, mailbox, moment, stated_sender, place or str(file.absolute()))


def look_at(
    pipeline: Pipeline, file: Path, mailbox: str, received_at: datetime | None, stated_sender: str, now: datetime
) -> Preview:
    """The same without a trace: what would become of the file."""
    raw, moment = _bytes_and_receipt(file, received_at, now)
    faults: list[Exception] = []
    with contained(faults):
        return preview(pipeline.forms, raw, file.name, mailbox, moment, stated_sender)
    if is_environment_down(faults[0]):
        raise faults[0]
    why = reason_of(faults[0])
    shown = Arrival(0, sha256(raw), mailbox, file.name, moment, stated_sender, "", outcome=Outcome.FAILED, why=why)
    finding = word(Finding(FAILED_CODE, value=why, facts={"number": "—"}), pipeline.office.rules)
    return Preview(shown, (finding,), ())


def in_load_order(pipeline: Pipeline, files: Sequence[Path]) -> list[Path]:
    """Registers given together are taken customers first, then the directory, then banks' registers (11, 4.1.16)."""
    if len(files) < 2:
        return list(files)
    order = {"customers": 0, "directory": 1}
    forms = []
    for file in files:
        faults: list[Exception] = []  # whatever they are, the file meets them again when its turn comes
        with contained(faults):
            forms.append(pipeline.forms.form_of(file.read_bytes(), file.name))
        forms += [""] * len(faults)
    ranked = sorted(range(len(files)), key=lambda place: (order.get(forms[place], 2), place))
    return [files[place] for place in ranked]


def _bytes_and_receipt(file: Path, received_at: datetime | None, now: datetime) -> tuple[bytes, datetime]:
    raw = file.read_bytes()
    return raw, received_at or _receipt(file, raw, now) or now


def _receipt(file: Path, raw: bytes, now: datetime) -> datetime | None:
    """The time our server wrote; None for one so far ahead that its clock was wrong: no sender is to blame for that.

    None, too, when a fault of ours keeps the letter from being read: its bytes must be stored all the same.
    """
    if file.suffix.casefold() != ".eml":
        return None
    told, faults = None, list[Exception]()
    with contained(faults):
        told = parse_message(raw).received_at
    return told if told and told < now + FAR_AHEAD else None
