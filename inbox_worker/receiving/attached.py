"""A file as it came -> the file as it is meant: signatures put aside, signed files opened, ciphers told.

What is put aside is kept with the letter and proves nothing by itself: a signature, a calling card or an empty file
must not release a recalculation with a plus sign (4.3.2.4).
"""

from __future__ import annotations

import re
from dataclasses import replace

from inbox_worker.core.model import Attachment, Finding
from inbox_worker.receiving.cms import read_cms
from inbox_worker.workbooks.sniff import Kind, sniff

Files = tuple[tuple[Attachment, ...], tuple[Finding, ...]]

CMS_KINDS = tuple(f"application/{x}pkcs7-{kind}" for x in ("", "x-") for kind in ("mime", "signature"))
_HEADER_LINE = re.compile(rb"\s*(?:From |[A-Za-z][A-Za-z0-9-]{1,60}:)")
_CMS_NAME = re.compile(r"\.(p7[msbc]|cms|sign?)$", re.IGNORECASE)
_CIPHER_NAME = re.compile(r"\.(pgp|gpg)$", re.IGNORECASE)
_CARDS = ("text/calendar", "text/vcard", "text/x-vcard", "text/directory")
_CARD_NAME = re.compile(r"\.(vcf|ics|url|lnk)$|^att\d{5,}\.(txt|html?|c|dat)$", re.IGNORECASE)
_TNEF = b"\x78\x9f\x3e\x22"
_RESOURCE_FORK = b"\x00\x05\x16\x07"
_PROGRAMS = (b"MZ", b"\x7fELF")
_PROGRAM_NAME = re.compile(
    r"\.(exe|scr|com|pif|bat|cmd|ps1|psm1|vbs|vbe|jse?|wsf|wsh|hta|msi|msp|cpl|jar|reg|dll|chm|iso|img|vhdx?)$",
    re.IGNORECASE,
)
_PACKED = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08")


def take_apart(file: Attachment, kind: str = "") -> Files:
    """Take apart one attachment: the files that it is, and what must be told of it. `kind` is the content type that was
    told."""
    data, name = file.data, file.name
    if kind == "application/ms-tnef" or data.startswith(_TNEF):
        return (replace(file, aside=True),), (Finding("message.winmail", value=name),)
    if kind == "application/applefile" or data.startswith(_RESOURCE_FORK):
        return (), ()  # what a Mac remembers about the file that stands beside
    if kind in CMS_KINDS or _CMS_NAME.search(name):
        return _open_signed(file, kind in CMS_KINDS)
    if data.lstrip().startswith(b"-----BEGIN PGP MESSAGE-----") or _CIPHER_NAME.search(name):
        return (replace(file, aside=True),), (Finding("attachment.enciphered", value=name),)
    if kind == "application/pgp-signature" or data.lstrip().startswith(b"-----BEGIN PGP SIGNATURE-----"):
        return (replace(file, aside=True),), (Finding("attachment.signature", value=name),)
    if data.startswith(_PACKED):
        return (file,), (Finding("archive.other", value=name),)
    empty = not data.strip(b"\0 \t\r\n")
    card = kind in _CARDS or kind.startswith("application/pgp-") or _CARD_NAME.search(name)
    return (replace(file, aside=True) if card or empty else file,), ()


def is_program(file: Attachment) -> bool:
    """Tell whether it is a file that a double click would run: no customer has a reason to send one."""
    return file.data.startswith(_PROGRAMS) or _PROGRAM_NAME.search(file.name.strip()) is not None


def is_letter(data: bytes) -> bool:
    """Tell whether bytes begin as a letter or a part of one does: with a header."""
    return _HEADER_LINE.match(data) is not None


def _open_signed(file: Attachment, may_be_letter: bool) -> Files:
    """A signature beside its file is put aside; a file inside its signature comes out of it, named without `.p7m`."""
    sealed = read_cms(file.data)
    if sealed and sealed.enciphered:
        return (replace(file, aside=True),), (Finding("attachment.enciphered", value=file.name),)
    signature = (Finding("attachment.signature", value=file.name),)
    if sealed is None or sealed.content is None:
        return (replace(file, aside=True),), signature
    if may_be_letter and is_letter(sealed.content):  # its parts were read as the letter's own
        return (), signature
    inner = Attachment(_CMS_NAME.sub("", file.name) or "file", sealed.content)
    return (inner,), signature


def is_any(file: Attachment) -> bool:
    """Take every file for a register: what is handed in as one is never passed over."""
    return True


def is_text(file: Attachment) -> bool:
    """Tell whether a file of a bank may be a register as text of fixed widths: no picture, scan or letter beside it."""
    return sniff(file.data, file.name) is Kind.OTHER and b"\0" not in file.data[:4096]
