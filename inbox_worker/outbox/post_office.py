"""The sender of this home: letters of documents and bills go the way that answers go, with the same records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from inbox_worker.core.addresses import is_mailable
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.letters import Letters, LetterState
from inbox_worker.month.office import Office
from inbox_worker.outbox import send as sending
from inbox_worker.outbox.compose import Enclosure, Letter
from inbox_worker.outbox.deliver import OutLetter, QueuedLetter, Sender
from inbox_worker.outbox.letters import address_of, queue_letter

_PASSAGES = {
    LetterState.SENT: LetterState.SENT,
    LetterState.REFUSED: LetterState.REFUSED,
    LetterState.UNCERTAIN: LetterState.UNCERTAIN,
    LetterState.DROPPED: LetterState.DROPPED,
}  # all others are on their way


def sender_of(office: Office) -> Sender | None:
    """None where no mail server is configured: documents then wait, or go into the exchange folder."""
    return _PostOffice(office) if office.home.config.smtp else None


class _PostOffice:
    """Queues letters in the journal's `deliveries`; `sending` carries them out."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._mailbox = next(iter(office.home.config.mailboxes))
        self._takes: int | None = None

    def queue(self, connection: Connection, letter: OutLetter, now: datetime) -> int:
        home = self._office.home
        composed = Letter(
            sender=address_of(home, self._mailbox),
            sender_name=home.operator.name,
            reply_to=home.config.mailboxes[self._mailbox].address,
            recipient=letter.recipient,
            subject=letter.subject,
            message_id=letter.message_id,
            date=to_almaty(now),
            text=letter.text,
            html=letter.html,
            enclosures=tuple(Enclosure(name, data) for name, data in letter.files),
            automatic="auto-generated",
        )
        return queue_letter(connection, self._office, letter.kind, composed, self._mailbox, letter.names, now)

    def posted(self, numbers: Sequence[int]) -> Mapping[int, QueuedLetter]:
        found = (self._office_deliveries.find(number) for number in numbers)
        return {
            d.id: QueuedLetter(_PASSAGES.get(d.state, LetterState.QUEUED), d.sent_at, d.last_answer, d.path)
            for d in found
            if d
        }

    def send_due(self, now: datetime) -> list[str]:
        return sending.send_due(self._office, now)

    def can_write_to(self, address: str) -> bool:
        return is_mailable(address)

    def withdraw(self, connection: Connection, number: int, why: str) -> bool:
        return self._office_deliveries.withdraw(connection, number, why)

    def server_takes(self) -> int:
        if self._takes is None:
            self._takes = sending.server_takes(self._office)
        return self._takes

    @property
    def _office_deliveries(self) -> Letters:
        return Letters(self._office.journal)
