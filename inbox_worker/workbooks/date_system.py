"""The day that a workbook counts its dates from: 1900 as Excel does, or 1904 as old Excel for Macintosh did."""

from __future__ import annotations

import io
import re
import zipfile

from inbox_worker.workbooks.sniff import BROKEN

SHIFT_1904 = 1462  # days between both
_SWITCHED = re.compile(rb"""<(?:\w+:)?workbookPr\b[^<>]*\bdate1904\s*=\s*["'](?:1|true|on)["']""")
_NULL_DATE = re.compile(rb"""<table:null-date\b[^<>]*date-value\s*=\s*["']1904-01-01""")
_RECORD_1904 = b"\x22\x00\x02\x00\x01\x00"  # DATEMODE of .xls, among the workbook's first records
_LOOKED_AT = 4_000_000  # bytes of a part; the setting stands near its beginning


def date_shift(data: bytes) -> int:
    """Return days from the date system of 1900 to the workbook's own: 0 or SHIFT_1904."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return SHIFT_1904 if _RECORD_1904 in data[:_LOOKED_AT] else 0
    if not data.startswith(b"PK"):
        return 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                lowered = name.replace("\\", "/").lower()
                pattern = _SWITCHED if lowered.endswith("workbook.xml") else _NULL_DATE
                if lowered.endswith("workbook.xml") or lowered == "content.xml":
                    with archive.open(name) as part:
                        return SHIFT_1904 if pattern.search(part.read(_LOOKED_AT)) else 0
    except BROKEN:
        return 0  # the reader says what is wrong with it
    return 0
