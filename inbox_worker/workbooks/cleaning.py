"""Texts of cells without what no eye sees: format characters, odd blanks, a leading apostrophe.

They come with text copied from messengers, web pages and PDF files, and from spreadsheets that mark a text by an
apostrophe or write it as a formula (`="0012"`). They say nothing and go before anything is compared or typed.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

# characters without a picture: Unicode Cf, joiners, variation selectors, fillers
_UNSEEN = "[\\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f\u2800]"
_MARKS = r"\p{Mn}"  # letters in two parts, as macOS writes them: `и` and a breve for `й`
_QUOTED = r"""^(?:['’‘`´ʼ]+\s*([^'’‘`´ʼ\s][^'’‘`´ʼ]*)|="([^"]*)")$"""
_FEW = 20_000  # bytes; in shorter columns Python looks first, for Arrow compiles a pattern anew each time
_PLAIN = re.compile(r"[\x20-\x7e\s\u0400-\u0482\u048a-\u052f№«»–—²³°]*")  # nothing unseen, no marks


def clean(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts without unseen characters, blanks around and an apostrophe before; letters in one part.

    An apostrophe is kept where another one closes or parts the text (`'Жайлы үй'`, `1'234`).
    """
    written = _all(texts)
    if written is None or not _PLAIN.fullmatch(written):
        if _any(texts, _UNSEEN):
            texts = pc.replace_substring_regex(texts, _UNSEEN, "")
        if _any(texts, _MARKS):
            texts = pc.utf8_normalize(texts, form="NFC")
    texts = pc.utf8_trim_whitespace(texts)
    if (written is None or any(sign in written for sign in "'’‘`´ʼ=")) and _any(texts, _QUOTED):
        texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, _QUOTED, r"\1\2"))
    return texts


def _all(texts: pa.StringArray) -> str | None:
    """Return all characters of a short column, None of a long one."""
    data = texts.buffers()[2]
    return bytes(data).decode("utf-8", "replace") if data is not None and len(data) <= _FEW else None


def _any(texts: pa.StringArray, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())
