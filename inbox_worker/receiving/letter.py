"""The record of a letter as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inbox_worker.core.model import Attachment, Finding


@dataclass(frozen=True)
class Message:
    """The parts read out of an e-mail's raw bytes. `rows`: of a table that stands in its text."""

    senders: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    references: tuple[str, ...]
    received_at: datetime | None  # topmost Received header; never the Date header
    attachments: tuple[Attachment, ...]
    headers: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
