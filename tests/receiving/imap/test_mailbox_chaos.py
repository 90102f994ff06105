"""Servers and the service killed again and again while post comes in: every letter has exactly one outcome, and every
answer left once or is listed as uncertain."""

from __future__ import annotations

import queue
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from mailbox_home import NOW, MailHome, Service, mail
from mailbox_server import PASSWORD, Dovecot

from inbox_worker.core.time import ALMATY
from inbox_worker.outbox.send import send_waiting
from inbox_worker.settings.home import load_home
from tests.support.mail_sink import Server, Sink
from tests.support.office import BINS
from tests.support.papers import File

_EVERY_FORM = 3  # one letter in so many carries a form
_PASSES = 60


def _letters(count: int) -> list[bytes]:
    """Of five customers: one address is answered so many times a day."""
    plain = File("card.vcf", b"BEGIN:VCARD")
    by = [sorted(BINS)[n // _EVERY_FORM % len(BINS)] for n in range(count)]
    return [mail(n, by=by[n]) if n % _EVERY_FORM == 0 else mail(n, plain) for n in range(count)]


def _deliver(home: MailHome, letters: list[bytes], end: threading.Event) -> None:
    """As a mail server does: until it was told that the letter is in; perhaps it is in twice then."""
    context = ssl.create_default_context(cafile=str(home.server.ca))
    waiting = list(enumerate(letters))
    while waiting and not end.is_set():
        try:
            boxes = [home.users["korrektirovki"], home.users["bigoperators"]]
            clients = []
            for user in boxes:
                client = IMAPClient("127.0.0.1", home.server.tls, ssl_context=context, timeout=10)
                client.plain_login(user, PASSWORD)
                clients.append(client)
            while waiting and not end.is_set():
                number, raw = waiting[0]
                clients[number % 2].append("INBOX", raw, msg_time=NOW)
                waiting.pop(0)
                end.wait(0.15)
        except (OSError, IMAPClientError):
            end.wait(0.1)


def _hear(running: Service, lines: int) -> None:
    """Until so many lines were said, or nothing more is."""
    try:
        for _ in range(lines):
            running.line(5)
    except queue.Empty:
        return


def _storm(home: MailHome, own: Dovecot, letters: list[bytes], kills: int) -> None:
    chance = random.Random(4)  # noqa: S311
    end = threading.Event()
    post = threading.Thread(target=_deliver, args=(home, letters, end))
    post.start()
    try:
        for _ in range(kills):
            running = Service(home)
            _hear(running, chance.randrange(1, 12))
            own.crash()
            own.start()
            _hear(running, chance.randrange(0, 12))
            running.process.kill()
            running.process.wait()
        post.join(300)
        assert not post.is_alive(), "not everything was delivered"
    finally:
        end.set()
        post.join()
    home.once()
    later = datetime.now(ALMATY)
    for _ in range(_PASSES):  # so many letters leave a minute
        if not home.rows("select id from deliveries where state not in ('sent', 'uncertain')"):
            break
        later += timedelta(hours=1)
        send_waiting(load_home(home.path), later)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "kills"), [(40, 2), (500, 20)])
def test_killed_again_and_again_every_letter_has_one_outcome(
    count: int, kills: int, make_home: Callable[[Dovecot], MailHome], own: Dovecot
) -> None:
    home, sink = make_home(own), Sink()
    letters = _letters(count)
    with Server(sink) as server:
        home.answers_by(server.port)
        _storm(home, own, letters, kills)
    found = home.rows("select message_id, outcome from arrivals where mailbox <> 'load'")
    told = Counter(identity for identity, _ in found)
    assert told == Counter(f"<{number}@a.example>" for number in range(count))
    forms = len(range(0, count, _EVERY_FORM))
    assert Counter(outcome for _, outcome in found) == {"accepted": forms, "ignored": count - forms}
    assert len(home.rows("select * from fact_files where kind = 'recalculations'")) == forms
    assert home.lying() == []
    for mailbox in home.users:
        folders = home.folders(mailbox)
        assert set(folders) <= {"Processed", "Ignored"}, folders
    _each_answered_once(home, sink, forms)


def _each_answered_once(home: MailHome, sink: Sink, forms: int) -> None:
    answers = home.rows("select arrival, message_id, state from deliveries where kind = 'receipt'")
    assert len(answers) == len({arrival for arrival, _, _ in answers}) == forms
    came = Counter(str(got.message["Message-ID"]) for got in sink.letters)
    assert set(came) <= {identity for _, identity, _ in answers}
    for _, identity, state in answers:
        assert (state == "sent" and came[identity] == 1) or (state == "uncertain" and came[identity] <= 1)
