"""10.1, 10.5, 9.4, 4.2.7, 7.1: what a Customer notifies of acts once it counts, each kind in its own way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from sqlalchemy import text

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.page import describe_contract
from inbox_worker.ledger.guards import drop_guards
from inbox_worker.ledger.letters import NOTICE
from inbox_worker.month.customer_proof import find_changed_customers
from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, bin_of, customer, line

END, PART, FORCE = "расторжение", "частичный отказ", "форс-мажор"
BAN, ACCOUNT = "запрет обезличенного использования", "собственный счёт"
IBAN = "KZ75125KZT1001300335"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", start="08.2026"),
        line("A", "1001", "lift", base="кв.", tariff="90", start="08.2026"),
        line("A", "2001", "maintenance", base="кв.", tariff="300", start="08.2026", house="H-2"),
        line("B", "1001", "cleaning", base="кв.", tariff="200", start="08.2026"),
    )


office = copies_of(town)


def send(
    office: TownOffice, kind: str, event: str, parameter: object = "", received: str = "2026-08-10", **more: object
) -> Answer:
    row = {"kind": kind, "event_on": event, "parameter": parameter, "basis": "Письмо № 12", **more}
    return office.ingest("notice", [row], received=received)


def charged(office: TownOffice, month: str) -> dict[tuple[str, str], D]:
    return {(account, service): row["charged"] for (account, _, service), row in office.drafted(month).items()}


def told(office: TownOffice, number: str) -> dict[str, str]:
    found = office.office.journal.submissions.findings_of(int(number[3:9]), number)
    return {finding.code: finding.message for finding in found}


@pytest.mark.quick(0, 2)
@pytest.mark.parametrize(
    ("event", "basis", "until", "clause"),
    [
        ("09.09.2026", "Письмо № 12", "2026-09-09", "10.1"),  # thirty days after the 10th of August
        ("08.09.2026", "Письмо № 12", "2026-09-09", "10.1"),
        ("31.10.2026", "Письмо № 12", "2026-10-31", "10.1"),
        ("17.08.2026", "Не согласны с ценами, п. 10.5", "2026-08-17", "10.5"),
        ("16.08.2026", "Новые цены с 01.09.2026", "2026-08-17", "10.5"),
        ("08.09.2026", "Письмо № 10.5 от 10.08.2026", "2026-09-09", "10.1"),  # the number of a letter is no clause
        ("20.08.2026", "п. 9.4", "2026-09-09", "10.1"),  # nobody told of a force majeure
    ],
)
def test_a_contract_ends_when_its_term_is_over(
    office: TownOffice, event: str, basis: str, until: str, clause: str
) -> None:
    answer = send(office, END, event, basis=basis)
    assert (answer.outcome, answer.month) == ("held", None), answer.findings
    day, known = date.fromisoformat(until), [(f["code"], f["clause"]) for f in answer.findings]
    assert (("notice.term_short", clause) in known) == (f"{day:%d.%m.%Y}" != event)
    assert describe_contract(office.office, bin_of("A"), date(2026, 12, 31))["agreement"]["until"] == "", (
        "not confirmed"
    )
    [posted] = office.confirm(answer.id, "звонок директору", "2026-08-11")
    assert posted.outcome.value == "accepted"
    assert describe_contract(office.office, bin_of("A"), date(2026, 8, 11))["agreement"]["until"] == until
    assert f"{day:%d.%m.%Y}" in told(office, posted.id)["register.changed"]


@pytest.mark.parametrize(
    ("event", "starts", "due", "late"),
    [
        ("09.09.2026", "2026-08-10", "2026-08-10", ""),  # thirty days before, on the last day
        ("15.09.2026", "2026-08-10", "2026-08-16", ""),
        ("08.09.2026", "2026-08-09", "2026-08-09", "1"),
        ("20.08.2026", "2026-07-21", "2026-07-21", "20"),
    ],
)
def test_a_withdrawal_told_late_is_met_late_and_its_term_never_ends_before_it_begins(
    office: TownOffice, event: str, starts: str, due: str, late: str
) -> None:
    answer = send(office, END, event)
    office.confirm(answer.id, "звонок директору", "2026-08-11")
    on = date(2026, 8, 31)
    [owed] = [duty for duty in find_duties(office.office, on) if duty.duty == "customer.withdrawal"]
    shown = owed.as_json(on)
    assert (shown["starts"], shown["due"], shown["state"]) == (starts, due, "met")
    assert shown["late"] == late


def test_lines_of_a_contract_that_was_ended_stop_with_its_month(office: TownOffice) -> None:
    answer = send(office, END, "15.10.2026")
    assert charged(office, "2026-11")["1001", "maintenance"] == 500, "held, it does nothing"
    office.confirm(answer.id, "звонок", "2026-08-11")
    assert charged(office, "2026-10")["1001", "maintenance"] == 500
    after = charged(office, "2026-11")
    assert (after["1001", "maintenance"], after["1001", "cleaning"]) == (0, 200)
    late = {"house": "H-1", "left_on": "30.11.2026", "reason": "собрание", "learned_on": "10.08.2026"}
    refused = office.ingest("house_exit", [late], received="2026-09-10", month="11.2026")
    assert refused.outcome == "rejected" and "15.10.2026" in refused.finding("contract.ended")["message"]
    assert office.load("customers", [customer("A", head="Новая")], now="2026-08-20").outcome == "accepted"
    assert charged(office, "2026-11")["1001", "maintenance"] == 0, "the register only says again what it said"
    office.load("customers", [customer("A", head="Новая", valid_until="31.12.2027")], now="2026-08-25")
    assert charged(office, "2026-11")["1001", "maintenance"] == 500, "the contract goes on"


def test_a_contract_that_ends_sooner_is_not_made_longer(office: TownOffice) -> None:
    office.load("customers", [customer("A", valid_until="31.08.2026")], now="2026-08-02")
    answer = send(office, END, "31.12.2026")
    assert "31.08.2026" in answer.finding("notice.ends_anyway")["message"]
    office.confirm(answer.id, "звонок", "2026-08-11")
    assert describe_contract(office.office, bin_of("A"), date(2026, 8, 20))["agreement"]["until"] == "2026-08-31"


@pytest.mark.quick("H-2-gone1")
@pytest.mark.parametrize(
    ("part", "gone"),
    [
        ("Лифт", {("1001", "lift")}),
        ("H-2", {("2001", "maintenance")}),
        ("h2", {("2001", "maintenance")}),
        ("Күтіп ұстау; H-1", None),
        ("Содержание дома; H-1", {("1001", "maintenance")}),
    ],
)
def test_a_part_that_is_given_up_is_not_charged_from_its_day(
    office: TownOffice, part: str, gone: set[tuple[str, str]] | None
) -> None:
    answer = send(office, PART, "01.10.2026", part)
    if gone is None:
        assert answer.outcome == "rejected" and "Күтіп ұстау" in answer.finding("notice.part_unknown")["message"]
        return
    assert answer.outcome == "held"
    before = charged(office, "2026-10")
    office.confirm(answer.id, "звонок", "2026-08-11")
    assert charged(office, "2026-09") == before
    assert {key for key, sum_ in charged(office, "2026-10").items() if sum_ == 0} == gone
    assert "01.10.2026" in told(office, answer.id)["notice.lines_stop"]


def test_another_day_for_the_same_part_takes_the_place_of_the_first(office: TownOffice) -> None:
    for event, received in (("01.10.2026", "2026-08-10"), ("01.12.2026", "2026-08-12")):
        office.confirm(send(office, PART, event, "Лифт", received=received).id, "звонок", "2026-08-13")
    assert [charged(office, month)["1001", "lift"] for month in ("2026-10", "2026-11", "2026-12")] == [90, 90, 0]


@pytest.mark.quick(*range(0, 12, 3))
@pytest.mark.parametrize(
    ("kind", "parameter", "code"),
    [
        (PART, "", "value.missing"),
        (PART, "Охрана", "notice.part_unknown"),
        (PART, "Отопление", "service.not_yours"),
        (PART, "Лифт; H-2", "service.not_yours"),
        ("окончание договора дома", "", "value.missing"),
        ("окончание договора дома", "H-9", "house.unknown"),
        (ACCOUNT, "", "value.missing"),
        (ACCOUNT, "KZ75125KZT1001300336", "iban.invalid"),
        (ACCOUNT, f"{IBAN} БИК CASPRUKA", "bic.invalid"),
        (FORCE, "09.08.2026", "days.reversed"),
        (FORCE, "скоро", "part.not_a_date"),
        ("перемена погоды", "", "value.not_a_choice"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_cell(
    office: TownOffice, kind: str, parameter: str, code: str
) -> None:
    answer = send(office, kind, "10.08.2026", parameter)
    assert answer.outcome == "rejected" and answer.finding(code)["cell"], answer.findings


def test_a_kind_in_kazakh_is_the_same_kind(office: TownOffice) -> None:
    assert send(office, "иесіздендіріп пайдалануға тыйым салу", "10.08.2026").outcome == "accepted"
    assert [row["kind"] for row in office.facts("notice")] == [BAN]


def test_a_ban_of_depersonalised_use_stands_at_once(office: TownOffice) -> None:
    """4.2.7: nobody need confirm what takes nothing from anybody."""
    answer = send(office, BAN, "10.08.2026")
    assert (answer.outcome, answer.codes) == ("accepted", ["register.changed"])
    page = describe_contract(office.office, bin_of("A"), date(2026, 8, 10))
    assert page["agreement"]["no_depersonalised"] == "yes"
    assert describe_contract(office.office, bin_of("A"), date(2026, 8, 9))["agreement"]["no_depersonalised"] == "no"


def test_an_own_account_counts_only_once_it_is_confirmed_and_from_its_day(office: TownOffice) -> None:
    """7.1: money's way is never changed by a letter alone."""
    on = office.office.journal.customers.on
    answer = send(office, ACCOUNT, "01.09.2026", f"ИИК {IBAN[:10]} {IBAN[10:]}, БИК IRTYKZKA")
    assert answer.outcome == "held" and on(date(2026, 9, 1))[bin_of("A")].own_account == ""
    [task] = office.office.journal.tasks.open()
    assert (task.kind, task.clause, task.due) == ("notice", "7.1", date(2026, 8, 11))
    office.confirm(answer.id, "телефон из договора", "2026-08-12")
    assert [on(date(2026, month, day))[bin_of("A")].own_account for month, day in ((8, 31), (9, 1))] == ["", IBAN]
    page = describe_contract(office.office, bin_of("A"), date(2026, 9, 1))
    assert (page["requisites"]["own_account"], page["requisites"]["own_bic"]) == (IBAN, "IRTYKZKA")
    assert page["requisites"]["iban"] != IBAN
    office.load("customers", [customer("A", address="новый")], now="2026-09-02")
    assert on(date(2026, 9, 3))[bin_of("A")].own_account == IBAN, "an old export does not take it back"


def test_an_own_account_confirmed_after_its_day_counts_from_the_confirmation(office: TownOffice) -> None:
    answer = send(office, ACCOUNT, "05.08.2026", IBAN)
    office.confirm(answer.id, "телефон", "2026-08-20")
    on = office.office.journal.customers.on
    assert [on(date(2026, 8, day))[bin_of("A")].own_account for day in (19, 20)] == ["", IBAN]
    assert on(date(2026, 8, 20))[bin_of("A")].own_bic == "", "of another bank than that of the contract: not told"


def test_who_could_not_have_sent_it_hears_of_a_new_account(office: TownOffice) -> None:
    """7.1, 4.3.3: the Customer's other addresses, when it came and when it acts."""
    two = "office@a.example; director@a.example"
    office.load("customers", [customer("A", emails=two)], now="2026-08-02")
    answer = send(office, ACCOUNT, "01.09.2026", IBAN)
    office.confirm(answer.id, "телефон", "2026-08-12")
    heard = [one.recipient for one in office.office.journal.letters.all() if one.kind == NOTICE]
    assert heard.count("director@a.example") == 2


def test_an_account_that_no_form_told_is_found(office: TownOffice) -> None:
    """4.1.17: money's way is proven against the notice that told it."""
    journal, ledger = office.office.journal, office.office.home.ledger
    office.confirm(send(office, ACCOUNT, "01.09.2026", IBAN).id, "телефон", "2026-08-12")
    assert list(find_changed_customers(journal, ledger)) == []
    with journal.database.engine.begin() as connection:
        drop_guards(connection)
        forged = text("update customer_versions set own_account = 'KZ86125KZT5004100100' where own_account <> ''")
        connection.execute(forged)
    [found] = find_changed_customers(journal, ledger)
    assert "own_account" in found and bin_of("A") in found


def test_the_page_shows_what_was_given_up_and_the_contract_that_ends_with_the_last_line(office: TownOffice) -> None:
    """10.1, 10.7: from which day, how many lines; without any left the contract ends by itself, and it is told."""
    part = send(office, PART, "30.09.2026", "Лифт", received="2026-08-10")
    office.confirm(part.id, "звонок", "2026-08-11")
    page = describe_contract(office.office, bin_of("A"), date(2026, 8, 12))
    [stop] = page["stops"]
    assert (stop["service"], stop["from"], stop["lines"], stop["clause"]) == ("lift", "2026-09-30", 1, "10.1")
    assert page["agreement"]["until"] == ""
    rest = send(office, PART, "15.10.2026", "Содержание дома", received="2026-08-12")
    [posted] = office.confirm(rest.id, "звонок", "2026-08-13")
    told = {f.code: f for f in office.office.journal.submissions.findings_of(posted.arrival, posted.id)}
    assert "31.10.2026" in told["contract.left"].message and told["contract.left"].clause == "10.7"
    until = describe_contract(office.office, bin_of("A"), date(2026, 11, 1))["agreement"]
    assert (until["until"], until["state"]) == ("2026-10-31", "ended")


@pytest.mark.parametrize("parameter", ["Лифт; Содержание дома", "Лифт, Содержание дома", "H-1; H-2", "H-1; Лифт; H-2"])
def test_several_services_or_houses_of_a_row_are_told_in_plain_words(office: TownOffice, parameter: str) -> None:
    answer = send(office, PART, "30.09.2026", parameter)
    assert answer.outcome == "rejected" and answer.errors == ["notice.part_second"]
    assert "отдельную строку" in str(answer.finding("notice.part_second"))


def test_a_notice_that_tells_two_days_of_one_thing_contradicts_itself(office: TownOffice) -> None:
    """Two services on two days do not."""
    row = {"kind": PART, "event_on": "30.09.2026", "parameter": "Лифт", "basis": "Письмо"}
    twice = office.ingest("notice", [row, {**row, "event_on": "31.10.2026"}], received="2026-08-10")
    assert (twice.outcome, twice.errors) == ("rejected", ["notice.contradicts"])
    end = {**row, "kind": END, "parameter": ""}
    assert office.ingest("notice", [end, {**end, "event_on": "31.10.2026"}], received="2026-08-11").errors == [
        "notice.contradicts"
    ]
    apart = office.ingest("notice", [row, {**row, "event_on": "31.10.2026", "parameter": "H-2"}], received="2026-08-12")
    assert apart.outcome == "held"


def test_a_ban_that_is_to_be_lifted_is_refused_with_the_reason(office: TownOffice) -> None:
    """4.2.7: it would have been set instead."""
    answer = send(office, BAN, "01.09.2026", "снять запрет")
    assert (answer.outcome, answer.errors) == ("rejected", ["notice.ban_not_lifted"])
    assert send(office, BAN, "01.09.2026", "просим объяснять каждый запрос").outcome == "accepted"
