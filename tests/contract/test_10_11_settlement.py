"""10.11: when a contract has ended, what is open between the parties is computed, told once, and shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from inbox_worker.contract.page import describe_contract
from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Period
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.publish_notices import make_notice, put_up_due_notices
from inbox_worker.outbox.review import look_through
from tests.documents.golden import word_text
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

A = bin_of("A")


def town(office: TownOffice) -> None:
    """A's contract ends on 15.09. Two flats are charged 500 in September: one paid 700, the other 100; B goes on."""
    office.load_customers(customer("A", valid_until="15.09.2026"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500"),
        line("A", "1002", "maintenance", base="кв.", tariff="500"),
        line("B", "1001", "cleaning", base="кв.", tariff="200"),
    )
    office.load_payments(
        payment("1001", "700", number="1", to="A", service="maintenance"),
        payment("1002", "100", number="2", to="A", service="maintenance"),
        payment("1001", "50", number="3", to="B", service="cleaning"),
    )


office = copies_of(town)
SUMS = {"received": "800.00", "withheld": "9.60", "transferred": "0.00", "to_transfer": "790.40",
        "consumers_owe": "400.00", "overpaid": "200.00"}  # fmt: skip


def made(office: TownOffice, now: str) -> list[str]:
    return [path.name for path in put_up_due_notices(office.office, moment(now)) if "settlement" in path.name]


def test_the_sums_are_told_once_the_last_month_is_closed(office: TownOffice) -> None:
    """Fee 1.2 % of 700 and of 100: 8.40 and 1.20."""
    assert made(office, "2026-09-20") == []
    with pytest.raises(UseError, match="close 2026-09 first"):
        make_notice(office.office, "settlement", A, "", None, moment("2026-09-20"))
    office.close("2026-09", "2026-10-02")
    [name] = made(office, "2026-10-05")
    look_through(office.office, moment("2026-10-05"))
    assert made(office, "2026-10-06") == [], "once"
    path = next((office.office.home.outbox / "pending").rglob(name))
    text = word_text(path.read_bytes()).replace("\N{NO-BREAK SPACE}", " ")
    for words in ("15.09.2026", "10.11", "поступило платежей потребителей — 800,00", "удержано за услуги", "— 9,60",
                  "остаётся перечислить — 790,40", "долг потребителей по вашим строкам — 400,00", "— 200,00",
                  "аударылуға тиіс қалдық — 790,40", "тұтынушылар қарызы — 400,00"):  # fmt: skip
        assert words in text, words


def test_the_contract_shows_the_same_sums(office: TownOffice) -> None:
    assert describe_contract(office.office, A, date(2026, 9, 20))["settlement"] == {}, "its month is open"
    office.close("2026-09", "2026-10-02")
    shown = describe_contract(office.office, A, date(2026, 10, 5))["settlement"]
    assert {name: shown[name] for name in SUMS} == SUMS
    assert (shown["until"], shown["month"], shown["open_acts"]) == ("2026-09-15", "2026-09", "")
    row = [office.line("2026-09", account, "maintenance")["closing"] for account in ("1001", "1002")]
    assert row == [D("-200.00"), D("400.00")]
    assert describe_contract(office.office, bin_of("B"), date(2026, 10, 5))["settlement"] == {}, "it goes on"


def test_a_contract_that_goes_on_is_not_settled(office: TownOffice) -> None:
    office.close("2026-09", "2026-10-02")
    with pytest.raises(UseError, match="has not ended"):
        make_notice(office.office, "settlement", bin_of("B"), "", None, moment("2026-10-05"))


def test_the_last_house_that_left_ends_and_settles_it(office: TownOffice) -> None:
    """10.7: B's only house leaves with September."""
    row = {"house": "H-1", "left_on": "30.09.2026", "reason": "собрание", "learned_on": "19.09.2026"}
    assert office.ingest("house_exit", [row], received="2026-09-20", by="B").outcome == "accepted"
    office.close("2026-09", "2026-10-02")
    shown = describe_contract(office.office, bin_of("B"), date(2026, 10, 5))["settlement"]
    assert (shown["until"], shown["received"], shown["consumers_owe"]) == ("2026-09-30", "50.00", "150.00")


@pytest.mark.slow
def test_no_act_is_made_of_a_month_after_the_end_without_services(office: TownOffice) -> None:
    """October: nobody paid on A's lines. November: a payment came, and its fee is in an act."""
    office.close("2026-09", "2026-10-02")
    office.close("2026-10", "2026-11-02")
    office.load_payments(payment("1002", "100", day="05.11.2026", number="9", to="A", service="maintenance"),
                         now="2026-11-06")  # fmt: skip
    office.close("2026-11", "2026-12-02")
    made = {
        str(month): [path.name for path in render_documents(office.office, month, ["act", "turnover"], A,
                                                            moment("2026-12-03")) if path.suffix in (".docx", ".xlsx")]
        for month in (Period(2026, 9), Period(2026, 10), Period(2026, 11))
    }  # fmt: skip
    kinds = {month: sorted(name.split("-")[0] for name in names) for month, names in made.items()}
    assert kinds == {"2026-09": ["act", "turnover"], "2026-10": ["turnover"], "2026-11": ["act", "turnover"]}


def test_a_month_that_was_closed_by_then_counts_although_it_is_not_over(office: TownOffice) -> None:
    """The notice named the month before as the last closed one, beside the act of the month itself."""
    office.close("2026-09", "2026-09-30")
    before, then = (describe_contract(office.office, A, date(2026, 9, day)) for day in (29, 30))
    assert before["settlement"] == {} and before["money"]["month"] == ""
    assert then["settlement"]["month"] == then["money"]["month"] == "2026-09"
    assert {name: then["settlement"][name] for name in SUMS} == SUMS
    assert describe_contract(office.office, A, date(2026, 10, 1))["settlement"] == then["settlement"]
