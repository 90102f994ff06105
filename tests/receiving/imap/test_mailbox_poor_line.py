"""A letter at which the line breaks each time keeps no other waiting."""

from __future__ import annotations

import os
import select
import socket
import time

import pytest
from mailbox_home import MailHome, mail, recalculation, service
from mailbox_server import PATIENCE, Wire

from inbox_worker.receiving.imap import Listed
from inbox_worker.receiving.mail_put_off import PutOff
from tests.support.papers import File


class PoorWire(Wire):
    """A line that breaks when the server has said so many bytes in one connection; 0 = it does not."""

    def __init__(self, port: int, most: int) -> None:
        super().__init__(port)
        self.most = most
        self._said: dict[socket.socket, int] = {}

    def _carry(self, one: socket.socket, pairs: dict[socket.socket, socket.socket]) -> None:
        if one.getpeername()[1] == self._target:
            self._said[one] = self._said.get(one, 0) + 65536
        if self.most and self._said.get(one, 0) > self.most:
            other = pairs.pop(one)
            pairs.pop(other, None)
            one.close()
            other.close()
        else:
            super()._carry(one, pairs)


def wait_for(home: MailHome, outcomes: list[str]) -> None:
    until = time.monotonic() + PATIENCE
    while home.outcomes() != outcomes:
        assert time.monotonic() < until, home.outcomes()
        select.select([], [], [], 0.1)


@pytest.mark.slow
def test_a_letter_that_breaks_the_line_keeps_no_other_waiting(home: MailHome) -> None:
    """It was the first to be fetched after each break, and whatever came behind it was never taken."""
    large = File("scan.pdf", b"%PDF-" + os.urandom(9_000_000))
    home.deliver(mail(1, File("Перерасчёт.xlsx", recalculation(1)), large), mail(2), mail(3))
    with PoorWire(home.server.tls, 6_000_000) as wire:
        home.settings(port=wire.port, idle_seconds=1)
        with service(home) as running:
            wait_for(home, ["accepted", "accepted"])
            home.deliver(mail(4))
            wait_for(home, ["accepted"] * 3)
            while "breaks at letter 1 each time" not in running.problem():
                pass
            wire.most = 0
            wait_for(home, ["accepted"] * 4)
            home.wait_for_folders({"Processed": 4})
            assert running.end() == 0
    assert home.folders() == {"Processed": 4}
    assert len(home.rows("select * from fact_files where kind = 'recalculations'")) == 4


def test_a_letter_that_breaks_the_line_for_months_is_put_off_no_longer_and_no_shorter() -> None:
    put_off, letter = PutOff(30.0), Listed(7, 100, None)
    for _ in range(2000):
        put_off.begin(1)
        assert put_off.begin_batch([letter], 1000) == [letter]
    assert put_off.begin(1) == [7] and put_off.due([7, 8]) == [8]
