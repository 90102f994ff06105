"""Rules of conditional formatting of an .xls that hide cells ([MS-XLS] 2.4.56 CondFmt, 2.4.42 CF, 2.5.57 DXFN)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from inbox_worker.workbooks.cell_values import Range
from inbox_worker.workbooks.hiding_rules import EVERYWHERE, DifferentialLook, HidingRule, keep_rule

RULES = _RANGES, _RULE = 0x1B0, 0x1B1
_NUMBER, _FONT, _ALIGNED, _BORDER, _FILL = (1 << bit for bit in range(25, 30))
_FONT_SIZE, _ALIGNED_SIZE, _BORDER_SIZE = 118, 8, 8
_COLOUR_AT, _SOLID, _AUTOMATIC = 80, 1, 64
_LINES_AT, _LINES_KEPT_AT, _STRUCK = 68, 88, 0x80  # of a rule's font
_PATTERN_KEPT, _FRONT_KEPT, _BACK_KEPT = 1 << 16, 1 << 17, 1 << 18  # what the rule leaves as it is
_SIGNS = ("", "between", "notBetween", "=", "<>", ">", "<", ">=", "<=")
_WHOLE, _REAL, _MINUS = 0x1E, 0x1F, 0x13  # operands: PtgInt, PtgNum, PtgUminus


class RuleRecords:
    """Take the records of a sheet that tell of rules. `found`: where those go that hide; `colour`: what a place of the
    palette is, as .xlsx spells it."""

    def __init__(self, found: list[HidingRule], colour: Callable[[int], Mapping[str, str]]) -> None:
        self._found, self._colour = found, colour
        self._ranges: list[Range] = []

    def take(self, kind: int, body: bytes) -> None:
        """Take one record of those that tell of rules (`RULES`)."""
        if kind == _RANGES and len(body) >= 14:
            count = min(struct.unpack_from("<H", body, 12)[0], (len(body) - 14) // 8)
            cells = (struct.unpack_from("<4H", body, 14 + 8 * at) for at in range(count))
            self._ranges = [(top, left, bottom, right) for top, bottom, left, right in cells]
        elif kind == _RULE and len(body) >= 12:
            hides, struck = self._find_looks(body[6:])
            rule = _read_condition(body)
            for one in self._ranges if hides or struck else ():
                keep_rule(self._found, rule._replace(range=one, struck=not hides))

    def _find_looks(self, look: bytes) -> tuple[bool, bool]:
        """Return whether a rule's look hides a cell, and whether it strikes it out; a look that is cut may hide."""
        try:
            taken = self._take(look)
        except (struct.error, IndexError):
            return True, False
        return taken.hides, taken.strikes

    def _take(self, look: bytes) -> DifferentialLook:
        """Return what a rule's look says of number format, font and fill."""
        flags, own = struct.unpack_from("<IH", look)
        taken, at = DifferentialLook(), 6
        if flags & _NUMBER:
            size = struct.unpack_from("<H", look, at)[0] if own & 1 else 2
            taken.take("numFmt", {"formatCode": _format_code(look[at + 2 : at + size])})
            at += size
        if flags & _FONT:
            lines, kept = look[at + _LINES_AT], look[at + _LINES_KEPT_AT]
            taken.take("strike", {"val": str(int(bool(lines & _STRUCK and not kept & _STRUCK)))})
            place = struct.unpack_from("<i", look, at + _COLOUR_AT)[0]
            if place >= 0:
                taken.take("color", self._colour(place))
            at += _FONT_SIZE
        at += _ALIGNED_SIZE * bool(flags & _ALIGNED) + _BORDER_SIZE * bool(flags & _BORDER)
        if flags & _FILL:
            packed = struct.unpack_from("<I", look, at)[0]
            pattern, front, back = packed >> 10 & 0x3F, packed >> 16 & 0x7F, packed >> 23 & 0x7F
            solid = bool(flags & _PATTERN_KEPT) or pattern == _SOLID
            taken.take("patternFill", {"patternType": "solid" if solid else "pattern"})
            place, kept = (back, _BACK_KEPT) if not flags & _BACK_KEPT else (front, _FRONT_KEPT)
            if solid and not flags & kept and place < _AUTOMATIC:
                taken.take("bgColor", self._colour(place))
        return taken


def _format_code(packed: bytes) -> str:
    """Return a number format that a rule has of its own; '' of one that is built in."""
    if len(packed) < 3:
        return ""
    count, wide = struct.unpack_from("<HB", packed)
    return packed[3 : 3 + count * (1 + (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1", "replace")


def _read_condition(body: bytes) -> HidingRule:
    """Return a rule that compares with constants; one of another kind without its condition: it may hide."""
    kind, sign, first, second = struct.unpack_from("<BBHH", body)
    said = body[len(body) - first - second :]
    operands = [_read_constant(part) for part in (said[:first], said[first:]) if part]
    if kind != 1 or sign >= len(_SIGNS) or None in operands:
        return HidingRule("", "", (), EVERYWHERE)
    return HidingRule("cellIs", _SIGNS[sign], tuple(one for one in operands if one is not None), EVERYWHERE)


def _read_constant(packed: bytes) -> str | None:
    """Return a number of a formula that is nothing else, None for any other."""
    minus = len(packed) > 1 and packed[-1] == _MINUS
    plain = packed[:-1] if minus else packed
    if plain[:1] == bytes([_WHOLE]) and len(plain) == 3:
        number = float(struct.unpack_from("<H", plain, 1)[0])
    elif plain[:1] == bytes([_REAL]) and len(plain) == 9:
        number = struct.unpack_from("<d", plain, 1)[0]
    else:
        return None
    return f"{-number if minus else number:.15f}".rstrip("0").rstrip(".")
