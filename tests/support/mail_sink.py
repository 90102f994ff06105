"""A real mail server for tests: aiosmtpd in a thread of its own, answering as told."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword, Session

from tests.support.ports import free_port

USER, SECRET = "korrektirovki", "s3cret."


@dataclass
class Got:
    """A letter that the server has taken."""

    sender: str
    recipients: list[str]
    data: bytes
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        return cast(EmailMessage, message_from_bytes(self.data, policy=default))

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def html(self) -> str:
        body = self.message.get_body(("html",))
        assert body is not None
        return str(body.get_content())


@dataclass
class Sink:
    """`rcpt` and `data`: answers to give before a letter is taken, in turn ('' = take it). `drop_after_data`: the
    connection is cut when the letter is here (and taken), without an answer; `drop_at_rcpt`: before that.
    `answers_after`: so many others are taken first before a letter to that address has its answer, or the connection
    ends."""

    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    drop_after_data: bool = False
    drop_at_rcpt: int = 0
    answers_after: dict[str, int] = field(default_factory=dict)
    letters: list[Got] = field(default_factory=list)
    sessions: int = 0
    on_data: Callable[[], None] | None = None

    async def handle_EHLO(self, server: Any, session: Session, envelope: Any, hostname: str, responses: Any) -> Any:
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Session, envelope: Any, address: str, options: Any) -> str:
        if self.drop_at_rcpt:
            self.drop_at_rcpt -= 1
            server.transport.abort()
        answer = self.rcpt.pop(0) if self.rcpt else ""
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Any) -> str:
        if self.on_data:
            self.on_data()
        while len(self.letters) < self.answers_after.get(envelope.rcpt_tos[0], 0) and server.transport:
            await asyncio.sleep(0.01)
        answer = self.data.pop(0) if self.data else ""
        if answer:
            return answer
        content = bytes(envelope.content)
        self.letters.append(Got(envelope.mail_from, list(envelope.rcpt_tos), content, session.ssl is not None))
        if self.drop_after_data:
            server.transport.abort()
        return "250 taken"


class Server:
    """A sink that listens; `certificate` (a folder with cert.pem and key.pem) makes it speak TLS; `size`: bytes
    of a letter that it takes and announces, 0 = it announces nothing."""

    def __init__(
        self, sink: Sink, certificate: Path | None = None, implicit: bool = False, password: str = "", port: int = 0,
        size: int = 0,
    ) -> None:  # fmt: skip
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        more: dict[str, Any] = {"data_size_limit": size or None}
        if password:
            more |= {
                "authenticator": _door(password),
                "auth_required": True,
                "auth_require_tls": certificate is not None,
            }
        if context and not implicit:
            more |= {"tls_context": context, "require_starttls": True}
        self.sink = sink
        self.port = port or free_port()
        wrapped = context if implicit else None
        self._controller = Controller(sink, hostname="127.0.0.1", port=self.port, ssl_context=wrapped, **more)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()


def _door(password: str) -> Callable[..., AuthResult]:
    """Lets in USER with the password."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), password.encode())
        return AuthResult(success=good, handled=False)

    return authenticate


def make_certificate(folder: Path) -> Path:
    """A certificate of our own for localhost, good for a day."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    out = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *names, *out], check=True, capture_output=True)
    return folder
