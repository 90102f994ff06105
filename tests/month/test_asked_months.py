"""A close looks only at the earlier months that it asks for: what a month costs does not grow with history."""

from __future__ import annotations

from inbox_worker.core.model import Period
from inbox_worker.month.months import compute_month
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line, payment
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    """One line; September to December of 2026 are closed."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10", balance="600"))
    for number in range(9, 13):
        office.close(f"2026-{number:02d}")


office = copies_of(town)


def asked(office: TownOffice) -> dict[str, list[str]]:
    """The months that January asks for, by need."""
    found: dict[str, list[str]] = {}
    with compute_month(office.office, Period(2027, 1)).connection as connection:
        for need, month in connection.execute("select need, month from asked_months order by all").fetchall():
            found.setdefault(need, []).append(f"{month:%Y-%m}")
    return found


def send(office: TownOffice, form: str, **row: str) -> None:
    assert office.ingest(form, [row], received="2026-12-20", documents=[SCAN]).outcome == "accepted"


def test_ordinary_month_asks_for_no_month_but_the_last(office: TownOffice) -> None:
    assert asked(office) == {}


def test_tariff_of_the_past_asks_for_the_months_since_it_counts(office: TownOffice) -> None:
    send(office, "tariffs", service="maintenance", base="м²", tariff="31", from_month="11.2026")
    assert asked(office) == {"charges": ["2026-11", "2026-12"]}


def test_penalty_asks_for_months_whose_bills_were_not_overdue_on_its_first_day(office: TownOffice) -> None:
    """January posts the penalty of December's days: on 1 December only October's bill, due on 25 November, is overdue
    by more than the five days of grace, and September's before it. December is at hand."""
    terms = {"rate": "16,5", "coefficient": "1,5", "grace_days": "5", "cap": "100", "from_date": "01.2027"}
    send(office, "penalty_notice", service="Содержание дома", basis="№ 5", **terms)
    assert asked(office) == {"debts": ["2026-11"]}


def test_balance_of_a_line_that_the_last_month_does_not_know_asks_for_every_month(office: TownOffice) -> None:
    """Whether the ledger knew the line before."""
    new = line("A", "1002", "maintenance", tariff="30", area="10", balance="50", start="01.2027")
    office.load_directory(new, now="2026-12-20")
    assert asked(office) == {"openings": ["2026-09", "2026-10", "2026-11", "2026-12"]}


def test_month_is_computed_of_its_payments_and_of_those_of_the_month_before(office: TownOffice) -> None:
    """The penalty counts the days of the month before (4.1.6). What was paid earlier is in the balances."""
    for month in ("01", "02"):
        paid = payment("1001", "100", day=f"05.{month}.2027", number=month, to="A", service="maintenance")
        assert office.load_payments(paid, now=f"2027-{month}-06").outcome == "accepted"
        office.close(f"2027-{month}")
    assert months_of_payments(office, Period(2027, 2)) == ["2027-01", "2027-02"]
    assert months_of_payments(office, Period(2027, 3)) == ["2027-02"]


def test_payments_of_months_that_are_still_open_are_all_there(office: TownOffice) -> None:
    """A month opens with the running balance of the open month before it, which its payments make."""
    for month in ("01", "02"):
        paid = payment("1001", "100", day=f"05.{month}.2027", number=month, to="A", service="maintenance")
        assert office.load_payments(paid, now=f"2027-{month}-06").outcome == "accepted"
    assert months_of_payments(office, Period(2027, 4)) == ["2027-01", "2027-02"]


def months_of_payments(office: TownOffice, month: Period) -> list[str]:
    with compute_month(office.office, month).connection as connection:
        found = connection.execute("select distinct month from allocations order by 1").fetchall()
    return [f"{day:%Y-%m}" for (day,) in found]
