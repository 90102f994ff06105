"""The QR code of a bill: what a payer's bank program reads. What it says is a template in config.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import segno

_FIELD = re.compile(r"\{([^{}]*)\}")
_MASK = 3  # any mask is read; to look for the prettiest of eight takes seven times as long


def payload(template: str, values: Mapping[str, str]) -> str:
    """The template (config.yaml, checked there) with its fields filled in.

    A value never becomes a field of its own: in an address (`https://...`) it is percent-encoded, elsewhere the
    signs that part fields (; | & = and line ends) become blanks.
    """

    def shown(value: str) -> str:
        return quote(value, safe="") if "://" in template else re.sub(r"[;|&=\x00-\x1f]+", " ", value)

    return _FIELD.sub(lambda found: shown(values[found[1]]), template)


def modules(text: str) -> tuple[int, str]:
    """The code as its size and its squares row by row, '1' dark and '0' light, without the quiet zone."""
    code = segno.make(text, error="m", micro=False, encoding="utf-8", mask=_MASK, boost_error=False)
    return len(code.matrix), b"".join(bytes(row) for row in code.matrix).translate(_DIGITS).decode("ascii")


_DIGITS = bytes.maketrans(b"\x00\x01", b"01")
