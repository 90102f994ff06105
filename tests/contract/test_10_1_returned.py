"""10.1, 10.10: staff are told which Customers are charged for again, and what lies on lines charged no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from inbox_worker.cli.month_screens import draft_json, show_differences
from inbox_worker.core.model import Language
from inbox_worker.month.differences import IdleAdvance
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line, payment


def tell(office: TownOffice, now: str, *rows: Row) -> None:
    office._posted(office.load("customers", rows, now))


def town(office: TownOffice) -> None:
    """A's contract ends on 30.09; 1002 has paid 500 too much by then, 1001 owes 1000. October is closed without A."""
    office.load_customers(customer("A", valid_until="30.09.2026"), customer("B"))
    office.load_directory(
        line("A", "1001", "lift", base="чел.", tariff="1000", residents=1),
        line("A", "1002", "lift", base="чел.", tariff="1000", residents=1),
        line("A", "1003", "maintenance", base="кв.", tariff="300"),
        line("B", "1001", "cleaning", base="кв.", tariff="100"),
    )
    office.load_payments(payment("1002", "1500.00"), payment("1003", "300.00"))
    office.close("2026-09", "2026-10-02")


office = copies_of(town)


def test_a_customer_that_came_back_is_told_with_its_lines(office: TownOffice) -> None:
    """1003 had a balance of nothing, so October's close does not have it: it is new there, the others are changed."""
    assert office.draft("2026-10").differences.returned == ()
    office.close("2026-10", "2026-11-02")
    tell(office, "2026-11-10", customer("A"), customer("B"))
    found = office.draft("2026-11").differences
    day = date(2026, 9, 30)
    assert {(one.customer, one.service, one.until, one.lines, one.charged) for one in found.returned} == {
        (bin_of("A"), "lift", day, 2, D("2000.00")), (bin_of("A"), "maintenance", day, 1, D("300.00")),
    }  # fmt: skip
    assert found.idle == ()
    office.close("2026-11", "2026-12-02")
    assert office.draft("2026-12").differences.returned == (), "told once, in the month that charges again"


def test_a_contract_that_was_made_longer_in_time_is_no_return(office: TownOffice) -> None:
    tell(office, "2026-10-10", customer("A", valid_until="31.12.2026"), customer("B"))
    office.close("2026-10", "2026-11-02")
    assert office.draft("2026-11").differences.returned == ()


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_what_was_paid_too_much_on_lines_that_left_is_shown(
    language: Language, office: TownOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """10.10 moves what is paid after the end; what was paid before it stays, and nothing said so."""
    draft = office.draft("2026-10")
    assert draft.differences.idle == (IdleAdvance(bin_of("A"), "lift", 1, D("500.00")),)
    assert draft_json(draft)["idle_advances"] == [
        {"customer": bin_of("A"), "service": "lift", "lines": 1, "amount": "500.00"}
    ]
    show_differences(draft.differences, replace(office.office, language=language))
    assert "500,00" in capsys.readouterr().out
