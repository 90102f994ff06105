"""A letter of ours as bytes: text and html side by side, attachments, headers in which nobody's text makes a line.

The same letter gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from mimetypes import guess_type
from typing import Any

from inbox_worker.core.addresses import wire_address
from inbox_worker.core.text import one_line
from inbox_worker.month.witnesses import HEADER

_IDENTIFIER = re.compile(r"<[!-;=?-~]{3,200}>")
_LONGEST_SUBJECT = 150
_MOST_REFERENCES = 20


class _Spaced(EmailPolicy):
    """SMTP's policy with a fold that loses no space between words in other letters than Latin, as EmailMessage's own
    does where it breaks a line (CPython gh-92081)."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() == "content-type" and "name" in value.params:
            return _named_type(value).encode("ascii")
        if name not in ("From", "Subject"):
            return super().fold_binary(name, value)
        header, words, address = Header(header_name=name), str(value), ""
        if name == "From":
            words, address = value.addresses[0].display_name, f"<{value.addresses[0].addr_spec}>"
        if words:
            plain = words.isascii() and not address and "=?" not in words
            header.append(words, "us-ascii" if plain else "utf-8")
        if address:
            header.append(address, "us-ascii")
        return f"{name}: {header.encode(linesep=self.linesep)}{self.linesep}".encode("ascii")


def _named_type(value: Any) -> str:
    """The type of an attachment with its name in encoded words (RFC 2047): old mail programs know no other, and pass
    over the `filename*` (RFC 2231) that stands in Content-Disposition."""
    name = str(value.params["name"]).replace("\\", "").replace('"', "")
    words = name if name.isascii() else Header(name, "utf-8", 70).encode(linesep="\r\n")
    return f'Content-Type: {value.content_type};\r\n name="{words}"\r\n'


_POLICY = _Spaced(linesep="\r\n")


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a letter. `name` is ours, never a sender's."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """A letter: its words, to whom and from whom.

    `thread`: Message-IDs it answers, oldest first; () when it answers none. `automatic`: made without a person
    (RFC 3834), so that no other program answers it.
    """

    sender: str
    sender_name: str
    reply_to: str
    recipient: str
    subject: str
    message_id: str
    date: datetime
    text: str
    html: str
    enclosures: tuple[Enclosure, ...] = ()
    thread: tuple[str, ...] = ()
    automatic: str = "auto-replied"  # or auto-generated, when it answers nobody
    witness: str = ""  # the last act when it was made, and its hash


def compose(letter: Letter) -> bytes:
    """Compose the letter's bytes, ready to be sent."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(letter.sender, letter.sender_name)
    message["To"] = _address(letter.recipient)
    message["Reply-To"] = _address(letter.reply_to)
    message["Subject"] = one_line(letter.subject)[:_LONGEST_SUBJECT].strip()
    message["Date"] = format_datetime(letter.date)
    message["Message-ID"] = letter.message_id
    thread = identifiers(letter.thread)
    if thread:
        message["In-Reply-To"] = thread[-1]
        message["References"] = " ".join(thread)
    message["Auto-Submitted"] = letter.automatic
    message["X-Auto-Response-Suppress"] = "All"  # Exchange's own word for the same
    if letter.witness:
        message[HEADER] = letter.witness
    message.set_content(letter.text, cte="base64")
    message.add_alternative(letter.html, subtype="html", cte="base64")
    for enclosure in letter.enclosures:
        name = unicodedata.normalize("NFC", enclosure.name)
        kind = guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(enclosure.data, maintype=main, subtype=sub, filename=name, params={"name": name})
    _fix_boundaries(message, letter.message_id)
    return message.as_bytes(policy=_POLICY)


def letter_page(body: str, language: str) -> str:
    """Return the html of a letter: as wide as a telephone, its letters large enough, by styles that every program of
    mail knows."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        "<body style=\"margin:0;padding:16px;background:#ffffff;color:#1a1a1a;font-family:Arial,'Noto Sans',sans-serif;"
        f'font-size:16px;line-height:1.5;overflow-wrap:anywhere">{body}</body></html>\n'
    )


def identifiers(found: Sequence[str]) -> tuple[str, ...]:
    """Return those Message-IDs of a thread that may stand in a header, the latest ones."""
    return tuple(dict.fromkeys(one for one in found if _IDENTIFIER.fullmatch(one)))[-_MOST_REFERENCES:]


def _address(address: str, name: str = "") -> Address:
    return Address(display_name=one_line(name), addr_spec=wire_address(address))


def _fix_boundaries(message: EmailMessage, message_id: str) -> None:
    """Boundaries are random otherwise, and the same letter would not give the same bytes."""
    stem = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{stem}_{number}")
