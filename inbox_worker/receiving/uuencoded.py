"""Files written into a letter's text by old mail programs: `begin 644 name`, lines, `end`. Python's own parser decodes
a part that says it is uuencoded, but no file inside a text."""

from __future__ import annotations

import binascii
import re
from itertools import islice

from inbox_worker.core.model import Attachment
from inbox_worker.receiving.decoding import clean, guess

_FILE = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n((?:[ -`]*\r?\n)++)end\r?$", re.MULTILINE)
_MOST_FILES = 100
_WRITTEN = re.compile(_FILE.pattern.decode(), re.MULTILINE)


def find_uuencoded(text: bytes) -> tuple[Attachment, ...]:
    """Return the files of a text, in order; what has no `end` or lines that are no uuencode is words, not a file."""
    files = ((found[1], _decode_lines(found[2])) for found in islice(_FILE.finditer(text), _MOST_FILES))
    return tuple(Attachment(clean(guess(name)), data) for name, data in files if data)


def without_uuencoded(text: str) -> str:
    """Return a letter's text without its files, whose lines are no words of anybody."""
    return _WRITTEN.sub("", text)


def _decode_lines(lines: bytes) -> bytes:
    try:
        return b"".join(binascii.a2b_uu(line) for line in lines.splitlines())
    except binascii.Error:
        return b""
