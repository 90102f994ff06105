"""Codes that machines read from a bill: the QR code of config.yaml, and Code 128 of the account (4.1.1)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote

import segno

_FIELD = re.compile(r"\{([^{}]*)\}")
_MASK = 3  # any mask is read; to look for the best of eight takes seven times as long
_INK = bytes.maketrans(b"\x00\x01", b"\xff\x00")
# Code 128 (ISO/IEC 15417): widths of bars and spaces by value; 104 starts set B, 105 set C, 106 stops.
_ALL = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
"""
_WIDTHS = _ALL.split()
_START_B, _START_C, _STOP = 104, 105, 106
_CHECKED_BY = 103
FEW = 50  # codes of a length: as many are encoded as a code put together of its bytes would have to encode
_drawn: Counter[int] = Counter()


def fill_qr(template: str, values: Mapping[str, str]) -> str:
    """Return the text of a code: the template of config.yaml, checked there, with its fields filled in.

    A value never becomes a field of its own: in an address (`https://...`) it is percent-encoded, elsewhere the
    signs that separate fields (; | & = and line ends) become blanks.
    """

    def escape_value(value: str) -> str:
        return quote(value, safe="") if "://" in template else re.sub(r"[;|&=\x00-\x1f]+", " ", value)

    return _FIELD.sub(lambda found: escape_value(values[found[1]]), template)


def draw_qr(text: str) -> tuple[int, bytes]:
    """Return the code's size and its squares row by row as shades of grey, 0 ink and 255 paper, without the quiet
    zone.

    Under one mask a code of so many bytes is the code of as many zeros, with the squares turned that each byte turns:
    bytes at their places are encoded once for all bills, not a bill. A few bills take less when each code is encoded.
    """
    data = text.encode("utf-8")
    _drawn[len(data)] += 1
    size, squares = _encode(data) if _drawn[len(data)] <= FEW else _put_together(data)
    return size, squares.to_bytes(size * size, "big").translate(_INK)


def _put_together(data: bytes) -> tuple[int, int]:
    size, squares = _encode(bytes(len(data)))
    for place, byte in enumerate(data):
        squares ^= _turned_by(len(data), place, byte)
    return size, squares


@lru_cache(maxsize=10_000)  # 3 KB each
def _turned_by(length: int, place: int, byte: int) -> int:
    """Return the squares that one byte of a text turns, as `_encode` has them."""
    one = bytearray(length)
    one[place] = byte
    return _encode(bytes(one))[1] ^ _encode(bytes(length))[1]


@lru_cache(maxsize=64)
def _encode(data: bytes) -> tuple[int, int]:
    """Return a code's size and its squares as one number, a byte a square, 1 = ink."""
    text = data.decode("latin-1")
    code = segno.make(text, error="m", mode="byte", micro=False, encoding="latin-1", mask=_MASK, boost_error=False)
    return len(code.matrix), int.from_bytes(b"".join(bytes(row) for row in code.matrix), "big")


def draw_bars(text: str) -> bytes:
    """Return Code 128 of a text as one row of shades, without quiet zones; nothing where the text has other letters
    than ASCII, which the code cannot say."""
    if not text or not all(" " <= letter <= "~" for letter in text):
        return b""
    values = list(_values(text))
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % _CHECKED_BY
    widths = "".join(_WIDTHS[value] for value in (*values, check, _STOP))
    return b"".join((b"\xff" if place % 2 else b"\x00") * int(width) for place, width in enumerate(widths))


def _values(text: str) -> Iterator[int]:
    """Yield the start and the text's values: pairs of digits where it is nothing else, else letter by letter."""
    if text.isdecimal() and not len(text) % 2:
        yield _START_C
        yield from (int(text[place : place + 2]) for place in range(0, len(text), 2))
        return
    yield _START_B
    yield from (ord(letter) - 32 for letter in text)
