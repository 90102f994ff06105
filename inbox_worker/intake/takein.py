"""A file on disk -> an arrival: its mailbox, sender and receipt time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from inbox_worker.arrival.message import parse_message
from inbox_worker.model import Arrival
from inbox_worker.pipeline import Pipeline, Preview

FAR_AHEAD = timedelta(days=3 * 365)  # a receipt later than that was written by a clock gone wrong


def take_in(
    pipeline: Pipeline,
    file: Path,
    mailbox: str,
    received_at: datetime | None,
    stated_sender: str,
    now: datetime,
) -> Arrival:
    """Takes a file through the pipeline. An e-mail's receipt time is its topmost Received header, else now."""
    raw = file.read_bytes()
    moment = received_at or _receipt(file, raw, now) or now
    return pipeline.ingest(raw, file.name, mailbox, moment, stated_sender)


def look_at(
    pipeline: Pipeline,
    file: Path,
    mailbox: str,
    received_at: datetime | None,
    stated_sender: str,
    now: datetime,
) -> Preview:
    """The same without a trace: what would become of the file."""
    raw = file.read_bytes()
    moment = received_at or _receipt(file, raw, now) or now
    return pipeline.preview(raw, file.name, mailbox, moment, stated_sender)


def in_load_order(pipeline: Pipeline, files: Sequence[Path]) -> list[Path]:
    """Registers given together are taken customers first, then the directory, then banks' registers (11, 4.1.16)."""
    if len(files) < 2:
        return list(files)
    order = {"customers": 0, "directory": 1}
    forms = [pipeline.form_of(file.read_bytes(), file.name) for file in files]
    ranked = sorted(range(len(files)), key=lambda place: (order.get(forms[place], 2), place))
    return [files[place] for place in ranked]


def _receipt(file: Path, raw: bytes, now: datetime) -> datetime | None:
    """The time our server wrote; None for one so far ahead that its clock was wrong: no sender is to blame for that."""
    told = parse_message(raw).received_at if file.suffix.casefold() == ".eml" else None
    return told if told and told < now + FAR_AHEAD else None
