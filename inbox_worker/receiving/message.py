"""Raw bytes of an e-mail -> `Message`. Never raises: what cannot be read is a finding of the message."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.errors import MissingHeaderBodySeparatorDefect
from email.message import EmailMessage
from email.parser import BytesHeaderParser

from inbox_worker.core.model import Attachment, Finding
from inbox_worker.receiving.attached import take_apart
from inbox_worker.receiving.decoding import READ_ERRORS, decode
from inbox_worker.receiving.headers import header_text, kept_headers, mend_headers, message_ids, received_at, senders
from inbox_worker.receiving.letter import Message
from inbox_worker.receiving.links import cloud_disk
from inbox_worker.receiving.parts import (
    ELSEWHERE,
    POLICY,
    Part,
    attachment,
    is_letter_text,
    letter_text,
    parts,
    payload,
    text_rows,
)
from inbox_worker.receiving.uuencoded import find_uuencoded, without_uuencoded

_UNREADABLE = Finding("message.unreadable")
_HEAD_LIMIT = 200_000  # bytes looked at for headers when the whole cannot be parsed
_MOST_PARTS = 20_000  # a part may be 7 bytes long: a letter of 25 MB would take minutes
_MOST_LINES = 1_000_000  # so may headers; 25 MB in base64 are 350 000 lines
_PART_IN_TEXT = re.compile(rb"^--\S[^\r\n]*\r?\n(?:Content-[A-Za-z-]+:[^\r\n]*\r?\n)+\r?\n", re.MULTILINE)
_SHOWN = 60  # characters of a Received header: its date stands at the end
_CIPHERED_TEXT = "-----BEGIN PGP MESSAGE-----"


def parse_message(raw: bytes) -> Message:
    """Reads a letter: senders, receipt time, text, attachments (4.3.2).

    Bytes that are no letter, or a letter whose parts cannot be told apart, give what could be read and the
    finding `message.unreadable`; other findings say what hides a file from us: `message.winmail`,
    `attachment.enciphered`, `message.partial`, `message.elsewhere`, `message.cloud_link`;
    `message.receipt_time` says that our server's time of receipt cannot be read. The raw
    bytes stay with the caller: nothing is ever re-serialised. Raises nothing, whatever the bytes are.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    try:
        if _too_many(raw):
            return _head_only(raw)
        letter = message_from_bytes(raw, EmailMessage, policy=POLICY)
        if any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in letter.defects):
            letter = message_from_bytes(mend_headers(raw), EmailMessage, policy=POLICY)
        return _message(letter, *_contents(letter))
    except READ_ERRORS:
        return _head_only(raw)


def _too_many(raw: bytes) -> bool:
    """Tell whether taking the letter apart would take longer than any honest letter needs."""
    dashes = raw.count(b"\n--") + raw.count(b"\r--")
    return dashes > _MOST_PARTS or raw.count(b"\n") > _MOST_LINES or raw.count(b"\r") > _MOST_LINES


def read_head(raw: bytes) -> EmailMessage:
    """Return a letter's headers alone, however large it is. Raises one of READ_ERRORS."""
    head: EmailMessage = BytesHeaderParser(EmailMessage, policy=POLICY).parsebytes(raw[:_HEAD_LIMIT])
    return head


def _head_only(raw: bytes) -> Message:
    return _message(read_head(raw), "", (), (_UNREADABLE,))


_Rows = tuple[tuple[str, ...], ...]


def _contents(letter: EmailMessage) -> tuple[str, tuple[Attachment, ...], tuple[Finding, ...], _Rows]:
    """Text, attachments, findings and the text's table of the leaves; text/plain is preferred to HTML."""
    leaves = list(parts(letter))
    written = [leaf for leaf in leaves if not leaf.broken and is_letter_text(leaf)]
    written.sort(key=lambda leaf: leaf.kind == "text/html")
    text = next((words for words in map(letter_text, written) if words), "")
    files: list[Attachment] = []
    findings = [_UNREADABLE] if any(leaf.broken for leaf in leaves) or _torn(leaves) else []
    for number, leaf in enumerate(leaves, start=1):
        found, notes = _files_of(leaf, number)
        files += found
        findings += [*notes, *(_find_forwarded(leaf, letter) if found else ())]
    findings += _of_text(text, written)
    once = {(finding.code, finding.value): finding for finding in findings}
    return without_uuencoded(text), tuple(files), tuple(once.values()), _rows_in_text(written)


def _rows_in_text(written: list[Part]) -> _Rows:
    """Return the rows of a table in the letter's text: its HTML keeps cells that plain words may have lost."""
    return next((rows for rows in map(text_rows, reversed(written)) if rows), ())


def _torn(leaves: list[Part]) -> bool:
    """Tell whether the only text is parts of a letter that its headers do not tell of: files would be lost unseen."""
    return len(leaves) == 1 and is_letter_text(leaves[0]) and bool(_PART_IN_TEXT.search(payload(leaves[0].message)))


def _files_of(leaf: Part, number: int) -> tuple[tuple[Attachment, ...], tuple[Finding, ...]]:
    """The files that a leaf is or holds."""
    if leaf.broken:
        return (), ()
    if leaf.kind in ELSEWHERE:
        code = "message.partial" if leaf.kind == "message/partial" else "message.elsewhere"
        return (), (Finding(code, value=leaf.kind),)
    if is_letter_text(leaf):
        return (find_uuencoded(payload(leaf.message)) if leaf.kind == "text/plain" else ()), ()
    file = attachment(leaf, number)
    if leaf.around == "multipart/encrypted" and leaf.kind != "application/pgp-encrypted":
        return (), (Finding("attachment.enciphered", value=file.name),)
    return take_apart(file, leaf.kind)


def _find_forwarded(leaf: Part, outer: EmailMessage) -> list[Finding]:
    """A file out of a letter that was forwarded: whose letter that was. The outer sender counts."""
    if leaf.letter is outer:
        return []
    return [Finding("message.forwarded", value=", ".join(senders(leaf.letter)))]


def _of_text(text: str, written: list[Part]) -> list[Finding]:
    """What the words tell: a cloud disk instead of a file, a cipher instead of words."""
    html = (decode(payload(p.message), p.message.get_content_charset()) for p in written if p.kind == "text/html")
    host = next(filter(None, map(cloud_disk, (text, *html))), "")
    findings = [Finding("message.cloud_link", value=host)] if host else []
    if text.startswith(_CIPHERED_TEXT):
        findings.append(Finding("attachment.enciphered", value="PGP"))
    return findings


def _message(
    letter: EmailMessage,
    text: str,
    files: tuple[Attachment, ...],
    findings: tuple[Finding, ...],
    rows: _Rows = (),
) -> Message:
    identifiers, received = message_ids(letter, "message-id"), received_at(letter)
    if received is None and (stated := header_text(letter, "received")):
        findings += (Finding("message.receipt_time", value=stated[-_SHOWN:]),)
    return Message(
        senders=senders(letter),
        subject=header_text(letter, "subject"),
        text=text,
        message_id=identifiers[0] if identifiers else "",
        references=message_ids(letter, "references", "in-reply-to"),
        received_at=received,
        attachments=files,
        headers=kept_headers(letter),
        findings=findings if letter.keys() or findings else (_UNREADABLE,),
        rows=rows,
    )
