"""Bytes of a stranger's letter -> clean text, whatever character set was told, or none."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.header import decode_header
from email.policy import EmailPolicy, default
from functools import lru_cache
from typing import Any

# What reading a malformed letter with Python's own parser raises, seen over thousands of real ones.
READ_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MessageError,
    RecursionError,
    TypeError,
    ValueError,
)
HEADER_LIMIT = 2_500  # characters of one header that are parsed; a name of 255 Kazakh letters fits

# kz1048 is cp1251 with the Kazakh letters in the places of the Serbian and Ukrainian ones.
_GUESSES = ("kz1048", "koi8-r", "cp866")
_FREQUENT_FIRST = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_RANK = {letter: rank for rank, letter in enumerate(_FREQUENT_FIRST)}
_KAZAKH = dict.fromkeys("әғқңөұүһі", 12)
_NOT_A_LETTER = 60
_UTF8_LETTERS_A_LOSS = 2  # other character sets give next to no letters when they are read as UTF-8
_ONE_BYTE = re.compile(r"(windows|cp|iso|koi|kz|latin|mac|x-mac|ptcp|rk|strk)[-_]?[0-9a-z_-]*", re.IGNORECASE)
_SIGNS = dict.fromkeys("«»–—№ ", 12)

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]+")
_STRAY = re.compile("[\ud800-\udfff]")
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")
_ENCODED_WORDS = re.compile(rf"{_ENCODED_WORD.pattern}(?:\s*{_ENCODED_WORD.pattern})*")


def _strangeness(text: str) -> float:
    """How little a text looks like Russian or Kazakh, a letter; 0 for plain ASCII."""
    total, letters, before = 0, 0, ""
    for letter in text:
        if letter > "\x7f":
            low = letter.lower()
            total += _RANK.get(low, _KAZAKH.get(low, _SIGNS.get(low, _NOT_A_LETTER)))
            total += 20 * (before.islower() and letter.isupper())
            letters += 1
        before = letter
    return total / max(letters, 1)


def guess(data: bytes) -> str:
    """Decode bytes without a character set: UTF-8 when it is that, or was before a few bytes were lost; else the most
    Russian or Kazakh reading.

    >>> guess("Отчёт".encode("cp1251")), guess("Отчёт".encode("koi8-r"))
    ('Отчёт', 'Отчёт')
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        near = data.decode("utf-8", "replace")
        lost = near.count("\ufffd")
        if sum(letter > "\x7f" for letter in near) - lost >= _UTF8_LETTERS_A_LOSS * lost:
            return near
        sample = data[:4000]
        best = min(_GUESSES, key=lambda name: _strangeness(sample.decode(name, "replace")))
        return data.decode(best, "replace")


def decode(data: bytes, charset: str | None) -> str:
    """Decode bytes in the character set that was told; guessed when it is none, unknown or does not fit. UTF-8 that was
    told to be a set of one byte a letter is UTF-8."""
    if charset and charset.lower() not in ("us-ascii", "ascii", "unknown-8bit"):
        try:
            if _ONE_BYTE.fullmatch(charset) and not data.isascii():
                return data.decode("utf-8")  # real text of another set is never by chance UTF-8
        except UnicodeDecodeError:
            pass
        try:
            return data.decode(charset.replace("windows-", "cp"))
        except READ_ERRORS:
            pass
    return guess(data)


def whole(text: str) -> str:
    """Return a text in which stray bytes (surrogates) have become letters; safe to store and to encode."""
    if text.isascii() or not _STRAY.search(text):
        return text
    try:
        return guess(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")


def clean(text: str) -> str:
    """Return one line without control characters and without marks that turn the reading direction."""
    return " ".join(_CONTROLS.sub(" ", whole(text)).split())


def _words(found: re.Match[str]) -> str:
    """A row of encoded words; neighbours of one character set are joined before they are decoded, for programs cut
    letters of several bytes in two."""
    try:
        pieces = decode_header(found[0])
        return "".join(p if isinstance(p, str) else decode(p, charset) for p, charset in pieces)
    except READ_ERRORS:
        return _ENCODED_WORD.sub(_word, found[0])


def _word(found: re.Match[str]) -> str:
    try:
        return "".join(p if isinstance(p, str) else decode(p, charset) for p, charset in decode_header(found[0]))
    except READ_ERRORS:
        return found[0]


def decode_words(text: str) -> str:
    """Decode RFC 2047 words anywhere in a text, even where they are not allowed (file names), made readable."""
    return _ENCODED_WORDS.sub(_words, text)


def _is_monster(value: str) -> bool:
    # the standard parser takes quadratic time over unclosed quotes and comments
    return len(value) > HEADER_LIMIT or value.count('"') > 20 or value.count("(") > 20


class ForgivingPolicy(EmailPolicy):
    """policy.default for strangers: raw 8-bit headers are read, and looking at a header never raises.

    A header that the parser cannot read comes back as plain text, decoded as well as can be.
    """

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _header(name, whole(value))


@lru_cache(maxsize=256)
def _header(name: str, text: str) -> Any:
    """A header's value, parsed. The same one is asked for many times: the type of a part more than ten."""
    if _is_monster(text):
        return clean(decode_words(text[:HEADER_LIMIT]))
    try:
        return default.header_fetch_parse(name, text)
    except READ_ERRORS:
        return clean(decode_words(text))
