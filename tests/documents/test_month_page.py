"""The month on one page (`report`): its figures, its bytes, senders' text, nothing asked from elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.documents.month_page import MonthPage, Sums, Waiting, render_month_page
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.sample import sample
from inbox_worker.outbox.staff_page import month_page, write_report
from inbox_worker.settings.rules import Rules
from tests.documents.made import TORTURE, opened
from tests.support.fixtures import office
from tests.support.office import ROOT, TODAY, TownOffice, bin_of, customer, line, moment, payment

__all__ = ["office"]
TEMPLATES = ROOT / "templates/documents"


@pytest.fixture
def page(operator: Operator, rules: Rules) -> MonthPage:
    return sample(operator, rules).page


def test_same_data_same_bytes_and_nothing_from_elsewhere(page: MonthPage) -> None:
    made = render_month_page(page, TEMPLATES.joinpath)
    assert render_month_page(page, TEMPLATES.joinpath) == made
    text = made.decode()
    assert "<script" not in text and not re.search(r"(?:src|href)=\"(?!#)", text.replace('xlink:href="#', ""))
    assert not re.search(r"url\((?!#)", text)
    assert text.count("<svg") == 3
    assert "1\xa0200\xa0000,00" in text


@pytest.mark.parametrize("text", [*TORTURE, "$\\frac{1}{2}$", "<script>alert(1)</script>", "{{ x }}"])
def test_text_is_never_markup(text: str, page: MonthPage) -> None:
    rows = [replace(row, name=text) for row in page.customers]
    waiting = [Waiting(text, text, text, 43)]
    made = render_month_page(replace(page, customers=rows, houses=rows, waiting=waiting), TEMPLATES.joinpath).decode()
    assert "<script>" not in made and "<b>жирный" not in made
    if "<" in text:
        assert text.replace("<", "&lt;").replace(">", "&gt;") in made


def test_bars_are_as_long_as_their_sums(page: MonthPage) -> None:
    """To a tenth of a point, from zero to either side; a bar tells its sum to the tiyn."""
    sums = {"А": "3000000.01", "Б": "-1500000", "В": "0"}
    rows = [Sums(name, Decimal(charged), Decimal(0), Decimal(0), Decimal(0)) for name, charged in sums.items()]
    made = render_month_page(replace(page, customers=rows), TEMPLATES.joinpath).decode()
    bar = r'<rect x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)"[^>]*><title>(.), начислено[^:]*: ([^<]*)<'
    bars = {name: (float(x), float(width), value) for x, width, name, value in re.findall(bar, made)}
    million = bars["А"][1] / 3
    assert bars["А"][2] == "3.00000001" and abs(bars["Б"][1] - 1.5 * million) < 0.1 and bars["В"][1] == 0
    assert abs(bars["Б"][0] + bars["Б"][1] - bars["А"][0]) < 0.11


def test_an_empty_month_has_its_page(page: MonthPage) -> None:
    bare = replace(page, came=[], customers=[], houses=[], waiting=[])
    assert "Ничего не ждёт" in render_month_page(bare, TEMPLATES.joinpath).decode()


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
    drafted = month_page(MonthFacts(office.office, Period(2026, 9)), TODAY)
    office.close("2026-09")
    page = month_page(MonthFacts(office.office, Period(2026, 9)), TODAY)
    assert replace(drafted, state=page.state) == page
    assert [(form.outcome, form.left > timedelta(0)) for form in page.came] == [("accepted", True), ("held", False)]
    assert page.came[0].left < timedelta(hours=2)
    (whole,) = page.customers
    assert whole == Sums("ТОО «A»", *(map(type(whole.paid), ("145.00", "40.00", "55.00", "450.00"))))
    assert [row.name for row in page.houses] == ["H-1", "H-2"]
    assert sum(row.charged for row in page.houses) == whole.charged
    assert [row.what.split(" /")[0] for row in page.waiting] == ["Форма ждёт документов", "Невыясненные платежи"]
    lost = page.waiting[1]
    assert (lost.which, lost.count, lost.note) == ("3,00 тенге / теңге", 1, "такого счёта нет / мұндай шот жоқ: 1")


def test_a_payment_that_found_its_line_waits_no_more(office: TownOffice) -> None:
    """4.1.7: it stood in suspense until the account came into the directory and the next register was loaded."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="1", area="100"))
    office.load_payments(payment("7777", "3", number="2"))
    assert [row.count for row in month_page(MonthFacts(office.office, Period(2026, 9)), TODAY).waiting] == [1]
    office.load_directory(line("A", "7777", "maintenance", tariff="1", area="1"))
    office.load_payments(payment("1001", "40", number="3"))
    assert month_page(MonthFacts(office.office, Period(2026, 9)), TODAY).waiting == []


def test_documents_to_review_are_a_row_a_kind(office: TownOffice) -> None:
    """However many Customers have some: how many files, and of how many; what nobody's manifest names, too."""
    month = Period(2026, 9)
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(*(line(who, f"100{who}", "maintenance", tariff="1", area="100") for who in "AB"))
    office.close("2026-09")
    render_documents(office.office, month, ["turnover", "payments", "bills"], "", moment("2026-10-02"))
    (folder,) = (office.office.home.outbox / "pending" / "2026-09").glob(f"{bin_of('A')}*")
    (folder / "заметка.txt").write_text("?")
    (folder / ".DS_Store").write_text("?")
    waiting = month_page(MonthFacts(office.office, month), TODAY).waiting
    assert {row.what for row in waiting} == {"Документы на проверке / Тексерудегі құжаттар"}
    assert [(row.which.split(" /")[0], row.count, row.note.split(" /")[0]) for row in waiting] == [
        ("счёт", 1, ""),
        ("файл платежей", 4, "заказчиков: 2"),
        ("оборотная ведомость", 4, "заказчиков: 2"),
        ("документ", 1, "заказчиков: 1"),
    ]


def test_a_plot_says_when_it_shows_only_some(page: MonthPage) -> None:
    many = [replace(page.customers[0], name=f"ТОО {n}") for n in range(16)]
    for rows, told in ((many, 1), (many[:15], 0)):
        made = render_month_page(replace(page, customers=rows), TEMPLATES.joinpath).decode()
        assert made.count("На рисунке 15 с наибольшими") == told


def test_it_lies_in_the_ledger(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="1", area="100"))
    path = write_report(office.office, Period(2026, 9), TODAY)
    assert path == Path(office.office.home.ledger / "reports/2026-09.html")
    assert "предварительно" in path.read_text("utf-8")


def test_charges_are_those_of_the_turnovers_first_page(office: TownOffice) -> None:
    """What the page calls charges with recalculation and penalty is the figure that the turnover calls so: of A, whose
    contract ended, the 30 paid beyond its debt; of B 10, less a recalculation of 5 and those 30."""
    office.load_customers(customer("A", valid_until="31.08.2026"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="50", start="08.2026"),
        line("B", "1001", "lift", base="кв.", tariff="10", start="08.2026"),
    )
    office.close("2026-08")
    minus = {"account": "1001", "service": "lift", "past_month": "08.2026", "amount": "-5"}
    assert office.ingest("recalculations", [minus], received="2026-08-25", by="B").outcome == "accepted"
    office.load_payments(payment("1001", "80", to="A", service="maintenance"))
    office.close("2026-09")
    path = write_report(office.office, Period(2026, 9), TODAY)
    page = month_page(MonthFacts(office.office, Period(2026, 9)), TODAY)
    charged = {row.name: row.charged for row in page.customers}
    assert charged == {"ТОО «A»": Decimal(30), "ТОО «B»": Decimal(-25)}, office.lines("2026-09")
    for owner in ("A", "B"):
        paths = render_documents(office.office, Period(2026, 9), ["turnover"], bin_of(owner), moment("2026-10-05"))
        sheet = opened(next(one for one in paths if one.suffix == ".xlsx").read_bytes()).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        [(row, place)] = [(at, column) for at, row in enumerate(rows) for column, value in enumerate(row)
                          if str(value).startswith("с перерасчётом и пеней")]  # fmt: skip
        assert charged[f"ТОО «{owner}»"] in [rows[at][place] for at in (row - 1, row - 2)], rows[:9]
    assert "Начислено<br>с перерасчётом и пеней" in path.read_text("utf-8")
