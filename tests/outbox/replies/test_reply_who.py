"""Who is answered, and who never: strangers, automatic mail, ourselves, staff; so many a day to one address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from reply_office import AnsweringOffice, smtp

from inbox_worker.core.model import Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.replies import reply_subject
from inbox_worker.ledger.letters import Delivery, LetterState
from inbox_worker.outbox.send import send_due
from inbox_worker.receiving.store import Incoming
from inbox_worker.workbooks.cells import CellReader
from tests.support.mail_sink import Server, Sink
from tests.support.office import ROOT, Row, customer, email_of, moment
from tests.support.papers import SCAN, File

NOW = moment("2026-08-20T12:00:00")
TARIFF: Row = {"service": "maintenance", "base": "м²", "tariff": "35", "from_month": "09.2026"}


def minus(month: str = "06.2026") -> Row:
    return {"account": "1001", "service": "maintenance", "past_month": month, "amount": "-10.50"}


def recorded(office: AnsweringOffice) -> list[Delivery]:
    return office.office.journal.letters.all()


def form(office: AnsweringOffice) -> File:
    return File("form.xlsx", office.form("recalculations", [minus()]))


def test_a_customer_is_answered_once(answering: AnsweringOffice, sink: Sink) -> None:
    answering.mail([form(answering)], received="2026-08-20", message_id="<q@a.example>", references="<p@a.example>")
    for _ in range(3):
        send_due(answering.office, NOW)
    (letter,) = sink.letters
    message: EmailMessage = letter.message
    assert (letter.sender, letter.recipients) == ("korrektirovki@alseco.example", [email_of("A")])
    assert message["To"] == email_of("A") and message["Reply-To"] == "korrektirovki@alseco.example"
    assert message["From"] == "АО «АЛСЕКО» <korrektirovki@alseco.example>"
    assert message["Subject"] == "Re: Форма [IW-000003]"
    assert message["In-Reply-To"] == "<q@a.example>"
    assert message["References"] == "<p@a.example> <q@a.example>"
    assert message["Auto-Submitted"] == "auto-replied"
    (delivery,) = recorded(answering)
    assert delivery.message_id == message["Message-ID"] and delivery.message_id.endswith("@alseco.example>")
    assert (delivery.state, delivery.tries, delivery.last_answer) == (LetterState.SENT, 1, "250 taken")
    kept = answering.folder / "archive" / delivery.path
    assert kept.read_bytes() == letter.data


def test_our_own_answer_coming_back_is_ignored(answering: AnsweringOffice, sink: Sink) -> None:
    """What we write must not be answered, by others or by us."""
    answering.mail([form(answering)], received="2026-08-20")
    send_due(answering.office, NOW)
    raw = sink.letters[0].data.replace(b"korrektirovki@alseco.example", b"office@a.example")
    back = answering._pipeline.ingest(Incoming(raw, "back.eml", "korrektirovki", NOW))
    assert back.outcome is not None and back.outcome.value == "ignored"
    assert len(recorded(answering)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List-Id": "<l.a.example>"},
        {"Return-Path": "<>"},
        {"X-Failed-Recipients": "x@y.example"},
    ],
)
def test_automatic_mail_is_never_answered(headers: dict[str, str], answering: AnsweringOffice) -> None:
    answering.mail([form(answering)], received="2026-08-20", headers=headers)
    assert recorded(answering) == []


@pytest.mark.parametrize(
    "sender", ["stranger@x.example", "korrektirovki@alseco.example", "a@a.example, b@b.example", ""]
)
def test_strangers_and_ourselves_are_never_answered(sender: str, answering: AnsweringOffice) -> None:
    answering.mail([form(answering)], received="2026-08-20", sender=sender or "nobody")
    assert recorded(answering) == []


def test_a_letter_without_files_is_for_staff_and_one_that_thanks_for_nobody(answering: AnsweringOffice) -> None:
    answering.mail([], received="2026-08-20", text="Спасибо!")
    assert recorded(answering) == []
    answering.mail([], received="2026-08-20", text="Перезвоните, пожалуйста")
    assert len(recorded(answering)) == 1


def test_who_sent_files_without_a_form_hears_that_a_person_looks_at_them(
    answering: AnsweringOffice, sink: Sink
) -> None:
    """Law 7: by which day, under which number, and that nothing is counted; never a month."""
    answering.mail([SCAN], received="2026-08-20")
    send_due(answering.office, moment("2026-08-20T12:00:00"))
    (letter,) = sink.letters
    for text in (letter.text, letter.html):
        assert "рассмотрит сотрудник" in text and "қызметкер қарайды" in text
        assert "25.08.2026" in text and "T-000001" in text and "Принято и учтено" not in text and "сентябрь" not in text


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("winmail_dat", "winmail.dat"),
        ("rar_with_a_form", ".zip"),
        ("zip_in_zip", "вложенных архивов"),
        ("cloud_link_instead_of_a_file", "Приложите файл к письму"),
        ("message_external_body", "Приложите к письму сам файл"),
    ],
)
def test_who_sent_a_file_in_a_wrapping_hears_that_it_was_not_opened(
    name: str, code: str, answering: AnsweringOffice, sink: Sink
) -> None:
    """4.3.2: he believes that his form is here; silence would cost him the month."""
    raw = (ROOT / "tests" / "receiving" / "mail" / f"{name}.eml").read_bytes()
    pipeline = Pipeline(answering.office, answering.reader)
    arrival = pipeline.ingest(Incoming(raw, f"{name}.eml", "korrektirovki", moment("2026-08-20T10:00:00")))
    assert arrival.outcome is Outcome.HELD
    assert send_due(answering.office, moment("2026-08-20T12:00:00")) == []
    (letter,) = sink.letters
    assert letter.recipients == ["office@a.example"]
    for text in (letter.text, letter.html):
        assert code in text and "Не принято" in text and "Қабылданбады" in text


@pytest.mark.parametrize("name", ["out_of_office_ru", "list_mail", "bounce_with_the_form_inside"])
def test_no_other_ignored_letter_is_answered(name: str, answering: AnsweringOffice) -> None:
    raw = (ROOT / "tests" / "receiving" / "mail" / f"{name}.eml").read_bytes()
    raw += b"\r\nhttps://disk.yandex.ru/d/abc\r\n"
    pipeline = Pipeline(answering.office, answering.reader)
    pipeline.ingest(Incoming(raw, f"{name}.eml", "korrektirovki", moment("2026-08-20T10:00:00")))
    assert recorded(answering) == []


def test_what_staff_hand_in_is_not_answered(answering: AnsweringOffice) -> None:
    answering.hand_in("recalculations", [minus()], received="2026-08-20")
    held = answering.hand_in("tariffs", [TARIFF], received="2026-08-20")
    answering.release(held.id, "бумага", "2026-08-20")
    assert recorded(answering) == []


def test_strangers_may_be_answered_by_rule_so_many_a_day(answering: AnsweringOffice, sink: Sink) -> None:
    _limit(answering, answers_to_strangers_a_day=2)
    for number in range(4):
        answering.mail([form(answering)], received="2026-08-20", sender=f"s{number}@x.example")
    answering.mail([form(answering)], received="2026-08-21", sender="s9@x.example, s8@x.example")
    send_due(answering.office, NOW)
    assert [got.recipients for got in sink.letters] == [["s0@x.example"], ["s1@x.example"]]
    assert "мы не можем убедиться, кто его отправил" in sink.letters[0].text


def test_an_address_hears_so_many_answers_a_day(answering: AnsweringOffice, sink: Sink) -> None:
    _limit(answering, answers_per_sender_a_day=2)
    for number in range(1, 5):
        answering.ingest("recalculations", [minus(f"0{number}.2026")], received="2026-08-20")
    answering.ingest("recalculations", [minus("12.2025")], received="2026-08-21")
    send_due(answering.office, NOW)
    assert [d.state for d in recorded(answering)] == [LetterState.SENT] * 2 + [LetterState.DROPPED] * 2 + [
        LetterState.SENT
    ]
    assert "answers_per_sender_a_day" in recorded(answering)[2].last_answer
    assert len(sink.letters) == 3


def test_another_sender_of_the_customer_hears_of_the_release_too(tmp_path: Path, reader: CellReader) -> None:
    """The director sent the form, the bookkeeper the minutes: each gets the answer."""
    sink = Sink()
    with Server(sink) as server, AnsweringOffice.at(tmp_path / "home", reader, smtp=smtp(server.port)) as office:
        office.load_customers(customer("A", emails="office@a.example; boss@a.example"))
        held = office.ingest("tariffs", [TARIFF], received="2026-08-20")
        send_due(office.office, NOW)
        office.mail([SCAN], received="2026-08-21", sender="boss@a.example", text=f"протокол к {held.id}")
        send_due(office.office, NOW)
        assert [got.recipients for got in sink.letters[1:]] == [["office@a.example"], ["boss@a.example"]]
        assert all("Принято и учтено за сентябрь 2026 года." in got.text for got in sink.letters[1:])


def test_an_unsent_answer_gives_way_to_the_one_after_the_release(answering: AnsweringOffice, sink: Sink) -> None:
    held = answering.ingest("tariffs", [TARIFF], received="2026-08-20")
    answering.release(held.id, "бумага, 20.08.2026", "2026-08-20T13:00:00")
    send_due(answering.office, NOW)
    (letter,) = sink.letters
    assert "Принято" in letter.text
    assert [d.state for d in recorded(answering)] == [LetterState.DROPPED, LetterState.SENT]


@pytest.fixture
def silent(tmp_path: Path, reader: CellReader) -> Iterator[AnsweringOffice]:
    with AnsweringOffice.at(tmp_path / "home", reader) as opened:
        yield opened


def test_without_a_mail_server_nothing_is_recorded(silent: AnsweringOffice) -> None:
    silent.mail([form(silent)], received="2026-08-20")
    assert recorded(silent) == [] and send_due(silent.office, NOW) == []


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("", "Re: [IW-000012]"),
        ("Тарифы", "Re: Тарифы [IW-000012]"),
        ("RE: Fwd: Тарифы", "Re: Тарифы [IW-000012]"),
        ("Re: Тарифы [IW-000003] [IW-000007]", "Re: Тарифы [IW-000012]"),
        ("a\r\nBcc: x@y.kz", "Re: a Bcc: x@y.kz [IW-000012]"),
        ("Рез: ультаты", "Re: Рез: ультаты [IW-000012]"),
    ],
)
def test_subjects(subject: str, answer: str) -> None:
    assert reply_subject(subject, "IW-000012") == answer


def _limit(office: AnsweringOffice, **limits: int) -> None:
    """This office alone: rules that say the same are shared by all that are open."""
    rules = office.office.rules
    own = replace(rules, limits=rules.limits.model_copy(update=limits))
    object.__setattr__(office.office, "rules", own)
