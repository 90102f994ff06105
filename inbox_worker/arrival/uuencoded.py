"""Files written into a letter's text by old mail programs: `begin 644 name`, lines, `end`."""

from __future__ import annotations

import binascii
import re

from inbox_worker.arrival.decoding import clean, guess
from inbox_worker.model import Attachment

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_MOST_FILES = 100


def uuencoded(text: bytes) -> tuple[Attachment, ...]:
    """The files of a text, in order; what has no `end` or lines that are no uuencode is words, not a file."""
    files: list[Attachment] = []
    at = 0
    while len(files) < _MOST_FILES and (found := _BEGIN.search(text, at)):
        data, at = _file(text, found.end())
        if data is not None:
            files.append(Attachment(clean(guess(found[1])), data))
    return tuple(files)


def _file(text: bytes, at: int) -> tuple[bytes | None, int]:
    """The decoded bytes, or None, and where reading goes on."""
    pieces: list[bytes] = []
    while at < len(text):
        end = text.find(b"\n", at)
        line = text[at : end if end >= 0 else len(text)].rstrip(b"\r")
        at = end + 1 if end >= 0 else len(text)
        if line == b"end":
            return (b"".join(pieces) or None), at
        try:
            pieces.append(binascii.a2b_uu(line))
        except binascii.Error:
            return None, at
    return None, at
