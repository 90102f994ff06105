"""Reports of mail servers about a letter of ours: it was given up, or it is late (RFC 3464, and the plain old kinds).

Anybody can write such a report, so nothing here is believed: it says only which letter is meant, to whom, and what is
claimed. Whether the letter is ours, and was written to that address, is asked of the journal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from typing import Literal

from inbox_worker.core.addresses import canonical_address
from inbox_worker.receiving.decoding import READ_ERRORS, clean, decode
from inbox_worker.receiving.parts import POLICY, payload

Fate = Literal["failed", "delayed", "unconfirmed"]
_READ = 300_000  # bytes: what is reported stands before the letter that came back
_MOST = 50  # letters, and recipients, of one report
_SAID = 300
_STATUS_KINDS = ("message/delivery-status", "message/global-delivery-status")
_ID = re.compile(r"^[> \t]*message-id:\s*(<[^<>\s]{3,190}>)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"^([a-z-]{4,30}):[ \t]*(.*(?:\n[ \t]+\S.*)*)$", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,190}")
_CODE = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.]*\d)|(?<![\d.:])([45])\d\d(?=[ -])")
_FAILED = re.compile(
    r"undeliver|not (?:be )?deliver|delivery (?:has )?(?:fail|status)|could not|returned (?:mail|to sender)|bounced|"
    r"не (?:было |удалось )?доставлен|недостав|не удалось доставить|жеткізілмеді",
    re.IGNORECASE,
)
_LATE = re.compile(r"delay|has not (?:yet )?been delivered|will be retried|still being retried|задерж|отложен", re.I)


@dataclass(frozen=True)
class Reported:
    """A claim about one recipient, or of one letter. `status`: 5.1.1 or ''; `said`: the server's words, one line.

    `recipients`: addresses it may be about, in their form to compare: the one told and the one written to.
    """

    fate: Fate
    status: str
    said: str
    recipients: frozenset[str]


@dataclass(frozen=True)
class Return:
    """A report: the Message-IDs that the returned letter or its headers carry, and what is claimed. `mentioned`: what
    else looks like a Message-ID: those that are ours may be meant."""

    message_ids: tuple[str, ...]
    reported: tuple[Reported, ...]
    mentioned: tuple[str, ...] = ()


def read_return(raw: bytes) -> Return | None:
    """Reads a report; None for one of success, of reading or of abuse, and for one that names neither a letter nor a
    failure."""
    try:
        letter = message_from_bytes(raw[:_READ], EmailMessage, policy=POLICY)
        leaves = list(_leaves(letter))
    except READ_ERRORS:
        return None
    whole = "\n".join([_lines(raw[:_READ]).partition("\n\n")[2], *(text for _, text in leaves)])
    identifiers = tuple(dict.fromkeys(_ID.findall(whole)))[:_MOST]
    mentioned = tuple(dict.fromkeys(f"<{one}>" for one in _ADDRESS.findall(whole)))[:_MOST]
    statuses = [text for kind, text in leaves if kind in _STATUS_KINDS]
    if statuses:
        reported = [one for text in statuses for one in _by_recipient(text)]
    elif letter.get_content_type() == "multipart/report":
        return None  # of another kind: that it was read, or that somebody calls it abuse
    else:
        text = next((text for _, text in leaves), whole)
        status = any(code[1] for code in _CODE.finditer(text))
        speaks = identifiers or status or _FAILED.search(f"{letter.get('subject', '')} {text}")
        reported = [_plain(letter, text)] if speaks else []
    return Return(identifiers, tuple(reported[:_MOST]), mentioned) if reported else None


def _leaves(letter: EmailMessage) -> Iterator[tuple[str, str]]:
    """Content type and text of what is text. The blocks of a delivery status are parts to the parser."""
    for part in letter.walk():
        kind = part.get_content_type()
        if kind in _STATUS_KINDS:
            blocks = part.get_payload()
            text = "\n\n".join(str(block) for block in blocks) if isinstance(blocks, list) else ""
            yield kind, text.replace("\r\n", "\n") if text.strip() else _lines(payload(part))
        elif kind.startswith("text/") and not part.is_multipart():
            yield kind, _lines(payload(part))


def _lines(data: bytes) -> str:
    return decode(data, None).replace("\r\n", "\n").replace("\r", "\n")


def _by_recipient(status: str) -> Iterator[Reported]:
    """A block of fields for each recipient (RFC 3464, 2.3)."""
    for block in re.split(r"\n[ \t]*\n", status):
        fields = {name.lower(): " ".join(value.split()) for name, value in _FIELD.findall(block)}
        code = _CODE.search(fields.get("status", ""))
        action = fields.get("action", "").lower() or {"5": "failed", "4": "delayed"}.get((code or [""])[0][:1], "")
        about = f"{fields.get('final-recipient', '')} {fields.get('original-recipient', '')}"
        recipients = frozenset(canonical_address(address) for address in _ADDRESS.findall(about)[:4])
        said = fields.get("diagnostic-code", "") or fields.get("status", "")
        fate: Fate = "failed" if action == "failed" else "delayed"
        if action in ("failed", "delayed") and recipients:
            yield Reported(fate, code[0] if code else "", clean(said)[:_SAID], recipients)


def _plain(letter: EmailMessage, text: str) -> Reported:
    """A report in words: the codes in it decide, 5xx before 4xx; without any it is given up, unless it speaks of
    delay. The words are those about the code, before the letter that came back."""
    words = _ID.split(text, maxsplit=1)[0]
    codes = list(_CODE.finditer(words))
    hard = next((code for code in codes if code[0].startswith("5")), None)
    soft = next((code for code in codes if code[0].startswith("4")), None)
    code = hard or soft
    subject = str(letter.get("subject", ""))
    late = not hard and bool(soft or _LATE.search(f"{subject} {words[:2000]}"))
    lines = words.split("\n")
    said = next((line for line in lines if code and code[0] in line), "") or subject
    named = str(letter.get("x-failed-recipients", "")) or text
    recipients = frozenset(canonical_address(address) for address in _ADDRESS.findall(named)[:_MOST])
    status = code[0] if code and "." in code[0] else ""
    return Reported("delayed" if late else "failed", status, clean(said)[:_SAID], recipients)


def find_claims(report: Return, recipient: str) -> Sequence[Reported]:
    """Return what a report claims of an address; failures last, for they decide."""
    about = [one for one in report.reported if canonical_address(recipient) in one.recipients]
    return sorted(about, key=lambda one: one.fate == "failed")
