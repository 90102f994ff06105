"""Estimates, days without service and days of a penalty are told with the numbers that they are computed of (law 4)."""

from __future__ import annotations

import re

import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.sources import Sources
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    """A meter is read to 12,5 in two months, replaced (7,5 and 4,25 in the third) and silent in December. 1000 of old
    at A, paid and taken back."""
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="20", area="50", balance="1000"),
        line("B", "1001", "heating", tariff="100", area="50"),
        line("B", "1001", "cold_water", base="счётчик", tariff="60", meter="W-1", reading="100"),
    )
    terms = {"rate": "16,5", "coefficient": "1,5", "grace_days": "0", "cap": "100", "from_date": "09.2026"}
    office.ingest("penalty_notice", [{"service": "maintenance", "basis": "№ 5", **terms}], received="2026-08-20")
    days = {"account": "1001", "service": "heating", "from_date": "05.09.2026", "to_date": "12.09.2026", "days": "8"}
    office.ingest("undelivered", [days], received="2026-09-14", by="B")
    read = {"account": "1001", "service": "cold_water"}
    first = {**read, "meter": "W-1", "current": "112.5", "taken_on": "20.09.2026"}
    office.ingest("meter_readings", [first], received="2026-09-21", by="B")
    office.close("2026-09")
    office.load_payments(payment("1001", "600", day="05.10.2026", to="A"))
    office.load_payments(payment("1001", "-600", day="09.10.2026", to="A"))
    change = {"meter": "W-1", "current": "120", "new_meter": "W-2", "initial": "5", "changed_on": "15.10.2026"}
    office.ingest("meter_change", [{**read, **change}], received="2026-10-16", by="B")
    second = {**read, "meter": "W-2", "current": "9.25", "taken_on": "20.10.2026"}
    office.ingest("meter_readings", [second], received="2026-10-21", by="B")
    for month in ("2026-10", "2026-11", "2026-12"):
        office.close(month)


office = copies_of(town, "module")
changed_office = copies_of(town)


def told(office: TownOffice, month: str, field: str, service: str, owner: str = "B") -> str:
    with Sources(office.office) as sources:
        figures = Figures(office.office, sources, Period.parse(month), "1001")
        return "\n".join(figures.explain(field, Where(bin_of(owner), "1001", service)))


def form_of(office: TownOffice, kind: str, place: int = 0) -> str:
    return [one.id for one in office.office.journal.submissions.all() if one.form == kind][place]


@pytest.mark.slow
def test_an_estimate_names_the_readings_that_it_is_the_average_of(office: TownOffice) -> None:
    """24,25 of three months: 12,5 of two, 7,5 and, of the meter put in, 4,25 of the third."""
    text = told(office, "2026-12", "charged", "cold_water")
    assert "расход 8,083" in text and "24,250 / 3" in text, text
    found = re.findall(r"(\d\d\.\d{4}): расход ([\d,]+), месяцев (\d)\n\s+(IW-\d+-\d+)", text)
    forms = [form_of(office, "meter_readings"), form_of(office, "meter_change"), form_of(office, "meter_readings", 1)]
    assert found == [
        ("10.2026", "12,500", "2", forms[0]), ("11.2026", "7,500", "1", forms[1]), ("11.2026", "4,250", "0", forms[2]),
    ], text  # fmt: skip


def test_days_without_service_show_the_charge_that_they_are_a_part_of(office: TownOffice) -> None:
    """8 of 30 days of September's 5000,00, with September's tariff and area."""
    text = told(office, "2026-10", "undelivered", "heating")
    assert "Недопоставка = -1333,33" in text, text
    assert "−(5000,00 × 8 / 30), округлено до тиына один раз = -1333,33" in text and "333333" not in text, text
    assert "09.2026, по которому считаются дни: 5000,00; дней в месяце 30" in text, text
    assert text.count(form_of(office, "directory")) == 2, text


def test_days_of_a_penalty_end_where_its_debt_does(office: TownOffice) -> None:
    """September's 1000 and 1000 of old: 1000 is overdue until the payment's day, 400 until that of its return, then
    1000 again, and 2000 from the 26th."""
    text = told(office, "2026-11", "penalty", "maintenance", "A")
    spans = re.findall(r"с (\d\d)\.10\.2026 по (\d\d)\.10\.2026, дней (\d+): долг (\d+,\d\d)", text)
    assert spans == [
        ("01", "05", "5", "1000,00"), ("06", "09", "4", "400,00"), ("10", "25", "16", "1000,00"),
        ("26", "31", "6", "2000,00"),
    ], text  # fmt: skip
    assert "с 06.10.2026 долг меньше" in text and "с 10.10.2026 долг больше" in text, text
    assert text.count("долг меньше") == 1, text


@pytest.mark.slow
def test_days_of_a_month_counted_again_since_show_what_it_is_counted_by(changed_office: TownOffice) -> None:
    """October counts September again by 110 instead of 100; days of September that November takes off are 8/30 of
    5500,00, and the cells are those of the tariff's form, not the directory's."""
    office = changed_office
    row = {"service": "Отопление", "base": "м²", "tariff": "110", "from_month": "09.2026", "basis": "№ 7"}
    for month in ("2026-12", "2026-11", "2026-10"):
        office.reopen(month)
    assert office.ingest("tariffs", [row], received="2026-09-20", by="B", documents=[SCAN]).outcome == "accepted"
    office.close("2026-10")
    more = {"account": "1001", "service": "heating", "from_date": "20.09.2026", "to_date": "27.09.2026", "days": "8"}
    office.ingest("undelivered", [more], received="2026-10-14", by="B")
    office.close("2026-11")
    text = told(office, "2026-11", "undelivered", "heating")
    assert "Недопоставка = -1466,67" in text, text
    assert "09.2026, по которому считаются дни: 5500,00;" in text, text
    assert "месяц пересчитан: тариф 110,0000 × количество 50,000, округлено до тиына один раз = 5500,00" in text, text
    assert "= тариф 100,0000" not in text, text
