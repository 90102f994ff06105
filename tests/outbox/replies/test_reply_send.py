"""Sending over time: schedule, limits, what people decide; the clock is given, the server is real."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from reply_office import AnsweringOffice, configure, smtp

from inbox_worker.cli.homes import check_home, make_home
from inbox_worker.ledger.letters import Delivery, LetterState
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.outbox.cover_letters import Wording
from inbox_worker.outbox.letters import Carried, queue_letter
from inbox_worker.outbox.listing import deliveries_json
from inbox_worker.outbox.send import DeliveryError, resolve, send_due
from inbox_worker.settings.config import ConfigError
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader
from tests.support.mail_sink import Server, Sink
from tests.support.office import Row, moment
from tests.support.ports import free_port

NOW = moment("2026-08-20T12:00:00")


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def ask(office: AnsweringOffice, month: int = 6, by: str = "A") -> None:
    row: Row = {"account": "1001", "service": "maintenance", "past_month": f"{month:02d}.2025", "amount": "-10"}
    office.ingest("recalculations", [row], received="2026-08-20", by=by)


def only(office: AnsweringOffice) -> Delivery:
    (delivery,) = office.office.journal.letters.all()
    return delivery


def test_later_by_the_schedule_then_given_up(answering: AnsweringOffice, sink: Sink) -> None:
    waits = [1, 5, 15, 60, 240, 1440]
    sink.rcpt += ["451 greylisted"] * (len(waits) + 1)
    ask(answering)
    at = NOW
    for tries, wait in enumerate(waits, 1):
        assert send_due(answering.office, at) == []
        assert (only(answering).state, only(answering).tries) == (LetterState.RETRY, tries)
        assert send_due(answering.office, at + timedelta(minutes=wait, seconds=-1)) == [], "not before its time"
        assert only(answering).tries == tries
        at += timedelta(minutes=wait)
    (said,) = send_due(answering.office, at)
    assert "given up after 7 tries: 451 greylisted" in said
    assert only(answering).state is LetterState.REFUSED
    assert send_due(answering.office, at + timedelta(days=9)) == [] and not sink.letters
    resolve(answering.office, 1, True, at)
    send_due(answering.office, at)
    assert only(answering).state is LetterState.SENT and len(sink.letters) == 1


def test_refused_for_good_is_told_once(answering: AnsweringOffice, sink: Sink) -> None:
    sink.rcpt.append("550 no such user")
    ask(answering)
    (said,) = send_due(answering.office, NOW)
    assert "refused: 550 no such user" in said
    assert send_due(answering.office, minutes(9999)) == [] and not sink.letters


def test_uncertain_waits_for_people(answering: AnsweringOffice, sink: Sink) -> None:
    sink.drop_after_data = True
    ask(answering)
    (said,) = send_due(answering.office, NOW)
    assert "uncertain" in said
    sink.drop_after_data = False
    assert send_due(answering.office, minutes(9999)) == [] and len(sink.letters) == 1
    resolve(answering.office, 1, True, minutes(3))
    send_due(answering.office, minutes(3))
    first, second = sink.letters
    assert first.data == second.data, "the same letter with the same Message-ID, so that programs see it is one"
    assert only(answering).state is LetterState.SENT


@pytest.mark.parametrize(("others", "waits", "state"), [(2, 60, LetterState.SENT), (9, 0.3, LetterState.UNCERTAIN)])
def test_other_letters_leave_while_a_slow_answer_is_waited_for(
    others: int, waits: float, state: LetterState, tmp_path: Path, reader: CellReader, server: Server, sink: Sink
) -> None:
    """The server answers the first letter after so many others; one of them is written meanwhile."""
    with AnsweringOffice.at(
        tmp_path / "home", reader, smtp=smtp(server.port, timeout=0.1, answer_timeout=waits)
    ) as office:  # fmt: skip
        for by in ("A", "B"):
            ask(office, by=by)
        first, second = office.office.journal.letters.all()
        sink.answers_after[first.recipient] = others
        sink.on_data = lambda: None if len(office.office.journal.letters.all()) > 2 else ask(office, 7, "B")
        said = send_due(office.office, NOW)
        found = office.office.journal.letters.all()
        assert [one.state for one in found] == [state, LetterState.SENT, LetterState.SENT]
        assert [got.recipients for got in sink.letters][:2] == [[second.recipient]] * 2
        assert ("no answer after the letter" in "".join(said)) is (state is LetterState.UNCERTAIN)


def test_a_service_that_ends_waits_for_no_slow_answer(
    tmp_path: Path, reader: CellReader, server: Server, sink: Sink
) -> None:
    with AnsweringOffice.at(tmp_path / "home", reader, smtp=smtp(server.port, timeout=0.1)) as office:
        ask(office)
        sink.answers_after[only(office).recipient] = 9
        ended = iter([False, False])  # before the round, and before the letter
        said = send_due(office.office, NOW, stop=lambda: next(ended, True))
        assert only(office).state is LetterState.UNCERTAIN and "did not come in time" in "".join(said)


def test_dropped_by_people(answering: AnsweringOffice, sink: Sink) -> None:
    ask(answering)
    resolve(answering.office, 1, False, NOW)
    assert send_due(answering.office, NOW) == [] and not sink.letters
    with pytest.raises(DeliveryError, match="no letter 7"):
        resolve(answering.office, 7, True, NOW)
    resolve(answering.office, 1, True, NOW)
    send_due(answering.office, NOW)
    with pytest.raises(DeliveryError, match="letter 1 is sent"):
        resolve(answering.office, 1, True, NOW)
    with pytest.raises(DeliveryError, match="letter 1 is sent"):
        resolve(answering.office, 1, False, NOW)


def test_a_server_that_is_away_uses_up_no_tries(tmp_path: Path, reader: CellReader) -> None:
    port = free_port()
    with AnsweringOffice.at(tmp_path / "home", reader, smtp=smtp(port)) as office:
        for month in (1, 2, 3):
            ask(office, month)
        (said,) = send_due(office.office, NOW)
        assert "letters wait: 127.0.0.1" in said
        assert send_due(office.office, minutes(0.5)) == [], "not asked again before a minute has passed"
        found = office.office.journal.letters.all()
        assert [(d.state, d.tries) for d in found] == [(LetterState.RETRY, 0)] * 3
        sink = Sink()
        with Server(sink, port=port):
            assert send_due(office.office, minutes(1)) == []
        assert len(sink.letters) == 3


def test_so_many_letters_a_minute(tmp_path: Path, reader: CellReader, server: Server, sink: Sink) -> None:
    with AnsweringOffice.at(tmp_path / "home", reader, smtp=smtp(server.port, per_minute=2)) as office:
        for month in range(1, 6):
            ask(office, month)
        counts = []
        for at in (0, 0.5, 1, 1.9, 2):
            send_due(office.office, minutes(at))
            counts.append(len(sink.letters))
        assert counts == [2, 2, 4, 4, 5]


def test_a_clock_that_jumped_ahead_does_not_keep_letters_for_years(answering: AnsweringOffice, sink: Sink) -> None:
    sink.rcpt.append("451 later")
    ask(answering)
    send_due(answering.office, NOW + timedelta(days=3650))
    assert only(answering).state is LetterState.RETRY
    send_due(answering.office, NOW)
    assert only(answering).state is LetterState.SENT


def test_a_stop_ends_between_two_letters(answering: AnsweringOffice, sink: Sink) -> None:
    for month in (1, 2, 3):
        ask(answering, month)
    send_due(answering.office, NOW, stop=lambda: len(sink.letters) == 2)
    assert len(sink.letters) == 2
    send_due(answering.office, NOW, most=1)
    assert len(sink.letters) == 3


def test_a_broken_template_is_our_fault_and_loses_nothing(answering: AnsweringOffice, sink: Sink) -> None:
    make_home(answering.folder / "other")
    own = answering.folder / "templates"
    (answering.folder / "other" / "templates").rename(own)
    page = own / "receipts" / "receipt.html"
    sound = page.read_text("utf-8")
    page.write_text(sound + "{{ nothing_of_the_kind }}", "utf-8")
    ask(answering)
    (said,) = send_due(answering.office, NOW)
    assert "nothing_of_the_kind" in said and str(own / "receipts") in said
    assert any("nothing_of_the_kind" in problem for problem in check_home(answering.folder))
    page.write_text(sound, "utf-8")
    send_due(answering.office, minutes(1))
    assert len(sink.letters) == 1


def test_a_letter_damaged_in_the_archive_is_not_sent(answering: AnsweringOffice, sink: Sink) -> None:
    sink.rcpt.append("451 later")
    ask(answering)
    send_due(answering.office, NOW)
    kept = answering.folder / "archive" / only(answering).path
    kept.write_bytes(kept.read_bytes()[:-9])
    (said,) = send_due(answering.office, minutes(1))
    assert "gone or changed" in said and only(answering).state is LetterState.REFUSED and not sink.letters


def test_documents_go_the_same_way(answering: AnsweringOffice, sink: Sink) -> None:
    office = answering.office
    act = Version(1, "2026-09", "1", "f", "act-2026-09.docx", "act", "", "h", "h", DocumentState.APPROVED, 1, 1, "", "")
    with office.journal.transaction() as connection:
        words, carried = Wording("Акт", "т", "<p>т</p>"), [Carried(act, "act-2026-09.docx", b"PK")]
        queue_letter(connection, office, "document", "office@b.example", words, carried, NOW)
    send_due(office, NOW)
    assert sink.letters[0].recipients == ["office@b.example"]
    assert (only(answering).kind, only(answering).state) == ("document", LetterState.SENT)
    assert deliveries_json(office)[0]["document"] == "2026-09/f/act-2026-09.docx"


# --- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"smtp": {"host": "m.example", "user": "u"}}, "password_env"),
        ({"smtp": {"host": "m.example", "user": "u", "password_env": "P", "tls": "none"}}, "readable"),
        ({"smtp": {"host": "m.example", "retry_minutes": [0]}}, "whole minutes"),
        ({"smtp": {"host": "m.example", "pasword": "x"}}, "pasword"),
        ({"reply": "auto"}, "needs the smtp block"),
        ({"smtp": {"host": "m.example", "from": "центр@почта.example"}}, "Latin letters"),
        ({"reply": "review", "mailboxes": {"korrektirovki": {"address": "a b@c.example"}}}, "Latin letters"),
    ],
)
def test_settings_that_cannot_work_are_named(block: dict[str, object], words: str, tmp_path: Path) -> None:
    configure(tmp_path, **block)
    with pytest.raises(ConfigError, match=words):
        load_home(tmp_path)


def test_check_tries_the_server_and_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    configure(tmp_path, smtp=smtp(port))
    assert [p for p in check_home(tmp_path) if f"smtp: 127.0.0.1:{port}" in p]
    with Server(Sink()) as server:
        configure(tmp_path, smtp=smtp(server.port))
        assert check_home(tmp_path) == []
        configure(tmp_path, smtp=smtp(server.port, user="u", password_env="IW_NOT_SET"))
        assert [p for p in check_home(tmp_path) if "IW_NOT_SET is not set" in p]
        configure(tmp_path, smtp=smtp(server.port, user="u", password_file="no-such-file"))
        assert [p for p in check_home(tmp_path) if "no-such-file cannot be read" in p]


def test_a_password_file_of_the_service_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("пароль\n", "utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    configure(tmp_path, smtp=smtp(25, user="u", password_file="$CREDENTIALS_DIRECTORY/secret"))
    settings = load_home(tmp_path).config.smtp
    assert settings is not None and settings.password(tmp_path) == "пароль"
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbfsecret\r\n")  # Windows' own editor
    assert settings.password(tmp_path) == "secret"
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(ConfigError, match="is empty"):
        settings.password(tmp_path)


def test_mail_from_the_address_that_letters_leave_by_is_our_own(tmp_path: Path) -> None:
    """A copy that comes back to a mailbox is neither believed nor answered."""
    configure(tmp_path, smtp=smtp(25, **{"from": "Robot@alseco.example"}))
    assert "robot@alseco.example" in load_home(tmp_path).config.our_addresses


def test_the_list_for_programs_is_json(answering: AnsweringOffice) -> None:
    ask(answering)
    (shown,) = json.loads(json.dumps(deliveries_json(answering.office)))
    assert (shown["id"], shown["arrival"], shown["state"]) == (1, "IW-000003", "queued")
