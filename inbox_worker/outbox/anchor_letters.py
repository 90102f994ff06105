"""The day's anchor to an auditor who has no key to this machine: number and hash of the last act (4.1.17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html import escape

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Language
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.letters import Delivery, LetterState, stamp
from inbox_worker.month.anchors import read_anchors
from inbox_worker.month.office import Office
from inbox_worker.month.witnesses import describe_head
from inbox_worker.outbox.compose import Letter, compose, letter_page
from inbox_worker.outbox.letters import address_of, keep_letter

KIND = "anchor"
_SIDES: tuple[Language, ...] = ("kk", "ru")


def queue_anchor(office: Office, now: datetime) -> None:
    """Queue the letter of the last anchor, once: it goes as every letter does, and is tried again."""
    recipient, anchors = office.home.config.audit.mail, read_anchors(office.home.ledger)
    if not recipient or not anchors or office.home.config.smtp is None:
        return
    letter = _letter(office, recipient, anchors[-1], now)
    if office.journal.letters.with_message_ids([letter.message_id]):
        return
    with office.journal.database.connect_for_queries() as connection:
        letter = replace(letter, witness=describe_head(connection))
    data, mailbox = compose(letter), next(iter(office.home.config.mailboxes))
    delivery = Delivery(
        id=0, kind=KIND, arrival=0, document="", mailbox=mailbox, recipient=recipient, subject=letter.subject,
        message_id=letter.message_id, thread="", state=LetterState.QUEUED, created_at=stamp(now), sha256=sha256(data),
        path=keep_letter(office.home, letter.message_id, data),
    )  # fmt: skip
    with office.journal.transaction() as connection:
        office.journal.letters.add(connection, delivery)


def _letter(office: Office, recipient: str, anchor: dict[str, object], now: datetime) -> Letter:
    mailbox, box = next(iter(office.home.config.mailboxes.items()))
    texts, operator = office.rules.texts.written, office.home.operator
    facts = {**anchor, "name": operator.name, "name_kk": operator.name_kk}
    sides = [texts.say(language, "anchor.text", **facts) for language in _SIDES]
    subject = " / ".join(texts.say(language, "anchor.subject", **facts) for language in _SIDES)
    html = "<hr>".join(f'<p lang="{language}">{escape(side)}</p>' for language, side in zip(_SIDES, sides, strict=True))
    mark = sha256(f"{operator.bin} {anchor['day']} {anchor['hash']} {recipient}".encode())[:24]
    return Letter(
        sender=address_of(office.home, mailbox), sender_name=operator.name, reply_to=box.address, recipient=recipient,
        subject=subject, message_id=f"<{KIND}.{mark}@{box.address.rpartition('@')[2]}>", date=to_almaty(now),
        text="\n\n".join(sides) + "\n", html=letter_page(html, _SIDES[0]),
        automatic="auto-generated",
    )  # fmt: skip
