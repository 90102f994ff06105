"""Measure many texts at once: in how many lines each stands in a column, as `lines_of` counts them one by one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from inbox_worker.documents.sheet_style import SIZE, em_of, lines_of, room_of

_PLANE = 0x2300  # letters whose widths are in a table; a row with others is measured text by text
_POINT = 25.4 / 72


def count_lines(texts: Sequence[str], mm: float, most: int, hyphens: bool = True) -> npt.NDArray[np.int64]:
    """Return in how many lines, at most so many, each text of a row stands in a column of that width in mm."""
    if not texts:
        return np.zeros(0, np.int64)
    joined = " ".join(texts) + " "
    if hyphens and "-" in joined:
        return count_lines([text.replace("-", "- ") for text in texts], mm, most, hyphens=False)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    if "\n" in joined or codes.max() >= _PLANE:
        return np.fromiter((min(lines_of(text, mm, hyphens=False), most) for text in texts), np.int64, len(texts))
    blanks = np.flatnonzero(codes == ord(" "))
    wide = np.add.reduceat(_ems()[codes], np.append(0, blanks[:-1] + 1)) * SIZE * _POINT  # a word with its blank
    ends = np.searchsorted(blanks, np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1) - 1) + 1
    return np.minimum(_wrap(wide, np.append(0, ends[:-1]), ends, room_of(mm)), most)


def _wrap(
    wide: npt.NDArray[np.float64], first: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], room: float
) -> npt.NDArray[np.int64]:
    """Return the lines of texts whose words stand from `first` to `ends` in `wide`: the first words of all texts, then
    their second ones."""
    lines, left = np.ones(len(first), np.int64), np.full(len(first), room)
    for place in range(int((ends - first).max())):
        of = np.flatnonzero(first + place < ends)
        word = wide[first[of] + place]
        over = (word > left[of] + 1) & (left[of] < room)
        rest = np.where(over, room, left[of]) - word
        broken = np.maximum(np.ceil((-1 - rest) / room), 0)
        lines[of] += over + broken.astype(np.int64)
        left[of] = rest + broken * room
    return lines


@lru_cache(maxsize=1)
def _ems() -> npt.NDArray[np.float64]:
    """Return the widths of letters by their code."""
    return np.fromiter((em_of(chr(code)) for code in range(_PLANE)), np.float64, _PLANE)
