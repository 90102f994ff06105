"""Shared strings of an .xls whose parts look otherwise ([MS-XLS] 2.4.265 SST, 2.5.293 XLUnicodeRichExtendedString)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from inbox_worker.workbooks.rich_texts import Runs, StringLooks

_STRINGS, _GOES_ON, _FONT, _END = 0xFC, 0x3C, 0x31, 0x0A
_WIDE, _EXTENDED, _RICH = 0x01, 0x04, 0x08
_NO_FONT = 4
_STRUCK, _RAISED = 0x08, 1


def read_string_looks(records: Iterable[tuple[int, int, bytes]]) -> StringLooks:
    """Return the looks of the shared strings; `records`: a workbook's, each with its type and place."""
    strings = _SharedStrings()
    for kind, _, body in records:
        strings.take(kind, body)
        if kind == _END:
            break
    return strings.read_looks()


class _SharedStrings:
    """Take the fonts, and the records of the shared strings, which go on in further ones, where a text is cut, too."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []
        self._fonts: list[tuple[bool, bool]] = []  # whether each strikes out, and raises
        self._within = False

    def take(self, kind: int, body: bytes) -> None:
        """Take each record of a workbook's globals."""
        self._within = kind == _STRINGS or (kind == _GOES_ON and self._within)
        if self._within:
            self._bodies.append(body)
        elif kind == _FONT:
            self._fonts.append((len(body) > 2 and bool(body[2] & _STRUCK), len(body) > 8 and body[8] == _RAISED))

    def read_looks(self) -> StringLooks:
        """Return the strings with parts that are struck out, or raised behind a digit. Strings that cannot be read as
        they should be end the search: calamine tells of a damaged file."""
        looks = StringLooks()
        if not self._bodies or not any(map(any, self._fonts)):
            return looks
        try:
            self._read(looks)
        except (struct.error, IndexError):
            return looks
        return looks

    def _read(self, looks: StringLooks) -> None:
        source = _Source(self._bodies)
        (count,) = struct.unpack("<I", source.take(8)[4:])
        for number in range(count):
            text, parts = source.take_string()
            runs = Runs()
            for (first, font), (after, _) in zip(parts, [*parts[1:], (len(text), 0)], strict=True):
                place = font - (font > _NO_FONT)  # there is no font of number 4
                strikes, raises = self._fonts[place] if place < len(self._fonts) else (False, False)
                runs.turn(strikes, raises)
                runs.take(text[first:after])
            looks.put(number, runs)


class _Source:
    """The bytes of the records, one behind the other."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self._bodies, self._record, self._at = bodies, 0, 0

    def take(self, size: int) -> bytes:
        """Return so many bytes; a number may be cut by the end of a record."""
        taken = b""
        while len(taken) < size:
            taken += self._rest(size - len(taken))
        return taken

    def take_string(self) -> tuple[str, list[tuple[int, int]]]:
        """Return a text, and where each run of it begins with which font; the first one has the cell's own."""
        length, flags = struct.unpack("<HB", self.take(3))
        (runs,) = struct.unpack("<H", self.take(2)) if flags & _RICH else (0,)
        (further,) = struct.unpack("<I", self.take(4)) if flags & _EXTENDED else (0,)
        text = self._take_text(length, flags)
        parts = [struct.unpack("<2H", self.take(4)) for _ in range(runs)]
        self.take(further)
        return text, [(0, 0), *((first, font) for first, font in parts)]

    def _take_text(self, length: int, flags: int) -> str:
        text, wide = "", bool(flags & _WIDE)
        while len(text) < length:
            if self._at >= len(self._bodies[self._record]):
                self._record, self._at = self._record + 1, 0
                wide = bool(self._rest(1)[0] & _WIDE)  # each record says anew how wide its letters are
            piece = self._rest((length - len(text)) * (1 + wide))
            text += piece.decode("utf-16-le" if wide else "latin-1", "replace")
        return text

    def _rest(self, size: int) -> bytes:
        """Return up to so many bytes of the record under way, or of the next one where it is at its end."""
        if self._at >= len(self._bodies[self._record]):
            self._record, self._at = self._record + 1, 0
        piece = self._bodies[self._record][self._at : self._at + size]
        self._at += len(piece)
        return piece
