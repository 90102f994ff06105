"""The digest of a working morning: one page for staff through the queue of letters, once, in their language."""

from __future__ import annotations

from collections import Counter as Counts
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection

from inbox_worker.contract.duties import find_duties
from inbox_worker.core.model import Language
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.letters import LetterState
from inbox_worker.month.office import Office
from inbox_worker.outbox.digest import word_digest
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.service import calendar
from inbox_worker.service.calendar import ServiceCalendar
from tests.outbox.desk import ACT, TURNOVER, Desk
from tests.outbox.post import Counter, Post
from tests.support.office import TownOffice, moment

MORNING = moment("2026-10-13T08:00")  # Tuesday: September's reports were due on the 12th
STAFF = ("aliya@centre.example", "office@centre.example")


def at_work(desk: Desk, language: Language = "ru") -> Office:
    """The office with staff's addresses."""
    config = desk.office.home.config.model_copy(update={"staff": STAFF, "language": language})
    desk.office = replace(desk.office, home=replace(desk.office.home, config=config))
    return desk.office


def test_staff_get_it_each_working_morning_once(desk: Desk, post: Post, counter: Counter) -> None:
    office = at_work(desk)
    ServiceCalendar().keep(office, moment("2026-10-13T07:59"))
    assert office.journal.letters.all() == []
    for at in (MORNING, moment("2026-10-13T08:01"), moment("2026-10-13T23:00")):
        ServiceCalendar().keep(office, at)
        pass_outbox(office, at)
        post.send_due(at)
    assert [to for to, _ in counter.letters] == list(STAFF)
    letters = office.journal.letters.all()
    assert {(one.kind, one.state) for one in letters} == {("digest", LetterState.SENT)}
    assert all((office.home.archive / one.path).is_file() for one in letters), "each is kept"
    _, letter = counter.letters[0]
    assert letter["Subject"] == "Сводка на 13.10.2026" and letter["Auto-Submitted"] == "auto-generated"
    ServiceCalendar().keep(office, moment("2026-10-14T08:00"))
    assert len(office.journal.letters.all()) == 4, "the next morning has its own"


def test_what_waits_stands_in_its_part(office: TownOffice, desk: Desk) -> None:
    office.draft("2026-09")
    desk.render(names=[ACT, TURNOVER])
    desk.look()
    row = {"account": "1001", "service": "maintenance", "past_month": "08.2026", "amount": "500"}
    held = office.ingest("recalculations", [row], received="2026-10-12", by="B")
    told = office.hand_in("act_response", [{"act": "2026-77777", "answer": "отказ", "answered_on": "12.10.2026",
                                            "reason": "нет такого"}], received="2026-10-12")  # fmt: skip
    at_work(desk)
    text = word_digest(desk.office, MORNING).text
    parts = {part.split("\n")[0].rpartition(" (")[0]: part for part in text.split("\n\n")[1:]}
    assert (
        "ждёт проверки, 2026-09: акт выполненных работ (форма Р-1) — 1"
        in parts["Документы, которые ждут просмотра или отправки"]
    )
    assert told.id in parts["Формы, которые ждут"] and "T-000001" in parts["Дела"]
    assert held.outcome != "held" or held.id in parts["Формы, которые ждут"]
    overdue = [d for d in find_duties(desk.office, MORNING.date()) if d.state(MORNING.date()) == "overdue"]
    assert overdue and f"Просрочено ({len([d for d in overdue if d.duty != 'operator.task'])})" in text
    first = parts["Просрочено"].split("\n")[1]
    assert "исполнитель" in first, "our own terms first"


def test_an_arrival_that_failed_by_our_fault_is_told(office: TownOffice, desk: Desk) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "08.2026", "amount": "500"}
    told = office.ingest("recalculations", [row], received="2026-10-12", by="B")
    with desk.office.journal.transaction() as connection:
        arrival = desk.office.journal.arrivals.get(1)
        desk.office.journal.arrivals.set_aside(connection, arrival, [])
    text = word_digest(at_work(desk), MORNING).text
    assert told.id and f"inbox-worker retry (1)\n  - {arrival.id} {arrival.mailbox}/{arrival.source}" in text


@pytest.mark.parametrize(("language", "word"), [("ru", "Сводка"), ("kk", "жиынтық"), ("en", "Digest")])
def test_it_speaks_the_language_of_the_house(desk: Desk, language: Language, word: str) -> None:
    words = word_digest(at_work(desk, language), MORNING)
    assert word in words.subject and words.subject in words.text and words.subject in words.html
    assert f'<html lang="{language}">' in words.html and "width=device-width" in words.html and "Arial" in words.html


def test_it_stays_on_one_page(office: TownOffice, desk: Desk) -> None:
    """Two years on, more is overdue than a page holds: terms of a kind are one line, and no kind hides another."""
    office.draft("2026-09")
    later = moment("2028-10-13T08:00")
    text = word_digest(at_work(desk), later).text
    assert len(text.splitlines()) < 60 and "каждый срок отдельно: команда duties" in text
    overdue = [d for d in find_duties(desk.office, later.date()) if d.state(later.date()) == "overdue"]
    kinds = Counts(d.duty for d in overdue if d.duty != "operator.task")
    assert len(kinds) > 2 and sum(kinds.values()) > 12
    part = next(part for part in text.split("\n\n") if part.startswith("Просрочено ("))
    for duty, count in kinds.items():
        assert f"{desk.office.rules.duties[duty].ru} — {count}" in part, part


def test_a_quiet_morning_is_told_too(desk: Desk) -> None:
    assert "Ничего не просрочено" in word_digest(at_work(desk), moment("2026-08-03T08:00")).text


def test_a_kill_before_its_record_sends_it_once(
    desk: Desk, post: Post, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = at_work(desk)

    class Cut(BaseException):
        pass

    def cut(connection: Connection, act: str, subject: str, *rest: Any, **more: Any) -> None:
        record_act(connection, act, subject, *rest, **more)
        if subject.startswith("digest"):
            raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(calendar, "record_act", cut)
        with pytest.raises(Cut):
            ServiceCalendar().keep(office, MORNING)
    assert office.journal.letters.all() == []
    ServiceCalendar().keep(office, moment("2026-10-13T08:30"))
    post.send_due(moment("2026-10-13T08:30"))
    assert [to for to, _ in counter.letters] == list(STAFF)


def test_without_a_mail_server_nothing_waits_for_one(desk: Desk) -> None:
    office = at_work(desk)
    ServiceCalendar().keep(office, MORNING)
    assert office.journal.letters.all() == []
