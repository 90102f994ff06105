"""The sender of this home: who carries letters out, if anybody does."""

from __future__ import annotations

from inbox_worker.context import Office
from inbox_worker.delivering import Sender


def sender_of(office: Office) -> Sender | None:
    """None where no mail server is configured: documents then wait, or go into the exchange folder."""
    return None
