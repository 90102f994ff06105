"""Letters to our mail server: one at a time, each with an answer that says what to do next.

A letter counts as sent only by the server's own word. When all of it has left, the server may have taken it even if
its answer never comes, so a connection lost from there on is `uncertain` and is not repeated by a program. An answer
that takes longer than `timeout` is put aside, and heard when the other letters have gone (slow_letters.py).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from inbox_worker.core.addresses import is_mailable, wire_address
from inbox_worker.core.errors import JobError
from inbox_worker.core.waits import tell_wait
from inbox_worker.outbox.slow_answers import SlowAnswer, is_answered
from inbox_worker.outbox.trouble import HOUSE, Trouble, trouble_of
from inbox_worker.settings.config import SmtpConfig
from inbox_worker.settings.passwords import hide_secret

_LONGEST_ANSWER = 300
_BLOCK = 1 << 16  # bytes that a server has `timeout` for: a large letter over a slow line is no server that is silent


class Result(StrEnum):
    """The outcome of one attempt."""

    SENT = "sent"
    REFUSED = "refused"  # for good: 5xx for this address or this letter
    RETRY = "retry"  # 4xx, or we may not send as we wanted: later
    UNCERTAIN = "uncertain"  # the connection was lost after the whole letter
    HOUSE = "house"  # our provider's limit, or what our account may do: no letter is at fault, all wait


@dataclass(frozen=True)
class Answer:
    """The result, and the server's words on one line (or ours, when it said none)."""

    result: Result
    text: str


class SmtpDown(JobError):
    """The server cannot be used now: not there, or certificate or log-in are not accepted. No letter is at fault."""


class SmtpLoginRefused(SmtpDown):
    """The server does not accept our name and password."""


class Post:
    """A session with the server; use as a context. Raises SmtpDown when it cannot be begun."""

    def __init__(self, settings: SmtpConfig, password: str, greeting: str = "localhost") -> None:
        """`greeting`: how we name ourselves to the server (EHLO); the machine's own name may take seconds to find."""
        self._settings = settings
        self._greeting = greeting
        self._password = password
        self._smtp: smtplib.SMTP | None = None
        self.size = 0  # bytes that the server takes, by its own word (SIZE, RFC 1870); 0 = it does not say

    def __enter__(self) -> Self:
        with self._tell_silence():
            self._smtp = self._connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def send(
        self, sender: str, recipient: str, data: bytes, before_data: Callable[[], bool]
    ) -> Answer | SlowAnswer | None:
        """Sends one letter to one address. A SlowAnswer is still to be heard (`hear`), over a connection of its own.

        `before_data` is called when the server has accepted the addresses, before the first byte of the letter
        leaves: there the journal is told, and False from it ends the attempt (then None is given). A connection
        lost before that is made again once; raises SmtpDown when that fails.
        """
        if not is_mailable(recipient):
            return Answer(Result.REFUSED, f"{_words(recipient.encode())!r} is no address that can be written to")
        if self.size and len(data) > self.size:
            return Answer(Result.REFUSED, f"552 5.3.4 {len(data)} bytes; the server takes {self.size} (SIZE)")
        with self._tell_silence():
            refused = self._addresses(sender, wire_address(recipient), data)
        if refused:
            self._forget()
            return refused
        if not before_data():
            self._forget()
            return None
        return self._transmit(data, recipient)

    def _tell_silence(self) -> AbstractContextManager[None]:
        """Tell people of a server that is silent for seconds."""
        return tell_wait(lambda: f"the mail server {_where(self._settings)} does not answer", self._settings.timeout)

    def _addresses(self, sender: str, recipient: str, data: bytes) -> Answer | None:
        """MAIL and RCPT; None when both are accepted."""
        for last in (False, True):
            if self._smtp is None:
                self._smtp = self._connect()
            try:
                code, words = self._smtp.mail(sender, self._mail_options(self._smtp, data))
                if code == 250:
                    code, words = self._smtp.rcpt(recipient)
                    if code != 421:
                        return None if code in (250, 251, 252) else _answer(code, words)
                if code != 421:  # MAIL speaks of us, not of the address; only a letter too large is the letter's fault
                    large = trouble_of(_format_answer(code, words)) is Trouble.LARGE
                    return Answer(
                        Result.REFUSED if large and code >= 500 else Result.HOUSE, _format_answer(code, words)
                    )
                why = _format_answer(code, words)
            except (smtplib.SMTPServerDisconnected, OSError) as error:
                why = _of_error(error)
            self._leave()
            if last:
                raise SmtpDown(why)
        raise AssertionError("the second round ends")

    @staticmethod
    def _mail_options(smtp: smtplib.SMTP, data: bytes) -> list[str]:
        options = [f"size={len(data)}"] if smtp.has_extn("size") else []
        return options if data.isascii() or not smtp.has_extn("8bitmime") else [*options, "body=8bitmime"]

    def _transmit(self, data: bytes, recipient: str) -> Answer | SlowAnswer:
        smtp, settings = self._smtp, self._settings
        assert smtp
        begun = whole = False
        what = (
            f"the mail server {_where(settings)} has the letter to {recipient} and does not say yet whether it takes "
            "it, so do not end this command"
        )
        try:
            code, words = smtp.docmd("DATA")
            if code == 354:
                begun = True
                whole = _give(smtp, wire_form(data))
                with tell_wait(lambda: what, settings.answer_timeout):
                    answered = not whole or is_answered(smtp, settings.timeout)
                if not answered:
                    self._smtp = None
                    return SlowAnswer(smtp, settings.answer_timeout - settings.timeout, what)
                code, words = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            smtp.close()  # amid a letter a word of farewell would be part of it
            self._leave()
            if whole:
                return _no_answer(_of_error(error))
            if begun:
                return Answer(Result.RETRY, f"the connection broke amid the letter: {_of_error(error)}")
            return Answer(Result.RETRY, f"no answer to DATA: {_of_error(error)}")
        answer = _after_letter(code, words) if whole else _answer(code, words)
        if begun and not whole:
            smtp.close()
        if answer.result is not Result.SENT:
            self._forget()
        return answer

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        smtp: smtplib.SMTP | None = None
        cipher = settings.tls != "none"  # to read the system's certificates takes longer than many a letter
        try:
            context = ssl.create_default_context(cafile=settings.ca_file or None) if cipher else None
        except OSError as error:
            raise SmtpDown(f"ca_file {settings.ca_file} cannot be used: {_of_error(error)}") from error
        try:
            where = (settings.host, settings.actual_port, self._greeting)
            if settings.tls == "implicit":
                smtp = smtplib.SMTP_SSL(*where, timeout=settings.timeout, context=context)
            else:
                smtp = smtplib.SMTP(*where, timeout=settings.timeout)
            smtp.ehlo_or_helo_if_needed()
            if settings.tls == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if settings.user:
                _log_in(smtp, settings.user, self._password)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            if smtp:
                smtp.close()
            kind = SmtpLoginRefused if isinstance(error, smtplib.SMTPAuthenticationError) else SmtpDown
            said = _of_error(error, settings.user, self._password)
            raise kind(f"{_where(settings)}: {said}") from error
        size = smtp.esmtp_features.get("size", "")
        self.size = int(size) if size.isdecimal() else 0
        return smtp

    def _forget(self) -> None:
        """The server forgets a letter that was begun; if it cannot, the next letter gets a new connection."""
        try:
            if self._smtp and self._smtp.rset()[0] != 250:
                self._leave()
        except (smtplib.SMTPException, OSError):
            self._leave()

    def _leave(self) -> None:
        if self._smtp:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp.close()
        self._smtp = None


def _where(settings: SmtpConfig) -> str:
    return f"{settings.host}:{settings.actual_port}"


def _log_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """smtplib knows ASCII passwords only; others go by PLAIN in UTF-8 (RFC 4616)."""
    if (user + password).isascii():
        smtp.login(user, password)
        return
    token = b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    code, words = smtp.docmd("AUTH", f"PLAIN {token}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


def _give(smtp: smtplib.SMTP, letter: bytes) -> bool:
    """Gives the server a letter; False when it broke off before the end: no server takes that, but it may say why."""
    assert smtp.sock
    try:
        for begin in range(0, len(letter), _BLOCK):
            smtp.sock.sendall(letter[begin : begin + _BLOCK])
    except OSError:
        return False
    return True


def wire_form(data: bytes) -> bytes:
    """Write a letter as it goes over the wire: lines end in CRLF, a leading dot is doubled, a lone dot ends it.

    >>> wire_form(b"a\\n.b")
    b'a\\r\\n..b\\r\\n.\\r\\n'
    """
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def hear(slow: SlowAnswer) -> Answer:
    """Return the answer to a whole letter, where it has come, and end its connection."""
    try:
        if slow.is_there(0):
            return _after_letter(*slow.smtp.getreply())
        return _no_answer("it did not come in time")
    except (smtplib.SMTPException, OSError) as error:
        return _no_answer(_of_error(error))
    finally:
        slow.smtp.close()


def _no_answer(why: str) -> Answer:
    return Answer(Result.UNCERTAIN, f"no answer after the letter: {why}")


def _after_letter(code: int, words: bytes) -> Answer:
    """The answer to a whole letter: any 2xx takes it; what is no answer at all leaves it open whether it was taken."""
    if 200 <= code < 300:
        return Answer(Result.SENT, _format_answer(code, words))
    return _answer(code, words) if 400 <= code < 600 else Answer(Result.UNCERTAIN, _format_answer(code, words))


def _answer(code: int, words: bytes) -> Answer:
    """No, for good or for now; and whose trouble it is."""
    text = _format_answer(code, words)
    if trouble_of(text) in HOUSE:
        return Answer(Result.HOUSE, text)
    return Answer(Result.REFUSED if 500 <= code < 600 else Result.RETRY, text)


def _format_answer(code: int, words: bytes) -> str:
    return f"{code} {_words(words)}".strip()


def _of_error(error: Exception, user: str = "", secret: str = "") -> str:
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        text = words.decode("utf-8", "backslashreplace") if isinstance(words, bytes) else str(words)
        said = f"{error.smtp_code} {text}"
    return _words(hide_secret(said, user, secret).encode()).strip()


def _words(words: bytes) -> str:
    """A stranger's words on one printable line."""
    text = " ".join(words.decode("utf-8", "backslashreplace").split())
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:_LONGEST_ANSWER]
