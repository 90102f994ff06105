"""A moment of receipt that has not come yet: our mail server's clock is wrong, or the letter was made up (4.3.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from inbox_worker.core.model import Arrival, Finding
from inbox_worker.core.time import to_almaty
from inbox_worker.receiving.decoding import READ_ERRORS
from inbox_worker.receiving.headers import mend_headers, received_at
from inbox_worker.receiving.message import read_head

_TOLERANCE = timedelta(days=1)  # of a clock that is a little ahead, of a zone that is missing
_HEAD_LIMIT = 65_536
_LETTER = ".eml"


def doubt_receipt(arrival: Arrival, raw: bytes, now: datetime) -> tuple[Finding, ...]:
    """Return a warning for staff where what came was received at a moment that has not come, by the letter's own words
    or by those of who handed it in: the month hangs on it. It counts as received at the arrival's moment all the same.
    """
    stated = _read_stated(raw) if arrival.source.casefold().endswith(_LETTER) else None
    latest = max(filter(None, (stated, arrival.received_at)))
    if latest <= now + _TOLERANCE:
        return ()
    counted = f"{to_almaty(arrival.received_at):%d.%m.%Y %H:%M}"
    return (Finding("message.receipt_ahead", value=f"{to_almaty(latest):%d.%m.%Y %H:%M}", facts={"counted": counted}),)


def _read_stated(raw: bytes) -> datetime | None:
    """Return the moment of the letter's topmost Received header; None when it has none that can be read."""
    try:
        return received_at(read_head(mend_headers(raw[:_HEAD_LIMIT].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))))
    except READ_ERRORS:
        return None
