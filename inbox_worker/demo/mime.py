"""Letters as real e-mail bytes: fixed boundaries and Message-IDs, receipt time in the topmost Received."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

MAILBOXES = {"korrektirovki": "korrektirovki@alseco.example", "bigoperators": "BigOperators@alseco.example"}
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "zip": "application/zip",
    "csv": "text/csv",
}
_BIG = 1_000_000
_PLACEHOLDER = b"PUT-THE-BIG-FILE-HERE-%d"


@dataclass(frozen=True)
class File:
    """An attachment: name, bytes, and whether it is a picture inside the text (a signature's logo)."""

    name: str
    data: bytes
    inline: bool = False


@dataclass(frozen=True)
class TownLetter:
    """A letter to be written. `slug` is unique in the post; `expect` is the arrival's outcome by money.md.

    `dated` is the Date header when it lies; `answers` is the slug of the letter replied to; `forwards` wraps
    the files into a letter of a colleague (message/rfc822); `releases` is the slug whose form gets released.
    """

    slug: str
    sender: str
    who: str
    mailbox: str
    at: datetime
    subject: str
    text: str
    expect: str
    note_ru: str
    files: tuple[File, ...] = ()
    dated: datetime | None = None
    answers: str = ""
    forwards: bool = False
    releases: str = ""
    more_senders: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=())
    report: bool = False


def render(letter: TownLetter, answered_id: str = "") -> bytes:
    """Return the letter as received by the operator's server. `answered_id` is the Message-ID it replies to."""
    message = EmailMessage(policy=SMTP)
    _trace(message, letter)
    addresses = [Address(letter.who, addr_spec=letter.sender)]
    addresses += [Address(addr_spec=sender) for sender in letter.more_senders]
    message["From"] = addresses
    message["To"] = Address(addr_spec=MAILBOXES[letter.mailbox])
    message["Date"] = letter.dated or letter.at
    message["Subject"] = letter.subject
    message["Message-ID"] = slug_id(letter)
    if answered_id:
        message["In-Reply-To"] = answered_id
        message["References"] = answered_id
    for name, value in letter.headers:
        message[name] = value
    _fill(message, letter)
    return _with_big_files(message.as_bytes(), letter.files)


def slug_id(letter: TownLetter) -> str:
    """Return the Message-ID, `<slug@sender's domain>`."""
    return f"<{letter.slug}@{letter.sender.rpartition('@')[2].lower()}>"


def _trace(message: EmailMessage, letter: TownLetter) -> None:
    domain = letter.sender.rpartition("@")[2].lower()
    serial = sum(letter.slug.encode()) * 7919 % 1_000_003
    received = letter.at.astimezone(UTC) if serial % 4 == 0 else letter.at
    message["Return-Path"] = "<>" if letter.report else f"<{letter.sender}>"
    message["Received"] = (
        f"from mail.{domain} (mail.{domain} [203.0.113.{serial % 250 + 1}]) by mx.alseco.example"
        f" with ESMTPS id {serial:06X}; {format_datetime(received)}"
    )
    message["Received"] = (
        f"from [192.0.2.{serial % 200 + 1}] by mail.{domain} with ESMTPSA id {serial + 1:06X};"
        f" {format_datetime(letter.dated or letter.at)}"
    )


def _fill(message: EmailMessage, letter: TownLetter) -> None:
    message.set_content(letter.text)
    if letter.report:
        message.make_mixed()
        message.set_type("multipart/report")
        message.set_param("report-type", "delivery-status")
        message.attach(_delivery_status(letter))
    elif letter.forwards:
        message.add_attachment(_forward(letter))
    else:
        _attach(message, letter.files)
    if message.is_multipart():
        message.set_boundary(f"=-{letter.slug}-=")


def _delivery_status(letter: TownLetter) -> EmailMessage:
    part, of_server, of_letter = (EmailMessage(policy=SMTP) for _ in range(3))
    of_server["Reporting-MTA"] = f"dns; mail.{letter.sender.rpartition('@')[2]}"
    of_letter["Final-Recipient"] = f"rfc822; {letter.sender}"
    of_letter["Action"] = "failed"
    of_letter["Status"] = "5.1.1"
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([of_server, of_letter])
    return part


def _forward(letter: TownLetter) -> EmailMessage:
    inner = EmailMessage(policy=SMTP)
    domain = letter.sender.rpartition("@")[2]
    inner["From"] = Address("Расчётный отдел", addr_spec=f"raschet@{domain}")
    inner["To"] = Address(letter.who, addr_spec=letter.sender)
    inner["Date"] = letter.at.replace(hour=8, minute=5)
    inner["Subject"] = "Форма для биллингового центра / Биллинг орталығына арналған нысан"
    inner["Message-ID"] = f"<inner-{letter.slug}@{domain}>"
    inner.set_content("Прошу переслать.\nЖіберуіңізді сұраймын.\n")
    _attach(inner, letter.files)
    inner.set_boundary(f"=-inner-{letter.slug}-=")
    return inner


def _attach(message: EmailMessage, files: tuple[File, ...]) -> None:
    for index, file in enumerate(files):
        main, _, sub = _TYPES.get(file.name.rpartition(".")[2].lower(), "application/octet-stream").partition("/")
        data = file.data if len(file.data) < _BIG else _PLACEHOLDER % index
        if file.inline:
            message.add_attachment(
                data,
                maintype=main,
                subtype=sub,
                filename=file.name,
                disposition="inline",
                cid=f"<logo{index}>",
            )
        else:
            message.add_attachment(data, maintype=main, subtype=sub, filename=file.name)


def _with_big_files(raw: bytes, files: tuple[File, ...]) -> bytes:
    """Put big files in after the message is written: the email package is slow on megabytes."""
    for index, file in enumerate(files):
        if len(file.data) >= _BIG:
            marker = encodebytes(_PLACEHOLDER % index).strip()
            raw = raw.replace(marker, encodebytes(file.data).rstrip().replace(b"\n", b"\r\n"))
    return raw
