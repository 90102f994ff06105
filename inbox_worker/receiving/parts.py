"""The parts of a letter: which of them are its text, which are attachments, and what those are called."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from html import unescape
from typing import Any
from urllib.parse import unquote_to_bytes

from inbox_worker.core.model import Attachment
from inbox_worker.receiving.attached import CMS_KINDS, is_letter
from inbox_worker.receiving.cms import read_cms
from inbox_worker.receiving.decoding import (
    READ_ERRORS,
    ForgivingPolicy,
    clean,
    decode,
    decode_words,
)
from inbox_worker.receiving.headers import raw_values
from inbox_worker.receiving.text_tables import find_rows

POLICY: Any = ForgivingPolicy()
TEXT_LIMIT = 100_000  # bytes of a letter's text that are read
_NAME_LIMIT = 255
_NESTED_LETTERS = 8
ELSEWHERE = ("message/partial", "message/external-body")  # the file is not in this letter, or only a piece of it
_OFFICE_IN_BASE64 = (b"UEsDB", b"0M8R4KGxGuE")  # how a zip and an OLE file begin


@dataclass(frozen=True)
class Part:
    """A leaf of the letter's tree: its content type (`kind`), that of the multipart around it, and the letter it
    stands in (another than the whole when somebody forwarded it)."""

    message: EmailMessage
    kind: str
    around: str
    letter: EmailMessage

    @property
    def disposition(self) -> str:
        value = self.message.get("content-disposition", "")
        return str(value).partition(";")[0].strip().lower()

    @property
    def broken(self) -> bool:
        """Tell whether this should have had parts and they cannot be told apart."""
        return self.kind.startswith("multipart/")


def parts(letter: EmailMessage) -> Iterator[Part]:
    """Return all leaves, in the order they stand, forwarded letters (message/rfc822, .eml files) included.

    A signed letter that hides in its signature (smime.p7m) gives a leaf for the signature, then its own.
    """
    waiting = [(letter, "", 0, letter)]
    while waiting:
        message, around, depth, within = waiting.pop()
        kind = message.get_content_type()
        leaf = Part(message, kind, around, within)
        children: list[EmailMessage] = []
        if message.is_multipart() and kind not in ELSEWHERE:
            children = _inner(message, kind, depth)
        else:
            children = _hidden(leaf) if depth <= _NESTED_LETTERS else []
            if not children or kind in CMS_KINDS:
                yield leaf
        for child in reversed(children):
            forwarded = kind == "message/rfc822" or (not message.is_multipart() and kind not in CMS_KINDS)
            waiting.append((child, kind, depth + 1, child if forwarded else within))


def _inner(message: EmailMessage, kind: str, depth: int) -> list[EmailMessage]:
    children: Any = message.get_payload()
    encoded = str(message.get("content-transfer-encoding", "")).strip().lower() == "base64"
    if kind != "message/rfc822" or not encoded or depth > _NESTED_LETTERS or children[0].keys():
        return list(children)
    # a forwarded letter in base64 is against the standard and common: the parser took it for its own text
    packed = EmailMessage(POLICY)
    packed["Content-Transfer-Encoding"] = "base64"
    packed.set_payload(children[0].get_payload())
    return [message_from_bytes(payload(packed), EmailMessage, policy=POLICY)]


def _hidden(part: Part) -> list[EmailMessage]:
    """The letter that a leaf holds: an attached .eml file, or what an S/MIME signature was put around."""
    if part.kind in CMS_KINDS:
        sealed = read_cms(payload(part.message))
        data = sealed.content if sealed else None
    else:
        data = payload(part.message) if file_name(part).lower().endswith(".eml") else None
    if data is None or not is_letter(data):
        return []
    return [message_from_bytes(data, EmailMessage, policy=POLICY)]


def is_letter_text(part: Part) -> bool:
    """Tell whether the part is what the sender wrote, as against a file he sent along."""
    is_text = part.kind in ("text/plain", "text/html") or part.kind.startswith("message/")
    is_text = is_text and part.kind not in ELSEWHERE
    return is_text and part.disposition != "attachment" and not file_name(part)


def letter_text(part: Part) -> str:
    """Return the sender's words, at most 100 kB of them, without markup."""
    charset = part.message.get_content_charset()
    text = decode(payload(part.message)[:TEXT_LIMIT], charset)
    if part.kind == "text/html":
        return "\n".join(filter(None, map(clean, without_markup(text).splitlines())))
    return "\n".join(map(clean, text.splitlines())).strip()


def text_rows(part: Part) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table in the sender's words."""
    text = decode(payload(part.message)[:TEXT_LIMIT], part.message.get_content_charset())
    return find_rows(text, html=part.kind == "text/html")


def without_markup(html: str) -> str:
    """Return the words of an HTML text, a line a block. Linear in time, whatever the text is."""
    kept: list[str] = []
    hidden = ""
    for piece in html.split("<"):
        tag, closed, words = piece.partition(">")
        name = (re.match(r"/?[a-zA-Z0-9]*", tag) or [""])[0].lower()
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in ("script", "style", "head", "title"):
            hidden = name
        if not kept and not closed:
            words = piece  # what stands before the first tag
        if name.strip("/") in ("p", "br", "div", "tr", "td", "th", "li", "table", "h1", "h2", "h3"):
            kept.append("\n")
        kept.append("" if hidden else words)
    return unescape("".join(kept))


def attachment(part: Part, number: int) -> Attachment:
    """Return the part as a file. Without a name it is called by its number; workbooks are found by their bytes."""
    picture = part.kind.startswith("image/") and part.around == "multipart/related"
    inline = picture or (part.disposition == "inline" and bool(part.message.get("content-id")))
    data = payload(part.message)
    return Attachment(file_name(part) or f"attachment-{number}{_suffix(part.kind, data)}", data, inline)


def _suffix(kind: str, data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        return ".zip" if "zip" in kind and "openxml" not in kind else ".xlsx"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls"
    return ".csv" if kind == "text/csv" else ""


def payload(message: EmailMessage) -> bytes:
    """Return decoded bytes; where the transfer encoding is nonsense, the bytes as they stand.

    A workbook in base64 that the letter calls something else (7bit, an unknown word) is decoded all the same.
    """
    try:
        data: Any = message.get_payload(decode=True)
    except READ_ERRORS:
        data = str(message.get_payload()).encode("utf-8", "surrogateescape")
    if not isinstance(data, bytes):
        return b""
    if data.lstrip().startswith(_OFFICE_IN_BASE64):
        try:
            return b64decode(data)
        except ValueError:
            return data
    return data


def file_name(part: Part) -> str:
    """Return what the sender called the file, '' when he did not: RFC 2231, RFC 2047 and raw 8-bit names."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        name = _parameter(part.message, header, parameter)
        if name:
            return name[:_NAME_LIMIT]
    return ""


def _parameter(message: EmailMessage, header: str, parameter: str) -> str:
    value = message.get(header)
    if value is None:
        return ""
    read = clean(decode_words(str(getattr(value, "params", {}).get(parameter, ""))))
    if (
        read
        and "\ufffd" not in read
        and "=?" not in raw_values(message, header)[0]
        and not getattr(value, "defects", ())
    ):
        return read
    return _loose_parameter(raw_values(message, header)[0], parameter, read)


def _loose_parameter(raw: str, parameter: str, read: str) -> str:
    """The name as a person would read it off a header that breaks the rules; `read` when there is no better.

    Met in real letters: blanks without quotes, encoded words without quotes, a character set nobody knows.
    """
    coded = re.search(rf"\b{parameter}\*=([^'\s]{{0,60}})'[^']{{0,60}}'([^;\s]+)", raw, re.IGNORECASE)
    if coded and ("\ufffd" in read or not read):
        return clean(decode(unquote_to_bytes(coded[2]), coded[1]))
    plain = re.search(rf"\b{parameter}\s*=\s*(?:\"([^\"]*)\"|([^\";]+))", raw, re.IGNORECASE)
    loose = clean(decode_words(plain[1] or plain[2] or "")) if plain else ""
    better = len(loose) > len(read) or ("=?" in raw and "\ufffd" not in loose)  # the parser decodes word by word
    return loose if loose and better and not loose.startswith("=?") else read
