"""Shared strings of an .xlsb whose parts look otherwise ([MS-XLSB] 2.4.821 BrtSSTItem, 2.5.122 RichStr)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from inbox_worker.workbooks.rich_texts import Runs, StringLooks

_ITEM, _RICH = 19, 0x01
_RUN = struct.Struct("<2H")  # where it begins, and with which font


def read_string_looks(records: Iterable[tuple[int, bytes]], fonts: Sequence[tuple[bool, bool]]) -> StringLooks:
    """Return the looks of the shared strings. `fonts`: whether each strikes out, and raises. Of one whose runs are cut
    a part may be struck out: it is asked about."""
    looks, number = StringLooks(), -1
    for kind, body in records:
        number += kind == _ITEM
        if kind == _ITEM and body[:1] and body[0] & _RICH:
            try:
                looks.put(number, _read_runs(body, fonts))
            except struct.error:
                looks.parted.add(number)
    return looks


def _read_runs(body: bytes, fonts: Sequence[tuple[bool, bool]]) -> Runs:
    """Return the runs of one text; what stands before the first one has the cell's own font."""
    (length,) = struct.unpack_from("<I", body, 1)
    end = 5 + 2 * length
    text = body[5:end].decode("utf-16-le", "replace")
    (count,) = struct.unpack_from("<I", body, end)
    parts = [(0, -1), *(_RUN.unpack_from(body, end + 4 + _RUN.size * place) for place in range(count))]
    runs = Runs()
    for (first, font), (after, _) in zip(parts, [*parts[1:], (len(text), 0)], strict=True):
        runs.turn(*(fonts[font] if 0 <= font < len(fonts) else (False, False)))
        runs.take(text[first:after])
    return runs
