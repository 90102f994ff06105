"""Servers that keep the letter of the standard in ways of their own, or break it: no letter waits, none is lost."""

from __future__ import annotations

import queue
import re
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mailbox_home import NOW, MailHome, mail
from mailbox_script import ScriptedServer
from mailbox_server import PATIENCE

from inbox_worker.receiving.imap import Mailbox, open_mailbox, try_mailbox
from inbox_worker.receiving.imap_idle import Alarm
from inbox_worker.receiving.imap_login import MailboxError
from inbox_worker.receiving.mail_watch import MailboxWatch
from inbox_worker.settings.home import load_home
from inbox_worker.settings.mailboxes import Imap

_SECRET = "IW_PLAIN_PASSWORD"  # LOGIN carries no Kazakh letters
_ONE = '* 1 FETCH (UID 7 RFC822.SIZE 5 INTERNALDATE "20-Aug-2026 12:00:00 +0500")\r\n'


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_SECRET, "x")


def settings(server: ScriptedServer, **more: object) -> Imap:
    told = {"host": "127.0.0.1", "port": server.port, "tls": "none", "user": "k", "password_env": _SECRET}
    return Imap.model_validate({**told, "timeout_seconds": 5, "retry_seconds": 30, "since": "2020-01-01", **more})


@contextmanager
def opened(server: ScriptedServer, **more: object) -> Iterator[Mailbox]:
    alarm = Alarm()
    with open_mailbox(settings(server, **more), Path(), alarm, lambda client: None) as mailbox:
        yield mailbox
    alarm.close()


@contextmanager
def watched(home: MailHome, imap: Imap) -> Iterator[tuple[MailboxWatch, queue.Queue[str]]]:
    """A watch at work, and what it tells."""
    told: queue.Queue[str] = queue.Queue()
    watch = MailboxWatch(
        load_home(home.path), "korrektirovki", imap, lambda: NOW, lambda: None, lambda text, _: told.put(text)
    )
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield watch, told
    finally:
        watch.stop()
        thread.join(PATIENCE)
        watch.close()
        assert not thread.is_alive()


def problem(told: queue.Queue[str]) -> str:
    """The problem that a watch tells next."""
    return told.get(timeout=PATIENCE)


@pytest.mark.parametrize("capability", ["IMAP4rev1 IDLE MOVE", "IMAP4rev1 MOVE"])
def test_a_letter_that_comes_between_search_and_waiting_wakes(capability: str) -> None:
    """The server tells of it with the end of the search, and once only."""
    told = {"SEARCH": ["* SEARCH\r\n* 1 EXISTS\r\n", "* SEARCH 7\r\n"]}
    with ScriptedServer(capability, told=told) as server, opened(server, idle_seconds=20, poll_seconds=20) as mailbox:
        assert mailbox.uids() == []
        since = time.monotonic()
        mailbox.wait(60)
        assert time.monotonic() - since < 5
        assert mailbox.uids() == [7]


def test_the_count_of_what_was_found_wakes_nobody() -> None:
    told = {"SEARCH": ["* SEARCH 7\r\n* 1 EXISTS\r\n"]}
    with ScriptedServer(told=told) as server, opened(server, idle_seconds=0.3) as mailbox:
        assert mailbox.uids() == [7]
        since = time.monotonic()
        mailbox.wait(60)
        assert time.monotonic() - since >= 0.3


def test_a_letter_in_the_place_of_one_that_went_wakes_too() -> None:
    told = {"SEARCH": ["* SEARCH 7\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n"]}
    with ScriptedServer(told=told) as server, opened(server, idle_seconds=20) as mailbox:
        assert mailbox.uids() == [7]
        since = time.monotonic()
        mailbox.wait(60)
        assert time.monotonic() - since < 5


def test_news_before_the_server_agrees_to_wait_are_heard() -> None:
    with ScriptedServer(idle=b"* 1 EXISTS\r\n+ idling\r\n") as server, opened(server, idle_seconds=20) as mailbox:
        assert mailbox.uids() == []
        since = time.monotonic()
        mailbox.wait(60)
        assert time.monotonic() - since < 5
    assert server.heard[-3:] == ["IDLE", "NOOP", "LOGOUT"]


def test_a_server_that_gives_no_uidvalidity_is_refused_in_words() -> None:
    with ScriptedServer(told={"SELECT": ["* 0 EXISTS\r\n"]}) as server:
        assert "gives no UIDVALIDITY for INBOX" in try_mailbox(settings(server), Path())


def test_flags_that_somebody_changed_are_no_letter() -> None:
    """A row of them comes beside what was asked for; of letter 8 nothing else is told."""
    told = {"FETCH": [_ONE + "* 2 FETCH (UID 8 FLAGS (\\Seen))\r\n"]}
    with ScriptedServer(told=told) as server, opened(server) as mailbox:
        assert [one.uid for one in mailbox.list_letters([7, 8])] == [7]


def test_letters_of_which_the_server_tells_nothing_keep_no_others_waiting(home: MailHome) -> None:
    """They are named and tried again; what lies behind them is fetched (nothing is passed over in silence)."""
    ghosts = " ".join(map(str, range(100, 160)))
    told = {"SEARCH": [f"* SEARCH {ghosts} 200\r\n"], "FETCH": ["", _ONE.replace("UID 7", "UID 200")]}
    with ScriptedServer(told=told) as server, watched(home, settings(server)) as (watch, said):
        assert "does not tell of letter 100 though it lists it" in problem(said)
        until = time.monotonic() + PATIENCE
        while "letter 200" not in (words := problem(said)):
            assert time.monotonic() < until, words


@pytest.mark.parametrize("refused", ["CREATE", "SUBSCRIBE"])
def test_a_folder_that_cannot_be_made_keeps_no_letter_from_its_decision(refused: str, home: MailHome) -> None:
    with ScriptedServer(refused={refused}, links=2) as server:
        told = try_mailbox(settings(server), Path())
        assert ("folder Processed cannot be made" in told and "by hand" in told) == (refused == "CREATE")
        if refused == "CREATE":
            with watched(home, settings(server)) as (watch, said):
                while "folder Processed cannot be made" not in problem(said):
                    pass
                until = time.monotonic() + PATIENCE
                while watch.state != "read":
                    assert time.monotonic() < until
                    select.select([], [], [], 0.05)
                assert watch.connected


def test_a_folder_of_another_case_is_the_one_meant_where_the_server_says_so() -> None:
    told = {"LIST": [f'* LIST () "/" {name}\r\n' for name in ("processed", "processed")]}
    with ScriptedServer(told=told, refused={"CREATE"}) as server, opened(server) as mailbox:
        assert {words.split()[1] for words in mailbox.problems} == {"Held", "Rejected", "Ignored"}


@pytest.mark.slow
def test_a_server_that_hangs_up_on_every_wait_is_left_in_peace(home: MailHome) -> None:
    """Log-in and search go well each time: the pauses grow all the same."""
    with (
        ScriptedServer(idle=b"", links=50) as server,
        watched(home, settings(server, retry_seconds=4)) as (watch, said),
    ):
        since = time.monotonic()
        while server.heard.count("IDLE") < 4:
            assert time.monotonic() - since < PATIENCE
            assert "broke" in problem(said)
        assert time.monotonic() - since >= 0.5 + 1 + 2


def test_a_server_that_copies_but_lets_nothing_be_removed_gets_one_copy() -> None:
    capability = "IMAP4rev1 IDLE UIDPLUS"
    with (
        ScriptedServer(capability, told={"SEARCH": ["* SEARCH 7\r\n"]}, refused={"EXPUNGE"}) as server,
        opened(server) as mailbox,
    ):
        for _ in range(3):
            with pytest.raises(MailboxError, match="moved later"):
                mailbox.move([7], "Processed")
    assert server.heard.count("COPY") == 1


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("NAMESPACE", ""),
        ("NAMESPACE", "* NAMESPACE x\r\n"),
        ("LIST", "* LIST x y z\r\n"),
        ("NOOP", "+ \r\n"),
        ("FETCH", "* 1 FETCH (UID 7 BODY[] {99999999999}\r\n"),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_broken_link(command: str, answer: str, home: MailHome) -> None:
    """Told by its kind and tried again: it must not end the service, whose other mailbox and folders are well."""
    told = {"SEARCH": ["* SEARCH 7\r\n"], command: [answer]}
    with (
        ScriptedServer("IMAP4rev1 IDLE MOVE NAMESPACE", told=told) as server,
        watched(home, settings(server)) as (watch, said),
    ):
        assert re.match(r"mailbox korrektirovki: .*(Attribute|Memory|Type)Error: ", problem(said))


def test_a_journal_that_is_away_is_waited_for(home: MailHome) -> None:
    """Our own trouble ends no watch, which would end the service."""
    journal, away = home.path / "ledger" / "journal.db", home.path / "away.db"
    home.deliver(mail(1))
    imap = load_home(home.path).config.mailboxes["korrektirovki"].imap
    assert imap
    journal.rename(away)
    journal.mkdir()
    with watched(home, imap) as (watch, said):
        assert "is a folder, a pipe or a device" in problem(said)
        journal.rmdir()
        away.rename(journal)
        until = time.monotonic() + PATIENCE
        while not home.outcomes():
            assert time.monotonic() < until
            select.select([], [], [], 0.05)


def test_a_fault_of_ours_is_taken_for_no_broken_link(home: MailHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the watch and is heard; nonsense of a server never looks like it."""

    def wrong(*_: object) -> None:
        raise TypeError("ours")

    monkeypatch.setattr(MailboxWatch, "_first_of", wrong)
    with ScriptedServer(told={"SEARCH": ["* SEARCH\r\n"]}) as server:
        watch = MailboxWatch(load_home(home.path), "korrektirovki", settings(server), lambda: NOW, lambda: None, print)
        with pytest.raises(TypeError, match="ours"):
            watch.run()
        watch.close()
