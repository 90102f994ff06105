"""`run` over real mailboxes: quick, patient with servers and lines that die, and quiet while it waits."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mailbox_home import MailHome, mail, service
from mailbox_server import Dovecot, Wire

from tests.support.papers import File

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(process: int) -> float:
    """What a process has used so far, its children's share left out."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def test_from_delivery_to_decision_under_2_seconds_in_both_mailboxes(home: MailHome) -> None:
    waited: list[float] = []
    with service(home) as running:
        home.deliver(mail(1))
        assert "IW-000003 korrektirovki/INBOX-1.eml accepted" in running.line()  # awake and warm
        for number, box in ((2, "korrektirovki"), (3, "bigoperators"), (4, "korrektirovki"), (5, "bigoperators")):
            letter = mail(number)
            home.deliver(letter, to=box)
            delivered = time.monotonic()
            assert f"IW-00000{number + 2} {box}/" in running.line()
            waited.append(time.monotonic() - delivered)
        assert running.end() == 0
    assert max(min(waited[0::2]), min(waited[1::2])) < 2, "the machine may have had other work once"
    assert home.outcomes() == ["accepted"] * 3
    assert home.folders("bigoperators") == {"Processed": 2}


def test_what_lay_there_before_is_taken_at_the_start(home: MailHome) -> None:
    home.deliver(mail(1), mail(2))
    with service(home) as running:
        assert "INBOX-1.eml accepted" in running.line()
        assert "INBOX-2.eml accepted" in running.line()
        assert running.end() == 0


def test_a_server_that_crashes_while_we_wait_is_found_again(
    make_home: Callable[[Dovecot], MailHome], own: Dovecot
) -> None:
    home = make_home(own)
    with service(home) as running:
        home.deliver(mail(1))
        assert "accepted" in running.line()
        for number in (2, 3):
            home.wait_for_folders({"Processed": number - 1})
            own.crash()
            assert "mailbox" in running.problem()
            own.start()
            home.deliver(mail(number))
            assert f"INBOX-{number}.eml accepted" in running.line()
        home.wait_for_folders({"Processed": 3})
        assert running.end() == 0
    assert home.outcomes() == ["accepted"] * 3
    assert home.folders() == {"Processed": 3}


def test_a_silent_line_is_noticed_and_burns_no_cpu(make_home: Callable[[Dovecot], MailHome], own: Dovecot) -> None:
    """Neither side closes it: only asking shows that nobody answers."""
    home = make_home(own)
    with Wire(own.tls) as wire:
        home.settings(port=wire.port, idle_seconds=2, timeout_seconds=2)
        with service(home) as running:
            home.deliver(mail(1))
            assert "INBOX-1.eml accepted" in running.line()
            wire.silent.set()
            since, used = time.monotonic(), cpu_seconds(running.process.pid)
            assert "the connection broke" in running.problem(10)
            assert time.monotonic() - since < 8
            home.deliver(mail(2))
            assert "INBOX-2.eml accepted" in running.line()
            assert cpu_seconds(running.process.pid) - used < 0.25 * (time.monotonic() - since) + 0.5
            assert running.end() == 0
    assert home.outcomes() == ["accepted", "accepted"]


@pytest.mark.slow
def test_a_closed_line_burns_no_cpu_while_nobody_listens(
    make_home: Callable[[Dovecot], MailHome], own: Dovecot
) -> None:
    """IMAPClient answers an idle wait on a dead socket at once, for ever."""
    home = make_home(own)
    with service(home) as running:
        home.deliver(mail(1))
        assert "accepted" in running.line()
        own.crash()
        assert "mailbox" in running.problem()
        used, since = cpu_seconds(running.process.pid), time.monotonic()
        with pytest.raises(queue.Empty):
            running.line(4)  # nothing comes for so long
        assert cpu_seconds(running.process.pid) - used < 0.25 * (time.monotonic() - since)
        assert running.end() == 0


def test_a_server_without_idle_is_polled(make_home: Callable[[Dovecot], MailHome], base: Path) -> None:
    with Dovecot(base, capability="IMAP4rev1 SASL-IR LITERAL+ NAMESPACE UIDPLUS MOVE") as server:
        home = make_home(server)
        home.settings(poll_seconds=0.3)
        with service(home) as running:
            home.deliver(mail(1))
            assert "INBOX-1.eml accepted" in running.line()
            home.deliver(mail(2))
            assert "INBOX-2.eml accepted" in running.line()
            assert running.end() == 0


@pytest.mark.parametrize("tls", ["starttls", "none"])
def test_other_ways_to_reach_a_server(home: MailHome, tls: str) -> None:
    home.settings(tls=tls, port=home.server.plain)
    home.deliver(mail(1))
    home.once()
    assert home.outcomes() == ["accepted"]


def test_a_refused_log_in_does_not_stop_the_drop_folders(home: MailHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IW_TEST_PASSWORD", "wrong-secret")
    with service(home) as running:
        told = running.problem()
        assert "refused the log-in of" in told and "wrong-secret" not in told
        (home.path / "inbox" / "bigoperators" / "a.txt").write_text("hello")
        assert "bigoperators/a.txt" in running.line()
        assert running.end() == 0


@pytest.mark.slow
def test_many_small_letters_while_it_runs(home: MailHome) -> None:
    with service(home) as running:
        home.deliver(*(mail(number, File("card.vcf", b"BEGIN:VCARD")) for number in range(60)))
        for _ in range(60):
            assert "ignored" in running.line()
        assert running.end() == 0
    assert home.outcomes() == ["ignored"] * 60
