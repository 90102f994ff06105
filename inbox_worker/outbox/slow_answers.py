"""Answers to whole letters that a mail server is slow to give: a server may scan a letter for minutes before it says
that it took it (RFC 5321, 4.5.3.2.6: ten). Who gives up before that has a letter of which nobody knows whether it went.
"""

from __future__ import annotations

import select
import smtplib
import ssl
import time


class SlowAnswer:
    """A whole letter that a server has and has not answered yet, over a connection that is its own."""

    def __init__(self, smtp: smtplib.SMTP, seconds: float, what: str) -> None:
        """`seconds`: so long from now it is waited for; `what`: how people are told of it."""
        self.smtp = smtp
        self.what = what
        self._until = time.monotonic() + seconds

    def is_there(self, seconds: float) -> bool:
        """Wait at most so long; tell whether the answer is there, or the connection has ended."""
        return is_answered(self.smtp, min(seconds, self.left))

    def is_over(self) -> bool:
        """Tell whether it was waited for long enough."""
        return not self.left

    @property
    def left(self) -> float:
        """Return how many seconds it is waited for still."""
        return max(0.0, self._until - time.monotonic())


def is_answered(smtp: smtplib.SMTP, seconds: float) -> bool:
    """Wait at most so long for a server's next line; tell whether something of it is there, or the connection has
    ended."""
    sock = smtp.sock
    if sock is None:
        return True
    wait = sock.gettimeout()
    sock.settimeout(0)
    try:
        if smtp.file and smtp.file.peek(1):  # smtplib's own reader may hold it already
            return True
    except (BlockingIOError, ssl.SSLWantReadError):
        pass
    except OSError:
        return True
    finally:
        sock.settimeout(wait)
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))
