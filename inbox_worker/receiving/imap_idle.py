"""An IMAP connection that can wait for letters, be woken by us meanwhile, and notices when it is dead."""

from __future__ import annotations

import imaplib
import logging
import os
import select
import socket
import time
from contextlib import suppress
from typing import Any

from imapclient import IMAPClient

# What servers say is told in our own words, cut and escaped; the library would write it out as it came.
logging.getLogger("imapclient").propagate = False
logging.getLogger("imapclient").addHandler(logging.NullHandler())


class Alarm:
    """Wakes whoever waits on a connection: to stop, or because an answer is there. For one waiting thread."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)

    def fileno(self) -> int:
        """Return the descriptor to be polled for reading."""
        return self._reading

    def ring(self) -> None:
        """Wakes the waiting thread, or the next wait when nobody waits; may be called from any thread."""
        with suppress(BlockingIOError):  # full: it rings already
            os.write(self._writing, b"\0")

    def wait(self, seconds: float) -> bool:
        """Waits for a ring, at most so long; True when it rang."""
        rang = bool(select.select([self._reading], [], [], seconds)[0])
        if rang:
            with suppress(BlockingIOError):
                os.read(self._reading, 4096)
        return rang

    def close(self) -> None:
        """Close the pipe: nobody may ring afterwards."""
        os.close(self._reading)
        os.close(self._writing)


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient whose IDLE ends when an alarm rings too, and which writes nothing to logs.

    imaplib's log lines would hold the access token in AUTHENTICATE.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.alarm: Alarm | None = None
        super().__init__(*arguments, **named)
        self._imap.debug = 0
        self.normalise_times = False  # else INTERNALDATE comes without its zone

    def idle(self) -> None:
        """Begins to wait. News that come before the server agrees are heard: see `has_more_than`."""
        if not self.has_capability("IDLE"):  # asked now: `idle_check` would ask while the server waits for DONE
            raise imaplib.IMAP4.error("the server has no IDLE")
        tag = self._idle_tag = self._imap._command("IDLE")
        while self._imap._get_response() is not None:
            if self._imap.tagged_commands[tag]:
                kind, words = self._imap.tagged_commands.pop(tag)
                raise imaplib.IMAP4.error(f"IDLE refused: {kind} {words}")

    def forget_counts(self) -> None:
        """Forget what was told of the number of letters so far: it is in the search that follows."""
        for name in ("EXISTS", "EXPUNGE"):
            self._imap.untagged_responses.pop(name, None)

    def has_more_than(self, there: int) -> bool:
        """Tell whether the server, beside its answers, has told of letters that came after `there` of them were found.

        Such news are said once: IDLE would not repeat them.
        """
        untagged = self._imap.untagged_responses
        counts = untagged.get("EXISTS") or [b"0"]
        return int(counts[-1]) > there - len(untagged.get("EXPUNGE") or ())

    def _poll_socket(self, sock: socket.socket, timeout: float | None = None) -> list[int]:
        """What has something to read: the server's socket, never the alarm.

        A time-out of 0 says yes without looking: words that came in one packet with the answer to IDLE lie in
        Python's own buffer, where no poll sees them, and the reading that follows does not block.
        """
        if timeout == 0:
            return [sock.fileno()]
        poller = select.poll()
        poller.register(sock.fileno(), select.POLLIN)
        if self.alarm:
            poller.register(self.alarm.fileno(), select.POLLIN)
        ready = poller.poll(None if timeout is None else timeout * 1000)
        return [number for number, _ in ready if number == sock.fileno()]


def wait(client: Client, seconds: float, there: int) -> None:
    """Waits until the server tells something, the alarm rings or the time is over; then proves the connection.
    Returns at once when letters came since `there` of them were found.

    Raises what the link raises (`LINK_FAULTS`). An empty answer before its time is how IMAPClient shows a dead
    socket, for ever and at once: DONE and NOOP after every wait let no such answer pass.
    """
    until = time.monotonic() + seconds
    client.idle()
    news = client.has_more_than(there) or client.idle_check(timeout=0)
    left = until - time.monotonic()
    if not news and left > 0:
        client.idle_check(timeout=left)
    client.idle_done()
    client.noop()
    if client.alarm:
        client.alarm.wait(0)  # heard; else every later wait would end at once
