"""Whose trouble a server's answer tells of: our own limit or account stops all letters and refuses none; a recipient's
full mailbox is his; a letter too large for the server goes in another form.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from reply_office import AnsweringOffice, smtp

from inbox_worker.ledger.acts import find_acts_named
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.login_acts import ACCEPTED, REFUSED
from inbox_worker.outbox.send import resolve, send_due
from inbox_worker.outbox.server_state import pause_of, read_state
from inbox_worker.outbox.trouble import Trouble, trouble_of
from inbox_worker.workbooks.cells import CellReader
from tests.support.mail_sink import SECRET, USER, Server, Sink
from tests.support.office import Row, moment
from tests.support.said import remedies

NOW = moment("2026-08-20T12:00:00")
SAID = {
    Trouble.ADDRESS: ["550 no such user", "550 5.1.1 <a@b.kz>: User unknown", "550 5.2.1 account disabled"],
    Trouble.FULL: [
        *("552 mailbox full", "552 5.2.2 over quota", "452 4.2.2 The email account is over quota"),
        *("550 Mailbox quota exceeded", "450 4.2.1 The user is receiving mail at a rate that prevents more"),
    ],
    Trouble.LARGE: [
        *("552 5.3.4 Message too big for system", "552 message size exceeds fixed limit", "550 5.3.4 x", "552 no"),
        "552 5.2.3 Message length exceeds administrative limit",
    ],
    Trouble.SPAM: [
        *("550 5.7.1 blocked as spam", "554 5.7.1 Service unavailable; blocked using a block list"),
        *("550-5.7.26 mail from a.kz is not accepted due to its DMARC policy", "552 5.7.0 message was blocked"),
        "550 5.7.124 sender not authorized to send to this recipient",
    ],
    Trouble.LIMIT: [
        *("550 5.4.5 Daily user sending limit exceeded", "421 4.7.0 try again later", "450 4.7.1 too many mails"),
        *("451 sending rate exceeded", "550 quota exceeded", "452 4.5.3 Too many recipients", "451 превышен лимит"),
    ],
    Trouble.OURS: [
        *("530 5.7.0 Authentication required", "550 5.7.60 Client does not have permissions to send as this sender"),
        *("553 5.7.1 Sender address rejected: not owned by user x", "554 5.7.1 Relay access denied", "535 5.7.8 no"),
        "550 5.7.1 not allowed to send as a@b.kz",
    ],
    Trouble.OTHER: ["451 greylisted", "452 no space", "554 5.4.6 too many hops", "500 corporate delimiter"],
}


def ask(office: AnsweringOffice, month: int = 6, amount: str = "-10") -> None:
    row: Row = {"account": "1001", "service": "maintenance", "past_month": f"{month:02d}.2025", "amount": amount}
    office.ingest("recalculations", [row], received="2026-08-20")


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


@pytest.mark.parametrize("kind", SAID)
def test_words_of_servers(kind: Trouble) -> None:
    assert {said: trouble_of(said) for said in SAID[kind]} == dict.fromkeys(SAID[kind], kind)


@pytest.mark.quick("limit-rcpt", "ours-data")
@pytest.mark.parametrize("stage", ["rcpt", "data"])
@pytest.mark.parametrize("kind", [Trouble.LIMIT, Trouble.OURS])
def test_our_own_limit_stops_the_pass_and_refuses_nobody(
    kind: Trouble, stage: str, answering: AnsweringOffice, sink: Sink
) -> None:
    """Five refusals in a row, with other words each time: told once, no try is lost, all leave at last."""
    for month in (1, 2, 3):
        ask(answering, month)
    answers = [said for said in SAID[kind] if not said.startswith("421")]
    getattr(sink, stage).extend(answers[:4])
    told, at = [], NOW
    for wait in (1, 5, 15, 60):
        told += send_due(answering.office, at)
        assert not sink.letters
        found = answering.office.journal.letters.all()
        assert {(d.state, d.tries) for d in found} == {(LetterState.RETRY, 0)}
        assert send_due(answering.office, at + timedelta(minutes=wait, seconds=-1)) == []
        at += timedelta(minutes=wait)
    assert len(told) == 1 and remedies(kind)[0] in told[0]
    assert send_due(answering.office, at) == [] and len(sink.letters) == 3
    assert pause_of(answering.office.home) == ""


def test_a_letter_recorded_in_a_pause_waits_too_and_staff_can_end_it(answering: AnsweringOffice, sink: Sink) -> None:
    ask(answering, 1)
    sink.rcpt.append("550 5.4.5 Daily sending quota exceeded")
    send_due(answering.office, NOW)
    ask(answering, 2)
    assert send_due(answering.office, minutes(0.5)) == [] and not sink.letters
    assert pause_of(answering.office.home) == "limit"
    resolve(answering.office, 1, True, minutes(0.5))
    send_due(answering.office, minutes(0.5))
    assert len(sink.letters) == 2


def test_trouble_of_our_account_with_one_recipient_keeps_no_other_letter(
    answering: AnsweringOffice, sink: Sink
) -> None:
    for month in (1, 2, 3):
        ask(answering, month)
    sink.rcpt += ["554 5.7.1 Relay access denied", "", "", "554 5.7.1 Relay access denied"]
    send_due(answering.office, NOW)
    assert send_due(answering.office, minutes(1)) == [] and len(sink.letters) == 2
    first, *others = answering.office.journal.letters.all()
    assert (first.state, first.tries) == (LetterState.RETRY, 1) and {d.state for d in others} == {LetterState.SENT}


def test_a_full_mailbox_is_the_recipients(answering: AnsweringOffice, sink: Sink) -> None:
    ask(answering, 1)
    ask(answering, 2)
    sink.rcpt.append("452 4.2.2 over quota")
    assert send_due(answering.office, NOW) == []
    assert len(sink.letters) == 1
    assert [(d.state, d.tries) for d in answering.office.journal.letters.all()][0] == (LetterState.RETRY, 1)


def test_421_twice_is_a_pause(answering: AnsweringOffice, sink: Sink) -> None:
    ask(answering)
    sink.rcpt += ["421 4.7.0 too fast"] * 4
    (told,) = send_due(answering.office, NOW)
    assert remedies(Trouble.LIMIT)[0] in told and read_state(answering.office.home).stops == 1
    assert send_due(answering.office, minutes(1)) == [] and read_state(answering.office.home).stops == 2
    send_due(answering.office, minutes(6))
    assert len(sink.letters) == 1


def test_a_torn_or_foreign_state_means_nothing(answering: AnsweringOffice, sink: Sink) -> None:
    ask(answering)
    path = answering.office.home.ledger / "mail-server.json"
    for text in ("{", "[]", '{"server": "x", "until": "2099-01-01T00:00:00+05:00"}', '{"until": "soon"}'):
        path.write_text(text)
        assert read_state(answering.office.home).until == ""
    sink.rcpt.append("550 5.4.5 limit")
    send_due(answering.office, NOW + timedelta(days=3650))  # a clock that jumped
    send_due(answering.office, NOW)
    assert len(sink.letters) == 1


@pytest.mark.parametrize("known", [True, False], ids=["SIZE", "552"])
def test_an_answer_too_large_for_the_server_goes_without_its_workbook(
    known: bool, tmp_path: Path, reader: CellReader
) -> None:
    sink = Sink()
    with (
        Server(sink, size=20_000 if known else 0) as server,
        AnsweringOffice.at(tmp_path / "home", reader, smtp=smtp(server.port)) as office,
    ):
        ask(office, amount="ten")  # an error: its workbook goes back marked
        if not known:
            sink.data.append("552 5.3.4 Message too big")
        for at in range(3):
            send_due(office.office, minutes(at))
        (letter,) = office.office.journal.letters.all()
        assert letter.state is LetterState.SENT, letter.last_answer
    (got,) = sink.letters
    assert not list(got.message.iter_attachments())


def test_a_refused_log_in_of_ours_is_an_act(
    tmp_path: Path, reader: CellReader, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.1.17: once a day, and the first that is accepted again."""
    how = {"tls": "starttls", "ca_file": str(certificate / "cert.pem"), "user": USER, "password_env": "IW_TEST_SMTP"}
    sink = Sink()
    with (
        Server(sink, certificate, password=SECRET) as server,
        AnsweringOffice.at(tmp_path / "home", reader, smtp=smtp(server.port, **how)) as office,
    ):
        ask(office)
        monkeypatch.setenv("IW_TEST_SMTP", "wrong")
        for number in (0, 20, 60):
            send_due(office.office, minutes(number))
        monkeypatch.setenv("IW_TEST_SMTP", SECRET)
        send_due(office.office, minutes(24 * 60))
        assert len(sink.letters) == 1
        acts = find_acts_named(office.office.journal.database, REFUSED, ACCEPTED)
        assert [(act.act, act.subject, act.who) for act in acts] == [
            (REFUSED, f"smtp {USER}", "service"), (ACCEPTED, f"smtp {USER}", "service")
        ]  # fmt: skip
        assert "535" in acts[0].details
