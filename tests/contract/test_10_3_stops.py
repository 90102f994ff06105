"""10.2, 10.3, 10.8: lines left out of billing by the operator's register of stops."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, bin_of, customer, line, payment
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50", balance="100"),
        line("A", "1001", "cleaning", base="кв.", tariff="300"),
        line("A", "1002", "maintenance", tariff="10", area="20"),
        line("A", "2001", "maintenance", tariff="10", area="30", house="H-2"),
        line("B", "1001", "cold_water", base="счётчик", tariff="80", meter="M-1", reading="100"),
    )


office = copies_of(town)


def stop(**more: object) -> Row:
    row = {"bin": bin_of("A"), "account": "1001", "from_date": "01.10.2026", "reason": "жалоба", "clause": "10.3"}
    return {**row, **more}


def load(office: TownOffice, *rows: Row, now: str = "2026-09-10") -> Answer:
    return office.load("stops", rows, now)


def charges(office: TownOffice, month: str) -> dict[tuple[str, str], D]:
    return {(account, service): row["charged"] for (account, _, service), row in office.drafted(month).items()}


def test_a_complained_account_is_not_charged_and_keeps_its_balance(office: TownOffice) -> None:
    """All lines of A on 1001 in October, none of B; it is paid and recalculated as before."""
    assert load(office, stop()).outcome == "accepted"
    found = charges(office, "2026-10")
    assert (found["1001", "maintenance"], found["1001", "cleaning"], found["1002", "maintenance"]) == (0, 0, D("200"))
    assert charges(office, "2026-09")["1001", "maintenance"] == D("500.00")
    office.close("2026-09")
    office.load_payments(payment("1001", "50", day="05.10.2026", number="1", to="A", service="maintenance"))
    past = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-20"}
    assert office.ingest("recalculations", [past], received="2026-09-20").outcome == "accepted"
    office.close("2026-10")
    row = office.line("2026-10", "1001", "maintenance")
    assert (row["opening"], row["charged"], row["tariff"], row["closing"]) == (D("600"), 0, 0, D("530"))


@pytest.mark.quick("span0-charged0")
@pytest.mark.parametrize(
    ("span", "charged"),
    [
        ({"from_date": "02.10.2026"}, ["500", "500", "0", "0"]),
        ({"from_date": "01.10.2026", "to_date": "01.10.2026"}, ["500", "0", "500", "500"]),
        ({"from_date": "20.09.2026", "to_date": "31.10.2026"}, ["500", "0", "500", "500"]),
        ({"from_date": "02.10.2026", "to_date": "31.10.2026"}, ["500", "500", "500", "500"]),
    ],
)
def test_the_first_of_the_month_decides(office: TownOffice, span: dict[str, str], charged: list[str]) -> None:
    """Stopped on the 1st: not charged in that month; within a month: from the 1st of the next."""
    load(office, stop(**span))
    months = ("2026-09", "2026-10", "2026-11", "2026-12")
    assert [charges(office, month)["1001", "maintenance"] for month in months] == [D(sum_) for sum_ in charged]


@pytest.mark.quick("span0-stop.counts_from-told0")
@pytest.mark.parametrize(
    ("span", "code", "told"),
    [
        ({"from_date": "02.10.2026"}, "stop.counts_from", ["с 11.2026"]),
        ({"from_date": "20.09.2026", "to_date": "31.10.2026"}, "stop.counts_months", ["с 10.2026", "по 10.2026"]),
        ({"from_date": "01.10.2026", "to_date": "15.11.2026"}, "stop.counts_months", ["с 10.2026", "по 11.2026"]),
    ],
)
def test_a_stop_within_a_month_tells_which_months_it_leaves_out(
    office: TownOffice, span: dict[str, str], code: str, told: list[str]
) -> None:
    answer = load(office, stop(**span))
    found = answer.finding(code)
    assert (answer.outcome, found["severity"]) == ("accepted", "warning")
    assert all(words in found["message"] for words in told)


def test_a_stop_of_no_months_first_day_is_refused(office: TownOffice) -> None:
    """Accepted, it would change nothing."""
    answer = load(office, stop(from_date="02.10.2026", to_date="31.10.2026"))
    assert (answer.outcome, answer.errors) == ("rejected", ["stop.no_month"])
    assert "по 31.10.2026" in answer.finding("stop.no_month")["message"]


def test_a_row_that_ends_a_known_stop_before_any_month_acts(office: TownOffice) -> None:
    """It was to leave out November; ended in October it leaves out none."""
    load(office, stop(from_date="02.10.2026"))
    answer = load(office, stop(from_date="02.10.2026", to_date="31.10.2026"), now="2026-10-30")
    assert (answer.outcome, answer.codes) == ("accepted", ["row.replaced"])
    assert charges(office, "2026-11")["1001", "maintenance"] == D("500.00")


def test_a_stop_of_whole_months_is_not_told(office: TownOffice) -> None:
    for until in ("", "31.10.2026"):
        codes = load(office, stop(to_date=until)).codes
        assert not {"stop.counts_from", "stop.counts_months", "stop.no_month"} & set(codes)


def test_a_stop_told_late_counts_from_the_first_open_month(office: TownOffice) -> None:
    """September is closed: a stop from 20.08 leaves out nothing before October."""
    office.close("2026-09")
    found = load(office, stop(from_date="20.08.2026"), now="2026-10-10").finding("stop.counts_from")
    assert "с 10.2026" in found["message"]


def test_a_house_and_a_service(office: TownOffice) -> None:
    """A house of the Customer, one service only; the stop's end is said later by the same row."""
    row = stop(account=None, house="H-1", service="Содержание дома")
    load(office, row)
    found = charges(office, "2026-10")
    assert (found["1001", "maintenance"], found["1002", "maintenance"]) == (0, 0)
    assert (found["1001", "cleaning"], found["2001", "maintenance"]) == (D("300.00"), D("300.00"))
    ended = load(office, {**row, "to_date": "31.10.2026"}, now="2026-10-30")
    assert ended.codes == ["row.replaced"]
    assert charges(office, "2026-11")["1001", "maintenance"] == D("500.00")


def test_consumption_of_a_stopped_meter_is_not_charged_later(office: TownOffice) -> None:
    """Read as always: 5 units of October are counted and not charged, November's 4 are; nothing is taken back."""
    load(office, stop(bin=bin_of("B")))
    for current, received in (("105", "2026-09-20"), ("109", "2026-10-20")):
        row = {"account": "1001", "service": "cold_water", "meter": "M-1", "current": current}
        assert office.ingest("meter_readings", [row], received=received, by="B").outcome == "accepted"
    load(office, {**stop(bin=bin_of("B")), "to_date": "31.10.2026"})
    rows = [office.drafted(month)["1001", bin_of("B"), "cold_water"] for month in ("2026-10", "2026-11")]
    assert [(row["charged"], row["recalculated"]) for row in rows] == [(0, 0), (D("320.00"), 0)]


def test_a_reading_of_a_stopped_month_takes_no_estimate_back(office: TownOffice) -> None:
    """September's 5 units are October's estimate: 400.00. November is stopped and read: what the meter shows since is
    charged to nobody, so October's estimate stays, also when the stop is ended and a tariff counts October again."""
    read = {"account": "1001", "service": "cold_water", "meter": "M-1"}
    for month, current, received in (
        ("09", "105", "2026-08-20"),
        ("11", "112", "2026-10-20"),
        ("12", "115", "2026-11-20"),
    ):
        told = office.ingest("meter_readings", [{**read, "current": current}], received=received, by="B")
        assert (told.outcome, told.month) == ("accepted", f"2026-{month}")
    for month in ("2026-09", "2026-10"):
        office.close(month)
    load(office, {**stop(bin=bin_of("B")), "from_date": "01.11.2026"}, now="2026-11-02")
    office.close("2026-11")
    load(office, {**stop(bin=bin_of("B")), "from_date": "01.11.2026", "to_date": "30.11.2026"}, now="2026-12-02")
    tariff = {"service": "Холодная вода", "base": "счётчик", "tariff": "90", "from_month": "10.2026", "basis": "№ 7"}
    told = office.ingest("tariffs", [tariff], received="2026-11-20", by="B", documents=[SCAN])
    assert (told.outcome, told.month) == ("accepted", "2026-12")
    office.close("2026-12")
    rows = [office.line(f"2026-{month}", "1001", "cold_water", "B") for month in ("10", "11", "12")]
    assert [(row["charged"], row["recalculated"]) for row in rows] == [
        (D("400.00"), 0), (0, 0), (D("270.00"), D("50.00")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bin": "050140000051"}, "customer.unknown"),
        ({"account": None}, "undelivered.no_place"),
        ({"house": "H-1"}, "undelivered.no_place"),
        ({"to_date": "30.09.2026"}, "days.reversed"),
        ({"account": "7777"}, "stop.no_lines"),
        ({"account": None, "house": "H-7"}, "stop.no_lines"),
        ({"service": "Лифт"}, "stop.no_lines"),
        ({"bin": bin_of("B"), "account": "1002"}, "stop.no_lines"),
    ],
)
def test_a_wrong_row_is_refused(office: TownOffice, change: dict[str, object], code: str) -> None:
    answer = load(office, stop(**change))
    assert answer.outcome == "rejected" and answer.codes == [code]


def test_a_stop_may_have_begun_before_its_lines(office: TownOffice) -> None:
    """It goes on, so it acts on them; one that is loaded before both is of the next month's lines."""
    for month in ("01.07.2026", "01.08.2026"):
        assert load(office, {**stop(), "from_date": month}).outcome == "accepted"


@pytest.mark.parametrize(("day", "codes"), [("01.09.2016", ["date.unlikely"]), ("01.09.2046", ["date.absurd"])])
def test_a_stop_of_another_decade_is_told(office: TownOffice, day: str, codes: list[str]) -> None:
    assert load(office, stop(from_date=day)).codes == codes


def test_only_staff_load_it(office: TownOffice) -> None:
    answer = office.ingest("stops", [stop()], received="2026-08-20", mailbox="korrektirovki", documents=[SCAN])
    assert answer.outcome == "rejected" and "form.operator_only" in answer.codes
