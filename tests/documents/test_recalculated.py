"""Every workbook of a month with odd sums, counted by LibreOffice: each formula gives what it shows (4.1.8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from inbox_worker.contract.duties import find_duties
from inbox_worker.core.model import Period
from inbox_worker.documents.depersonalised import render_depersonalised
from inbox_worker.documents.depersonalised_groups import group_consumers
from inbox_worker.documents.duties import render_duties
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.month.ordering import make_orders
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.publish_orders import put_up_orders
from inbox_worker.outbox.publish_statements import put_up_statements
from tests.documents.made import converted
from tests.support.fixtures import office
from tests.support.office import TownOffice, customer, line, moment, payment
from tests.support.papers import SCAN

__all__ = ["office"]
MONTH, MADE = Period(2026, 9), moment("2026-10-05T11:00:00")


@pytest.fixture
def books(office: TownOffice) -> dict[str, bytes]:
    """Workbooks of every kind: an advance larger than the charges, a line of nothing, days without a service, three
    past months counted again both ways, a payment that the bank took back, one that waits."""
    office.load("banks", [{"bic": "CASPKZKA", "name": "CASPKZKA", "emails": "bank@kaspi.example", "format": "1C",
                           "commission": "0,5"}])  # fmt: skip
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.30", balance="-90000.01"),
        line("A", "1002", "maintenance", tariff="31.4155", area="44.7", balance="1500.55", house="H-2"),
        line("A", "1003", "lift", base="чел.", tariff="193.3885", residents="0"),
        line("B", "1001", "heating", tariff="172.7173", area="65.30", balance="0.01"),
        line("B", "1002", "cold_water", base="счётчик", tariff="122.1166", meter="M1", reading="10"),
    )
    past = [
        {"account": "1002", "service": "maintenance", "past_month": month, "amount": amount}
        for month, amount in (("05.2026", "-700.05"), ("06.2026", "12.34"), ("07.2026", "-0.01"))
    ]
    assert office.ingest("recalculations", past, received="2026-08-20", documents=[SCAN]).outcome == "accepted"
    days = {"account": "1001", "service": "heating", "from_date": "01.08.2026", "to_date": "03.08.2026", "days": "3"}
    office.ingest("undelivered", [days], received="2026-08-20", by="B")
    office.load_payments(
        payment("1001", "1000.01", day="07.09.2026"), payment("1002", "77", number="2", day="07.09.2026"),
        payment("1002", "5.55", number="3", day="08.09.2026"), payment("9999", "10", number="4", day="08.09.2026"),
        now="2026-09-09",
    )  # fmt: skip
    office.load_payments(payment("1002", "-77", number="2", day="10.09.2026"), now="2026-09-11")
    statements = put_up_statements(office.office, moment("2026-09-12T11:00:00"))
    assert statements
    office.close("2026-09")
    return dict(made_of(office))


def made_of(office: TownOffice) -> Iterator[tuple[str, bytes]]:
    opened = office.office
    make_orders(opened, MADE)
    put_up_orders(opened, MADE)
    render_documents(opened, MONTH, [], "", MADE)
    render_books(opened, MONTH)
    for path in sorted(opened.home.path.rglob("*.xlsx")):
        if {"outbox", "books"} & set(path.parts):
            yield f"{path.parent.name[:12]}-{path.stem}", path.read_bytes()
    known = opened.journal.customers.on(date(2026, 10, 5))
    yield "duties", render_duties(find_duties(opened, date(2026, 10, 5)), known, opened.rules, "Центр", MADE.date())
    found = group_consumers(MonthFacts(opened, MONTH), opened.rules.retention.depersonalised)
    yield "depersonalised", render_depersonalised(found, opened.home.operator, opened.rules).data


def values(data: bytes, formulas: bool = False) -> dict[tuple[str, str], object]:
    book = openpyxl.load_workbook(BytesIO(data), data_only=not formulas)
    return {(s.title, cell.coordinate): cell.value for s in book for row in s.iter_rows() for cell in row}


@pytest.mark.slow
def test_each_formula_of_each_workbook_gives_what_it_shows(
    books: dict[str, bytes], tmp_path: Path, soffice: Path
) -> None:
    counted = converted(books, "xlsx", tmp_path, soffice)
    kinds = ("turnover", "bill-rows", "distribution", "debtors", "payments", "bank_distribution", "payment_orders",
             "close-protocol", "ledger", "depersonalised", "directory", "duties")  # fmt: skip
    for kind in kinds:
        assert any(kind in name for name in books), (kind, sorted(books))
    formulas = 0
    for name, data in books.items():
        shown, anew = values(data), values(counted[name])
        live = [place for place, text in values(data, formulas=True).items() if str(text).startswith("=")]
        for place in live:
            assert anew[place] == pytest.approx(shown[place], abs=0.0005), (name, place)
        formulas += len(live)
    assert formulas > 300, "sums are live"
    orders = next(data for name, data in books.items() if "payment_orders" in name)
    assert not any("CASPKZKA (CASPKZKA)" in str(text) for text in values(orders).values())
