"""4.1.8, 10.12: letters that fit the server, composed anew where they did not go, to the address the register has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import Session

from inbox_worker.ledger.letters import LetterState
from inbox_worker.month.office import Office
from inbox_worker.outbox.listing import deliveries_json, repeatable
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.round import deliver_all
from inbox_worker.outbox.send import DeliveryError, resolve, send_due
from inbox_worker.outbox.trouble import Trouble
from inbox_worker.settings.config import SmtpConfig
from tests.outbox.desk import ACT, NOW, TURNOVER, Desk
from tests.outbox.post import files_of
from tests.outbox.test_outbox_delivery import by
from tests.support.mail_sink import Server, Sink
from tests.support.office import TownOffice, customer
from tests.support.said import KK, RU, remedies

THIRD = "debtors-2026-09.xlsx"
NAMES = (ACT, TURNOVER, THIRD)
LARGE = 30_000


@dataclass
class House:
    """A desk whose letters leave by the house's own sender to a real server."""

    desk: Desk
    town: TownOffice
    sink: Sink
    office: Office

    def approve(self, size: int = LARGE, emails: str = "first@a.example", names: tuple[str, ...] = NAMES) -> None:
        self.town.load_customers(customer("A", emails=emails))
        self.desk.render(names=names, text="x" * size)
        for name in names:
            self.desk.move(name, "pending", "approved")

    def step(self, minute: int = 0, office: Office | None = None, dropped_too: bool = False) -> list[str]:
        """A pass, the sending and what stands then."""
        return [problem.code for problem in self.told(minute, office, dropped_too)]

    def told(self, minute: int = 0, office: Office | None = None, dropped_too: bool = False) -> list[Problem]:
        used, now = office or self.office, at(minute)
        deliver_all(used, now, dropped_too=dropped_too)
        send_due(used, now)
        return list(deliver_all(used, now))

    def got(self) -> list[tuple[str, list[str]]]:
        return [(one.recipients[0], sorted(files_of(one.message))) for one in self.sink.letters]

    def states(self) -> list[LetterState]:
        return [letter.state for letter in self.office.journal.letters.all()]


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def make(desk: Desk, town: TownOffice, sink: Sink, port: int) -> House:
    smtp = SmtpConfig(host="127.0.0.1", port=port, tls="none", timeout=5)
    config = desk.office.home.config.model_copy(update={"smtp": smtp})
    return House(desk, town, sink, replace(desk.office, home=replace(desk.office.home, config=config)))


@pytest.fixture
def house(desk: Desk, office: TownOffice) -> Iterator[House]:
    sink = Sink()
    with Server(sink) as server:
        yield make(desk, office, sink, server.port)


def test_a_servers_size_splits_letters_beforehand(desk: Desk, office: TownOffice) -> None:
    """Two of three fit into what the server announces; the wire form counts, not the files."""
    sink = Sink()
    with Server(sink, size=LARGE * 78 // 57 * 2 + 20_000) as server:
        house = make(desk, office, sink, server.port)
        house.approve()
        assert house.step() == []
    assert [files for _, files in house.got()] == [[ACT, THIRD], [TURNOVER]]
    assert house.states() == [LetterState.SENT] * 2, "nothing was tried that could not pass"
    assert desk.state(THIRD) == "sent"


def test_a_document_larger_than_any_letter_is_told_with_its_remedy(desk: Desk, office: TownOffice) -> None:
    sink = Sink()
    with Server(sink, size=LARGE) as server:
        house = make(desk, office, sink, server.port)
        house.approve(names=(ACT,))
        (told,) = house.told()
    assert told.code == "outbox.letter_large" and "--handed" in told.text(RU) and "--handed" in told.text(KK)
    assert house.states() == [] == house.got() and desk.state() == "approved"


class Silent(Sink):
    """Announces no size, and refuses what is larger than two documents."""

    async def handle_DATA(self, server: Any, session: Session, envelope: Any) -> str:
        if len(envelope.content) > LARGE * 78 // 57 * 2 + 20_000:
            return "552 5.3.4 Message too big for system"
        return await super().handle_DATA(server, session, envelope)


def test_after_552_the_documents_go_in_smaller_letters(desk: Desk, office: TownOffice) -> None:
    names = (*NAMES, *(f"payments-2026-0{month}.xlsx" for month in range(3, 9)))
    sink = Silent()
    with Server(sink) as server:
        house = make(desk, office, sink, server.port)
        house.approve(names=names)
        for minute in range(3):
            house.step(minute)
        assert house.step(5) == []
    assert sorted(name for _, files in house.got() for name in files) == sorted(names)
    assert {house.desk.state(name) for name in names} == {"sent"}
    assert set(house.states()) == {LetterState.DROPPED, LetterState.SENT}


def test_one_document_that_the_server_calls_too_large(house: House) -> None:
    house.approve(names=(ACT,))
    house.sink.data.append("552 5.3.4 Message too big for system")
    (told,) = house.told()
    assert (told.code, told.trouble) == ("outbox.letter_refused", "large") and "--handed" in told.text(RU)
    assert house.step(9) == ["outbox.letter_refused"] and house.states() == [LetterState.REFUSED]


@pytest.mark.parametrize("drop", [True, False], ids=["dropped", "waiting"])
def test_lowered_letter_bytes_compose_anew(drop: bool, house: House) -> None:
    house.approve()
    house.sink.rcpt.append("451 later")
    house.step()
    if drop:
        resolve(house.office, 1, False, at(0))
    less = by(house.office, {"default": ("mail",)}, letter_bytes=LARGE + 5_000)
    less = replace(less, home=replace(less.home, config=house.office.home.config))
    assert house.step(1, less) == []
    assert sorted(files for _, files in house.got()) == [[ACT], [THIRD], [TURNOVER]]
    ids = [one.message["Message-ID"] for one in house.sink.letters]
    assert len(set(ids)) == 3 and house.states()[0] is LetterState.DROPPED


def test_a_dropped_letter_is_told_and_goes_anew_only_when_staff_ask(house: House) -> None:
    house.approve(names=(ACT,))
    house.sink.rcpt.append("451 later")
    house.step()
    resolve(house.office, 1, False, at(0))
    assert house.step(1) == ["outbox.letter_dropped"] == house.step(2) and not house.sink.letters
    assert house.step(3, dropped_too=True) == []
    assert house.got() == [("first@a.example", [ACT])] and house.desk.state() == "sent"
    assert [proof.letter for proof in house.desk.proofs()] == [2]


def test_a_letter_being_sent_is_not_withdrawn(house: House) -> None:
    house.approve()
    deliver_all(house.office, NOW)
    less = by(house.office, {"default": ("mail",)}, letter_bytes=LARGE + 5_000)
    house.sink.on_data = lambda: deliver_all(less, NOW)  # type: ignore[func-returns-value]
    send_due(house.office, NOW)
    assert deliver_all(less, NOW) == []
    assert house.got() == [("first@a.example", sorted(NAMES))]


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "451 later"], ids=["refused", "waiting"])
def test_a_mended_address_is_used_by_the_next_pass_and_the_old_one_never(answer: str, house: House) -> None:
    house.approve(names=(ACT,), emails="wrong@a.example")
    house.sink.rcpt.append(answer)
    house.step()
    house.town.load_customers(customer("A", emails="right@a.example"))
    with pytest.raises(DeliveryError, match="wrong@a.example is not in the register"):
        resolve(house.office, 1, True, at(0))
    told = deliver_all(house.office, at(1))
    assert [(p.code, p.more) for p in told] == [("outbox.address_changed", "wrong@a.example → right@a.example")]
    send_due(house.office, at(5))
    assert house.step(6) == []
    assert house.got() == [("right@a.example", [ACT])] and house.desk.state() == "sent"
    assert house.states() == [LetterState.DROPPED, LetterState.SENT]


def test_nobody_gets_a_document_at_both_addresses(house: House) -> None:
    """It went to the old one, and waits for the exchange folder still, when the register changes."""
    office = by(house.office, {"default": ("mail", "folder")})
    office = replace(office, home=replace(office.home, config=house.office.home.config))
    house.approve(names=(ACT,), emails="old@a.example")
    assert house.step(office=office) == ["outbox.no_exchange"]
    house.town.load_customers(customer("A", emails="new@a.example"))
    house.step(1, office)
    assert house.got() == [("old@a.example", [ACT])]
    house.town.load_customers(customer("A", emails="new@a.example;more@a.example"))
    house.step(2, office)
    assert len(house.got()) == 2, "the second is one more, and he gets it"


def test_case_and_form_of_a_domain_are_no_other_address(house: House) -> None:
    house.approve(names=(ACT,), emails="Buh@Пошта.ҚАЗ")
    house.sink.rcpt.append("451 later")
    assert house.step() == []
    house.town.load_customers(customer("A", emails="buh@xn--80a1acn3a.xn--80ao21a"))
    assert house.step(1) == []
    assert [(to.casefold(), files) for to, files in house.got()] == [("buh@xn--80a1acn3a.xn--80ao21a", [ACT])]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 5.1.1 no such user", Trouble.ADDRESS),
        ("552 5.2.2 mailbox full", Trouble.FULL),
        ("550 5.7.1 blocked as spam", Trouble.SPAM),
        ("500 nonsense", Trouble.OTHER),
    ],
)
def test_each_refusal_names_its_own_remedy(answer: str, kind: Trouble, house: House) -> None:
    house.approve(names=(ACT,))
    house.sink.rcpt.append(answer)
    (told,) = house.told()
    ru, kk = remedies(kind, 1)
    assert ru in told.text(RU) and kk in told.text(KK)
    assert (told.code, "Исправьте адрес" in told.text(RU)) == ("outbox.letter_refused", kind is Trouble.ADDRESS)
    (letter,) = deliveries_json(house.office)
    assert letter["trouble"] == kind.value and (letter["remedy_ru"], letter["remedy_kk"]) == (ru, kk)


def test_all_repeats_what_was_refused_or_waits_and_nothing_else(house: House) -> None:
    house.approve(names=(ACT,), emails="first@a.example;second@a.example")
    house.sink.rcpt += ["550 no such user", "451 later"]
    house.step()
    assert repeatable(house.office) == [1, 2]
    for number in repeatable(house.office):
        resolve(house.office, number, True, at(0))
    assert house.step() == [] and repeatable(house.office) == []
    assert sorted(to for to, _ in house.got()) == ["first@a.example", "second@a.example"]
