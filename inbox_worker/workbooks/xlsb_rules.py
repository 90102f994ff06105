"""Rules of conditional formatting of an .xlsb that hide cells or strike them out ([MS-XLSB] 2.4.22 and 2.4.355)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Set

from inbox_worker.workbooks.cell_values import Range
from inbox_worker.workbooks.hiding_rules import EVERYWHERE, DifferentialLook, HidingRule, keep_rule

RULES = _RANGES, _RULE = 461, 463
LOOK = 507
_PATTERN, _FRONT, _BACK, _COLOUR, _STRUCK, _CODE = 0, 1, 2, 5, 0x1D, 0x26
_SOLID = 1
_MOST_RANGES = 1_000


class BinaryRules:
    """Take the records of a sheet that tell of rules. `found`: where those go that hide or strike out; `hiding`,
    `striking`: numbers of the looks that do. Conditions are formulas in a code of their own: where one holds is not
    worked out."""

    def __init__(self, found: list[HidingRule], hiding: Set[str], striking: Set[str]) -> None:
        self._found, self._hiding, self._striking = found, hiding, striking
        self._ranges: list[Range] = []

    def take(self, kind: int, body: bytes) -> None:
        """Take one record of those that tell of rules (`RULES`)."""
        if kind == _RANGES:
            self._ranges = _read_ranges(body)
        elif kind == _RULE and len(body) >= 12:
            look = str(struct.unpack_from("<i", body, 8)[0])
            hides = look in self._hiding
            for one in self._ranges if hides or look in self._striking else ():
                keep_rule(self._found, HidingRule("", "", (), one, not hides))


def _read_ranges(body: bytes) -> list[Range]:
    count = struct.unpack_from("<I", body, 8)[0] if len(body) >= 12 else 0
    if not 0 < count <= _MOST_RANGES or len(body) < 12 + 16 * count:
        return [EVERYWHERE]
    cells = (struct.unpack_from("<4I", body, 12 + 16 * at) for at in range(count))
    return [(top, left, bottom, right) for top, bottom, left, right in cells]


def read_look(body: bytes, colour: Callable[[bytes], Mapping[str, str]]) -> tuple[bool, bool]:
    """Return whether a look hides a cell, and whether it strikes it out; one that is cut may hide."""
    taken, at = DifferentialLook(), 6
    try:
        for _ in range(struct.unpack_from("<H", body, 4)[0]):
            kind, size = struct.unpack_from("<2H", body, at)
            _take(taken, kind, body[at + 4 : at + size], colour)
            at += max(size, 4)
    except (struct.error, IndexError):
        return True, False
    return taken.hides, taken.strikes


def _take(taken: DifferentialLook, kind: int, value: bytes, colour: Callable[[bytes], Mapping[str, str]]) -> None:
    if kind == _PATTERN:
        taken.take("patternFill", {"patternType": "solid" if value[0] == _SOLID else "pattern"})
    elif kind in (_FRONT, _BACK) and (said := colour(value)):
        taken.take("fgColor" if kind == _FRONT else "bgColor", said)
    elif kind == _COLOUR:
        taken.take("color", colour(value))
    elif kind == _STRUCK:
        taken.take("strike", {"val": str(value[0])})
    elif kind == _CODE:
        count = struct.unpack_from("<H", value, 2)[0]
        taken.take("numFmt", {"formatCode": value[4 : 4 + 2 * count].decode("utf-16-le", "replace")})
