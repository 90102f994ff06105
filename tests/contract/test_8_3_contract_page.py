"""8.3, 5.1: a Customer's whole contract on one page, with the most that a claim can reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from inbox_worker.cli.screens import show_contract
from inbox_worker.contract.page import NoSuchCustomer, describe_contract
from inbox_worker.settings.texts import Language
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment


def test_the_page_says_what_stands_on_its_day(office: TownOffice) -> None:
    office.load_customers(customer("A", valid_until="31.12.2026", head="Иванов И. И."), customer("B"))
    office.load_directory(
        line("A", "1001", "lift", base="чел.", tariff="1000", residents=1),
        line("A", "1002", "lift", base="чел.", tariff="1000", residents=2, house="H-2"),
        line("B", "1001", "cleaning", base="кв.", tariff="500"),
    )
    office.load_payments(payment("1001", "1000", to="A"), payment("1001", "400", number="2", to="B"))
    office.close("2026-09", "2026-10-02")
    page = describe_contract(office.office, bin_of("A"), date(2026, 10, 12))
    assert page["houses"] == [{"house": "H-1", "accounts": 1}, {"house": "H-2", "accounts": 1}]
    assert page["lines"] == [{"service": "lift", "lines": 2}]
    assert [price["service"] for price in page["prices"]] == ["lift"]
    assert page["agreement"]["state"] == "in force"
    money = page["money"]
    assert (money["month"], money["charged"], money["paid"], money["closing"]) == (
        "2026-09", "3000.00", "1000.00", "2000.00",
    )  # fmt: skip
    percent = float(page["prices"][0]["percent"])
    assert float(money["fees_12_months"]) == 1000 * percent / 100
    assert float(money["claims_cap"]) == round(1000 * percent / 100 / 10, 2)
    assert {duty["customer"] for duty in page["duties"]} == {bin_of("A")}
    assert describe_contract(office.office, bin_of("A"), date(2027, 1, 1))["agreement"]["state"] == "ended"
    assert describe_contract(office.office, bin_of("A"), date(2026, 9, 30))["money"]["month"] == ""
    late = describe_contract(office.office, bin_of("A"), date(2027, 10, 1))["money"]
    assert float(late["claims_cap"]) == 0  # the payments of September 2026 are older than twelve months


def test_a_stranger_has_no_contract(office: TownOffice) -> None:
    with pytest.raises(NoSuchCustomer):
        describe_contract(office.office, bin_of("C"), date(2026, 10, 12))


def closed_month(office: TownOffice) -> None:
    office.load_customers(customer("A", valid_until="31.12.2026", head="Иванов И. И.", utilities=True))
    office.load_directory(line("A", "1001", "lift", base="чел.", tariff="1000", residents=1))
    office.close("2026-09", "2026-10-02")


told_office = copies_of(closed_month, scope="module")


@pytest.mark.quick(0, 4, 8)
@pytest.mark.parametrize("language", ["ru", "kk", "en"])
@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2026, 10, 12), date(2027, 1, 1)])
def test_the_page_is_printed_in_the_readers_language(
    language: Language, day: date, told_office: TownOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every label, state and sum has its words, before the contract, in it and after it; no code is shown."""
    office = told_office.office
    say = replace(office.say, language=language)
    names = {name: say.of(rule) for name, rule in office.rules.duties.items()}
    names |= {service.code: say.of(service) for service in office.rules.services}
    show_contract(describe_contract(office, bin_of("A"), day), names, say)
    printed = capsys.readouterr().out
    assert bin_of("A") in printed or "Иванов И. И." in printed
    assert not any(code in printed for code in ("lift", "contract_sum", "in force" if language != "en" else "lift"))
