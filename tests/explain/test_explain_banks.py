"""`explain` of a bank's statement of distribution and of a list of orders: down to the row of the register (4.1.7)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from openpyxl import load_workbook

from inbox_worker.explain.cell_figures import ExplainError
from inbox_worker.explain.explain import explain_anything
from inbox_worker.outbox.publish_orders import put_up_orders
from inbox_worker.outbox.publish_statements import put_up_statements
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

NOW = moment("2026-09-08T11:00:00")


def build(office: TownOffice) -> None:
    own = {"kind": "поставщик коммунальных услуг", "utilities": True, "own_account": "KZ75125KZT1001300335"}
    office.load_customers(customer("A", **own), customer("B"))
    office.load_directory(
        line("A", "1001", "heating", tariff="10", area="50"), line("A", "1001", "maintenance", tariff="10", area="30"),
        line("B", "1002", "lift", base="кв.", tariff="500"),
    )  # fmt: skip
    office.load_payments(payment("1001", "800"), payment("1002", "500", number="2"), now="2026-09-08")


office = copies_of(build)


def cells(path: Path, column: int) -> dict[str, str]:
    """First cell of a row -> the address of its figure."""
    sheet = load_workbook(path).active
    return {str(row[0].value): row[column].coordinate for row in sheet.iter_rows() if row[column].value is not None}


def test_a_figure_of_a_statement_leads_to_the_registers_rows(office: TownOffice) -> None:
    [one] = put_up_statements(office.office, NOW)
    received = cells(one.file, 7)
    told = "\n".join(explain_anything(office.office, str(one.file), received[bin_of("B")], date(2026, 9, 8)))
    assert "500,00" in told and "№ 2" in told and "G9" in told
    assert "IW-" in told and "1001" not in told
    total = next(address for name, address in received.items() if "ТОО «A»" in name)
    assert "800,00" in "\n".join(explain_anything(office.office, str(one.file), total, date(2026, 9, 8)))
    whole = next(address for name, address in received.items() if name.startswith("Всего"))
    assert "1300,00" in "\n".join(explain_anything(office.office, str(one.file), whole, date(2026, 9, 8)))


def test_an_order_leads_to_its_statement_and_to_the_registers_rows(office: TownOffice) -> None:
    put_up_statements(office.office, NOW)
    put = put_up_orders(office.office, NOW)
    path = put[0][1].with_suffix(".xlsx")
    heating = next(order for order, _ in put if order.iban.startswith("KZ75"))
    told = "\n".join(explain_anything(office.office, str(path), cells(path, 7)[str(heating.number)], date(2026, 9, 8)))
    assert heating.amount == D("494.00") and "494,00" in told and "Отопление" in told
    assert "maintenance" not in told and "IW-" in told and "CASPKZKA" in told


def test_a_fee_given_back_stands_in_brackets_behind_its_sign(office: TownOffice) -> None:
    """Of the 7th alone 37.50 are taken back, 0.45 of fee with them: they lessen the order of the 5th."""
    office.load_payments(payment("1001", "-37.50", day="07.09.2026"), now="2026-09-08")
    put_up_statements(office.office, NOW)
    [(_, first), *_] = put = put_up_orders(office.office, NOW)
    path = first.with_suffix(".xlsx")
    lines = [
        line for order, _ in put
        for line in explain_anything(office.office, str(path), cells(path, 7)[str(order.number)], NOW.date())
    ]  # fmt: skip
    taken_back = [line for line in lines if "из ведомости" in line and ": -" in line]
    assert taken_back and all(re.search(r": -\d+,\d\d − \(-\d,\d\d\) = -", line) for line in taken_back), lines


@pytest.mark.slow
def test_every_sum_of_a_statement_and_of_orders_is_explained_by_that_sum(office: TownOffice) -> None:
    """On both sheets, totals too; a bank's commission, VAT and counts are told to be no figures of ours."""
    bank = {"bic": "CASPKZKA", "name": "АО «Банк»", "emails": "b@bank.example", "format": "1C", "commission": "0.5"}
    assert office.load("banks", [bank]).outcome == "accepted"
    office.load_payments(payment("1001", "-100", day="07.09.2026"), now="2026-09-08")
    files = [one.file for one in put_up_statements(office.office, NOW)]
    files += {path.with_suffix(".xlsx") for _, path in put_up_orders(office.office, NOW)}
    seen = []
    for path in files:
        for sheet in load_workbook(path).worksheets:
            for cell in (cell for row in sheet.iter_rows(min_row=6) for cell in row):
                if not isinstance(cell.value, (int, float)):
                    continue
                try:
                    told = explain_anything(office.office, str(path), f"{sheet.title}!{cell.coordinate}", NOW.date())
                except ExplainError:
                    continue
                assert f"{cell.value:.2f}".replace(".", ",") in told[0], (path.name, sheet.title, cell.coordinate, told)
                seen.append(cell.value)
    assert {-100, 1300, 494, -98.8} <= set(seen) and 6.5 not in seen


@pytest.mark.parametrize("cell", ["A1", "Z9"])
def test_what_is_no_figure_is_told(office: TownOffice, cell: str) -> None:
    [one] = put_up_statements(office.office, NOW)
    with pytest.raises(Exception, match="figure"):
        explain_anything(office.office, str(one.file), cell, date(2026, 9, 8))
