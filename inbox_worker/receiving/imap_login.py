"""Logging in to a mailbox: TLS, the secret from where config.yaml says, and every failure as one clear line.

A secret lives only while it is used: it is read anew for every log-in and stands in no message.
"""

from __future__ import annotations

import imaplib
import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from imapclient import SocketTimeout

from inbox_worker.core.errors import JobError
from inbox_worker.receiving.imap_idle import Client
from inbox_worker.settings.mailboxes import Imap
from inbox_worker.settings.passwords import PasswordError, from_environment, from_file, hide_secret

LINK_FAULTS = (OSError, imaplib.IMAP4.error, ValueError)  # what talking to a server raises
_NONSENSE = (AttributeError, LookupError, MemoryError, TypeError)  # what is made of an answer that is none
_TOKEN_SECONDS = 30
_LONGEST_WORDS = 200
_CERTIFICATES = {  # by OpenSSL's code of what is wrong
    9: "it does not count yet: look at the clocks of this machine and of the server",
    10: "whoever runs the server must renew it",
    62: "write its name as host in config.yaml, or have the server given one for this name",
    64: "write its name as host in config.yaml, or have the server given one for this name",
}

P = ParamSpec("P")
R = TypeVar("R")


class MailboxError(JobError):
    """The mailbox cannot be used; the text is one line that says what to do and holds no secret."""


class LoginRefused(MailboxError):
    """The server does not let us in: hurrying would only get the account locked."""


class UnreachableServer(MailboxError):
    """There is no connection with the server that is as safe as config.yaml says."""


def guard_answers(talk: Callable[P, R]) -> Callable[P, R]:
    """Wrap a function that only talks to a server: nonsense in its answers counts as a broken link, told and tried
    again.

    So nothing else needs to take such an error for the server's: elsewhere it is a fault of ours and must be heard.
    """

    @wraps(talk)
    def guard_call(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return talk(*arguments, **named)
        except _NONSENSE as error:
            words = f"an answer that cannot be read ({type(error).__name__}: {error})"
            raise imaplib.IMAP4.abort(words) from error

    return guard_call


def words_of(error: BaseException, user: str = "", secret: str = "") -> str:
    """Return what an error says, on one line, cut, without the secret."""
    text = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror
    text = hide_secret(text, user, secret)
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text[:_LONGEST_WORDS]


def connect(imap: Imap, home: Path) -> Client:
    """Open a connection that is logged in. Raises MailboxError."""
    secret = secret_of(imap, home)
    client = _reach(imap)
    try:
        _log_in(client, imap, secret)
    except imaplib.IMAP4.abort as error:
        sever(client)
        raise MailboxError(f"{_server(imap)} hung up at the log-in: {words_of(error, imap.user, secret)}") from None
    except imaplib.IMAP4.error as error:
        sever(client)
        named = "the token" if imap.token_command else "the password"
        said = words_of(error, imap.user, secret)
        raise LoginRefused(
            f"{_server(imap)} refused the log-in of {imap.user}: {said}; mend the name or {named}"
        ) from None
    except LINK_FAULTS as error:
        sever(client)
        raise MailboxError(f"{_server(imap)} broke off at the log-in: {words_of(error, imap.user, secret)}") from None
    return client


def sever(client: Client) -> None:
    """Closes the socket without a word: a dead server would not hear it."""
    with suppress(*LINK_FAULTS):
        client.shutdown()


def cut(client: Client) -> None:
    """Breaks the connection under another thread, whose reading then ends at once. Closing would wait for it."""
    with suppress(OSError):
        socket.socket.shutdown(client.socket(), socket.SHUT_RDWR)


def secret_of(imap: Imap, home: Path) -> str:
    """Return the password or token. Raises MailboxError when its source gives none."""
    try:
        if imap.password_env:
            return from_environment(imap.password_env)
        if imap.password_file:
            return from_file(imap.password_file, home)
    except PasswordError as error:
        raise MailboxError(str(error)) from None
    return _from_command(imap.token_command)


def _from_command(command: tuple[str, ...]) -> str:
    """What the command prints. Its stderr is not shown: it may speak of the secret.

    One that hangs is ended with all that it started: at a try a minute its leavings would fill the machine.
    """
    quiet = subprocess.DEVNULL
    try:
        with subprocess.Popen(
            command, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet, text=True, start_new_session=True
        ) as running:
            try:
                output = running.communicate(timeout=_TOKEN_SECONDS)[0]
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
                raise
    except subprocess.TimeoutExpired:
        raise MailboxError(f"token_command {command[0]} gave no token in {_TOKEN_SECONDS} s; run it by hand") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MailboxError(f"token_command {command[0]} cannot be run: {words_of(error)}") from None
    token = output.strip()
    if running.returncode or not token:
        raise MailboxError(f"token_command {command[0]} gave no token (exit {running.returncode}); run it by hand")
    return token


def _reach(imap: Imap) -> Client:
    """A connection that is encrypted as it should be."""
    timeout = SocketTimeout(connect=imap.connect_seconds, read=imap.timeout_seconds)
    implicit = imap.tls == "implicit"
    context = None if imap.tls == "none" else _context(imap)
    client = None
    try:
        port = imap.port or (993 if implicit else 143)
        tls = context if implicit else None
        client = guard_answers(Client)(imap.host, port, ssl=implicit, ssl_context=tls, timeout=timeout)
        if imap.tls == "starttls":
            guard_answers(client.starttls)(context)
        return client
    except ssl.SSLCertVerificationError as error:
        why, remedy = error.verify_message, _CERTIFICATES.get(error.verify_code, "name its CA in ca_file")
        failed = f"the certificate of {_server(imap)} is not trusted: {why}; {remedy}"
    except LINK_FAULTS as error:
        failed = f"{_server(imap)} cannot be reached: {words_of(error)}; look at host, port and tls in config.yaml"
    if client:
        sever(client)
    raise UnreachableServer(failed)


def _context(imap: Imap) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=imap.ca_file or None)
    except OSError as error:
        raise MailboxError(f"ca_file {imap.ca_file} cannot be used: {words_of(error)}") from None


@guard_answers
def _log_in(client: Client, imap: Imap, secret: str) -> None:
    if imap.token_command:
        client.oauth2_login(imap.user, secret)
    elif client.has_capability("AUTH=PLAIN"):
        client.plain_login(imap.user, secret)  # LOGIN carries neither Kazakh letters nor a name with a blank
    else:
        client.login(imap.user, secret)


def _server(imap: Imap) -> str:
    return f"{imap.host}:{imap.port}" if imap.port else imap.host
