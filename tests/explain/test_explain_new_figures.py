"""Figures that come of the other forms lead to their cells and clauses, too (law 4)."""

from __future__ import annotations

import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.sources import Sources
from inbox_worker.workbooks.cells import CellReader
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", valid_until="30.11.2026"), customer("B", utilities=True), customer("C"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="20", area="50"),
        line("A", "1001", "lift_replacement", base="schedule"),
        line("C", "1001", "intercom", base="кв."),
        line("C", "1002", "intercom", base="кв.", tariff="500"),
        line("B", "1001", "cold_water", base="счётчик", tariff="90", meter="M1", reading="10"),
    )
    area = {"account": "1001", "indicator": "Площадь", "becomes": "60", "from_date": "01.10.2026"}
    office.ingest("directory_corrections", [area], received="2026-08-20")
    terms = {"rate": "16,5", "coefficient": "1,5", "grace_days": 0, "cap": "100", "from_date": "09.2026"}
    office.ingest("penalty_notice", [{"service": "Содержание дома", "basis": "№ 5", **terms}], received="2026-08-20")
    plan = {"account": "1001", "service": "За замену лифта", "charge": "90", "operator_fee": "8", "bank_fee": "2"}
    months = [{**plan, "total": "100", "pay_month": f"{month}.2026"} for month in ("09", "10")]
    office.ingest("repair_schedule", months, received="2026-08-20", documents=[SCAN])
    own = {"account": "1001", "service": "Домофон", "tariff": "450", "charged": "412", "balance": "-30"}
    office.ingest("service_charges", [own], received="2026-08-20", by="C", documents=[SCAN])
    for received, current in (("2026-08-20", "13"), ("2026-10-20", "30")):
        row = {"account": "1001", "service": "cold_water", "meter": "M1", "current": current}
        office.ingest("meter_readings", [row], received=received, by="B")
    stop = {"bin": bin_of("C"), "account": "1002", "from_date": "01.10.2026", "reason": "жалоба", "clause": "10.3"}
    office.load("stops", [stop], "2026-09-10")
    left = {"house": "H-1", "left_on": "30.11.2026", "reason": "собрание", "learned_on": "10.08.2026"}
    office.ingest("house_exit", [left], received="2026-08-20")
    paid = payment("1001", "99999", day="05.12.2026", number="1", to="A", service="maintenance")
    office.load_payments(paid, now="2026-12-06")
    office.load_payments(payment("1001", "-99999", day="05.01.2027", number="1"), now="2027-01-06")


office = copies_of(town, "module")


@pytest.mark.quick("2026-10-charged-A-1001-maintenance-said0")
@pytest.mark.parametrize(
    ("month", "field", "owner", "account", "service", "said"),
    [
        ("2026-10", "charged", "A", "1001", "maintenance", ["60,000", "4.3.2.4", "«Корректировки справочника»"]),
        ("2026-09", "charged", "A", "1001", "lift_replacement", ["100,00", "4.3.9", "«График платежей"]),
        ("2026-09", "charged", "C", "1001", "intercom", ["412,00", "4.3.2.5", "«Данные субъекта сервиса»"]),
        ("2026-09", "tariff", "C", "1001", "intercom", ["450", "4.3.2.5"]),
        ("2026-09", "opening", "C", "1001", "intercom", ["-30,00", "«Данные субъекта сервиса»"]),
        ("2026-10", "charged", "C", "1002", "intercom", ["жалоба", "10.3", "«Приостановленные строки»"]),
        ("2026-10", "quantity", "B", "1001", "cold_water", ["расход 3,000", "средний месяц"]),
        ("2026-11", "recalculated", "B", "1001", "cold_water", ["-270,00", "10.2026", "7.2", "«Показания"]),
        ("2026-11", "penalty", "A", "1001", "maintenance", ["4,07", "16,5", "1000,00", "«Уведомление о пене»"]),
        ("2026-12", "closing_penalty", "A", "1001", "maintenance", ["4,07", "4.1.6"]),
        ("2026-12", "moved", "A", "1001", "maintenance", ["10.10", "«Реестр платежей»"]),
        ("2026-12", "moved", "B", "1001", "cold_water", ["10.10", "«Реестр платежей»", "перенесены на эту строку"]),
        ("2027-01", "moved", "A", "1001", "maintenance", ["10.10", "«Реестр платежей»", "возвращены с остальных"]),
        ("2027-01", "moved", "B", "1001", "cold_water", ["10.10", "«Реестр платежей»", "возвращены с остальных"]),
    ],
)  # fmt: skip
def test_a_figure_leads_to_its_form(
    office: TownOffice,
    reader: CellReader,
    month: str,
    field: str,
    owner: str,
    account: str,
    service: str,
    said: list[str],
) -> None:
    """The cell, the form's name and the clause are told with the numbers."""
    figures = Figures(office.office, Sources(office.office), Period.parse(month))
    text = "\n".join(figures.explain(field, Where(bin_of(owner), account, service)))
    for part in said:
        assert part in text, text
