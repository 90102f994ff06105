"""A real mail server that keeps what it gets, and a sender that gives it letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from inbox_worker.outbox.send import resolve, send_due
from inbox_worker.settings.config import SmtpConfig
from inbox_worker.settings.rules import Rules
from tests.outbox.desk import Desk


class _AnyPort(Controller):
    """On a port that is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Counter:
    """The server: refuses `nobody@`, and loses the line after the letter of `lost@`."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []
        self._controller = _AnyPort(self, hostname="127.0.0.1", port=0)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        read = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        self.letters.append((envelope.rcpt_tos[0], read))
        if envelope.rcpt_tos[0].startswith("lost@"):
            assert server.transport
            server.transport.abort()
        return "250 queued as 17"


class Post:
    """The desk's letters leave by the house's own sender, to the server on a port; staff decide about them."""

    def __init__(self, desk: Desk, port: int) -> None:
        smtp = SmtpConfig(host="127.0.0.1", port=port, tls="none", timeout=5)
        config = desk.office.home.config.model_copy(update={"smtp": smtp})
        desk.office = replace(desk.office, home=replace(desk.office.home, config=config))
        self._office = desk.office

    def send_due(self, now: datetime, rules: Rules | None = None) -> list[str]:
        return send_due(replace(self._office, rules=rules or self._office.rules), now)

    def drop(self, recipient: str, now: datetime) -> None:
        """Staff drop the letter to an address."""
        (letter,) = [one for one in self._office.journal.letters.all() if one.recipient == recipient]
        resolve(self._office, letter.id, False, now)


def files_of(message: EmailMessage) -> dict[str, bytes]:
    """Attachments by name."""
    found = {}
    for part in message.iter_attachments():
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        found[part.get_filename() or ""] = data
    return found
