"""Raw bytes of an e-mail -> `Message`. Never raises: what cannot be read is a finding of the message."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser

from inbox_worker.arrival.decoding import READ_ERRORS
from inbox_worker.arrival.headers import header_text, kept_headers, message_ids, received_at, senders
from inbox_worker.arrival.parts import POLICY, Part, attachment, is_letter_text, letter_text, parts
from inbox_worker.model import Attachment, Finding, Message

_UNREADABLE = Finding("message.unreadable")
_HEAD_LIMIT = 200_000  # bytes looked at for headers when the whole cannot be parsed


def parse_message(raw: bytes) -> Message:
    """Reads a letter: senders, receipt time, text, attachments (4.3.2).

    Bytes that are no letter, or a letter whose parts cannot be told apart, give what could be read and the
    finding `message.unreadable`; `message.winmail` says that files hide in Outlook's own envelope. The raw
    bytes stay with the caller: nothing is ever re-serialised. Raises nothing, whatever the bytes are.
    """
    try:
        letter = message_from_bytes(raw, EmailMessage, policy=POLICY)
        leaves = list(parts(letter))
        return _message(letter, *_contents(leaves))
    except READ_ERRORS:
        head: EmailMessage = BytesHeaderParser(EmailMessage, policy=POLICY).parsebytes(raw[:_HEAD_LIMIT])
        return _message(head, "", (), (_UNREADABLE,))


def _contents(leaves: list[Part]) -> tuple[str, tuple[Attachment, ...], tuple[Finding, ...]]:
    """Text, attachments and findings of the leaves; text/plain is preferred to HTML."""
    written = [leaf for leaf in leaves if not leaf.broken and is_letter_text(leaf)]
    written.sort(key=lambda leaf: leaf.kind == "text/html")
    text = next((words for words in map(letter_text, written) if words), "")
    files = tuple(
        attachment(leaf, number)
        for number, leaf in enumerate(leaves, start=1)
        if not leaf.broken and not is_letter_text(leaf)
    )
    findings = [_UNREADABLE] if any(leaf.broken for leaf in leaves) else []
    if any(leaf.kind == "application/ms-tnef" for leaf in leaves):
        findings.append(Finding("message.winmail", value="winmail.dat"))
    return text, files, tuple(findings)


def _message(letter: EmailMessage, text: str, files: tuple[Attachment, ...], findings: tuple[Finding, ...]) -> Message:
    identifiers = message_ids(letter, "message-id")
    return Message(
        senders=senders(letter),
        subject=header_text(letter, "subject"),
        text=text,
        message_id=identifiers[0] if identifiers else "",
        references=message_ids(letter, "references", "in-reply-to"),
        received_at=received_at(letter),
        attachments=files,
        headers=kept_headers(letter),
        findings=findings if letter.keys() or findings else (_UNREADABLE,),
    )
