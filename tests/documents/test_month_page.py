"""The month on one page (`report`): its figures, its bytes, senders' text, nothing asked from elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from inbox_worker.documents.month_page import MonthPage, Sums, Waiting, render_month_page
from inbox_worker.documents.sample import sample
from inbox_worker.model import Operator, Period
from inbox_worker.publishing.month_report import month_page, write_report
from inbox_worker.publishing.paper_facts import MonthFacts
from inbox_worker.rules import Rules
from tests.documents.made import TORTURE
from tests.support.fixtures import office, reader
from tests.support.office import ROOT, TownOffice, customer, line, payment

__all__ = ["office", "reader"]
TEMPLATE, FONTS = ROOT / "templates/documents/month.html", ROOT / "templates/fonts"


@pytest.fixture
def page(operator: Operator, rules: Rules) -> MonthPage:
    return sample(operator, rules).page


def test_same_data_same_bytes_and_nothing_from_elsewhere(page: MonthPage) -> None:
    made = render_month_page(page, TEMPLATE, FONTS)
    assert render_month_page(page, TEMPLATE, FONTS) == made
    text = made.decode()
    assert "<script" not in text and not re.search(r"(?:src|href)=\"(?!#)", text.replace('xlink:href="#', ""))
    assert not re.search(r"url\((?!#)", text)
    assert text.count("<svg") == 3
    assert "1\xa0200\xa0000,00" in text


@pytest.mark.parametrize("text", [*TORTURE, "$\\frac{1}{2}$", "<script>alert(1)</script>", "{{ x }}"])
def test_text_is_never_markup(text: str, page: MonthPage) -> None:
    rows = [replace(row, name=text) for row in page.customers]
    waiting = [Waiting(text, text, text)]
    made = render_month_page(replace(page, customers=rows, houses=rows, waiting=waiting), TEMPLATE, FONTS).decode()
    assert "<script>" not in made and "<b>жирный" not in made
    if "<" in text:
        assert text.replace("<", "&lt;").replace(">", "&gt;") in made


def test_an_empty_month_has_its_page(page: MonthPage) -> None:
    bare = replace(page, came=[], customers=[], houses=[], waiting=[])
    assert "Ничего не ждёт" in render_month_page(bare, TEMPLATE, FONTS).decode()


def test_figures_are_the_months(office: TownOffice) -> None:
    """Forms of the window, sums of the close by customer and house, what waits: a held form and a lost payment."""
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="1", area="100"),
        line("A", "1002", "maintenance", tariff="1", area="50", balance="-500", house="H-2"),
    )
    office.ingest("recalculations", [{"account": "1001", "service": "maintenance", "past_month": "07.2026",
                  "amount": "-5"}], received="2026-08-25T22:30:00")  # fmt: skip
    plus = [{"account": "1001", "service": "maintenance", "past_month": "07.2026", "amount": "7"}]
    office.ingest("recalculations", plus, received="2026-08-27")
    office.load_payments(payment("1001", "40"), payment("7777", "3", number="2"))
    drafted = month_page(MonthFacts(office.office, Period(2026, 9)))
    office.close("2026-09")
    page = month_page(MonthFacts(office.office, Period(2026, 9)))
    assert replace(drafted, state=page.state) == page
    assert [(form.outcome, form.at < page.deadline) for form in page.came] == [("accepted", True), ("held", False)]
    assert page.deadline - page.came[0].at < timedelta(hours=2)
    (whole,) = page.customers
    assert whole == Sums("ТОО «A»", *(map(type(whole.paid), ("145.00", "40.00", "55.00", "450.00"))))
    assert [row.name for row in page.houses] == ["H-1", "H-2"]
    assert sum(row.charged for row in page.houses) == whole.charged
    assert [row.what.split(" /")[0] for row in page.waiting] == ["Форма ждёт документов", "Невыясненные платежи"]
    assert "1; 3,00" in page.waiting[1].which


def test_it_lies_in_the_ledger(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="1", area="100"))
    path = write_report(office.office, Period(2026, 9))
    assert path == Path(office.office.home.ledger / "reports/2026-09.html")
    assert "предварительно" in path.read_text("utf-8")
