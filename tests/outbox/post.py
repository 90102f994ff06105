"""A real mail server that keeps what it gets, and a sender that gives it letters."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping, Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, Table, Text, func, select

from inbox_worker.core.files import write_atomic
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.month.office import Office
from inbox_worker.outbox.deliver import OutLetter, QueuedLetter

_LETTERS = Table(
    "letters_of_tests",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("recipient", Text),
    Column("message_id", Text, unique=True),
    Column("data", LargeBinary),
    Column("state", Text),
    Column("sent_at", Text),
    Column("answer", Text),
)


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


class LetterBox:
    """A sender with records of its own beside the journal's, as the house's sender has."""

    def __init__(self, office: Office, port: int) -> None:
        self._office = office
        self._port = port
        self.takes = 0
        _LETTERS.create(office.journal.engine, checkfirst=True)

    def queue(self, connection: Connection, letter: OutLetter, now: datetime) -> int:
        message = EmailMessage()
        message["From"], message["To"] = "korrektirovki@alseco.example", letter.recipient
        message["Subject"], message["Message-ID"] = letter.subject, letter.message_id
        message.set_content(letter.text, cte="base64")
        message.add_alternative(letter.html, subtype="html", cte="base64")
        for name, data in letter.files:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        number = (connection.execute(select(func.max(_LETTERS.c.id))).scalar() or 0) + 1
        data = message.as_bytes(policy=policy.SMTP)
        write_atomic(self._office.home.archive / _path(number), data)
        values = {
            "recipient": letter.recipient,
            "message_id": letter.message_id,
            "data": message.as_bytes(policy=policy.SMTP),
        }
        connection.execute(_LETTERS.insert().values(id=number, state="queued", sent_at="", answer="", **values))
        return number

    def posted(self, numbers: Sequence[int]) -> Mapping[int, QueuedLetter]:
        with self._office.journal.engine.connect() as connection:
            rows = connection.execute(select(_LETTERS).where(_LETTERS.c.id.in_(numbers))).fetchall()
        return {row.id: QueuedLetter(LetterState(row.state), row.sent_at, row.answer, _path(row.id)) for row in rows}

    def send_due(self, now: datetime) -> list[str]:
        with self._office.journal.engine.connect() as connection:
            rows = connection.execute(select(_LETTERS).where(_LETTERS.c.state == "queued")).fetchall()
        for row in rows:
            state, answer = self._give(row.recipient, row.data)
            with self._office.journal.transaction() as connection:
                values = {"state": state, "answer": answer, "sent_at": stamp(now) if state == "sent" else ""}
                connection.execute(_LETTERS.update().where(_LETTERS.c.id == row.id).values(**values))
        return []

    def can_write_to(self, address: str) -> bool:
        return address.isascii() and address.count("@") == 1

    def withdraw(self, connection: Connection, number: int, why: str) -> bool:
        open_ = _LETTERS.c.state.in_(("queued", "refused", "dropped"))
        update = _LETTERS.update().where(_LETTERS.c.id == number, open_).values(state="dropped", answer=why)
        return connection.execute(update).rowcount == 1

    def server_takes(self) -> int:
        return self.takes

    def resolve(self, recipient: str, state: str) -> None:
        """Staff decide about a letter."""
        with self._office.journal.transaction() as connection:
            connection.execute(_LETTERS.update().where(_LETTERS.c.recipient == recipient).values(state=state))

    def _give(self, recipient: str, data: bytes) -> tuple[str, str]:
        smtp = smtplib.SMTP("127.0.0.1", self._port, local_hostname="localhost", timeout=10)
        try:
            smtp.ehlo()
            smtp.mail("korrektirovki@alseco.example")
            code, words = smtp.rcpt(recipient)
            if code != 250:
                return "refused", f"{code} {words.decode()}"
            code, words = smtp.data(data)
            return "sent" if code == 250 else "refused", f"{code} {words.decode()}"
        except smtplib.SMTPServerDisconnected as error:
            return "uncertain", str(error)
        finally:
            smtp.close()


def _path(number: int) -> str:
    return f"letters/{number}.eml"


def files_of(message: EmailMessage) -> dict[str, bytes]:
    """Attachments by name."""
    found = {}
    for part in message.iter_attachments():
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        found[part.get_filename() or ""] = data
    return found
