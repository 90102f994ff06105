"""4.2.5, 5.2: the operator's fee is withheld from each payment, per line, by the price of the payment's date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from inbox_worker.core.money import vat_inside
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line, payment


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    rows = [line("A", "1001", s, base="кв.", tariff="100", start="12.2025") for s in ("maintenance", "cleaning")]
    office.load_directory(*rows, now="2025-11-01")


office = copies_of(town)


def test_worked_example_5_of_money(office: TownOffice) -> None:
    """10 000.00 on 31.12.2025 and on 01.01.2026: 120.00 each; VAT inside 12.86 (12 %) and 16.55 (16 %)."""
    for number, day in (("1", "31.12.2025"), ("2", "01.01.2026")):
        office.load_payments(payment("1001", "10000.00", day=day, number=number, to="A", service="cleaning"))
    for month, start, vat in (("2025-12", date(2025, 12, 1), "12.86"), ("2026-01", date(2026, 1, 1), "16.55")):
        office.close(month)
        fees = [row["fee"] for row in office.parts(month)]
        assert fees == [D("120.00")]
        assert vat_inside(sum(fees), office.office.rules.vat_percent(start)) == D(vat)


def test_rounded_per_payment_and_line_and_the_transfer_is_the_rest(office: TownOffice) -> None:
    """1.2 % of 50.00 and 50.00 is 0.60 each; of 0.42 it is 0.00504 -> 0.01, of 0.41 nothing."""
    office.load_payments(
        payment("1001", "100.00", number="1", day="05.12.2025"),
        payment("1001", "0.42", number="2", day="05.12.2025", to="A", service="cleaning"),
        payment("1001", "0.41", number="3", day="05.12.2025", to="A", service="cleaning"),
    )
    closed = office.close("2025-12")
    rows = office.parts("2025-12")
    assert [row["fee"] for row in rows] == [D("0.60"), D("0.60"), D("0.01"), D("0.00")]
    assert all(row["transfer"] == row["amount"] - row["fee"] for row in rows)
    assert (closed.payments["fees"], closed.payments["transfers"]) == (D("1.21"), D("99.62"))


def test_the_price_with_the_later_date_applies_from_its_date(office: TownOffice) -> None:
    """A price of kind and service from 15.12.2025: 1.2 % the day before, 3 % on the day; other lines keep 1.2 %."""
    rules = office.folder / "rules"
    prices = (rules / "prices.yaml").read_text("utf-8")
    entry = '  - {from: 2025-12-15, kind: "управляющая компания", service: cleaning, percent: "3", clause: "5.1"}\n'
    (rules / "prices.yaml").write_text(prices.replace("prices:\n", "prices:\n" + entry), "utf-8")
    with TownOffice(office.folder, office.reader) as repriced:
        repriced.load_payments(
            payment("1001", "10.00", number="1", day="14.12.2025", to="A", service="cleaning"),
            payment("1001", "10.00", number="2", day="15.12.2025", to="A", service="cleaning"),
            payment("1001", "10.00", number="3", day="15.12.2025", to="A", service="maintenance"),
        )
        repriced.close("2025-12")
        assert [row["fee"] for row in repriced.parts("2025-12")] == [D("0.12"), D("0.30"), D("0.12")]


def test_the_price_is_the_one_of_the_payments_date_also_in_a_later_month(office: TownOffice) -> None:
    """A payment of a closed month counts in the next, at the price of its own date."""
    office.close("2025-12")
    office.load_payments(payment("1001", "100.00", day="31.12.2025"))
    office.close("2026-01")
    assert [(str(r["paid_on"]), r["percent"]) for r in office.parts("2026-01")] == [("2025-12-31", D("1.2"))] * 2


def test_vat_goes_by_the_month_of_the_act(office: TownOffice) -> None:
    """A payment of 31.12.2025 loaded after December's close: its fee of 120.00 is of January's act, at 16 %."""
    office.close("2025-12")
    office.load_payments(payment("1001", "10000", day="31.12.2025", to="A", service="cleaning"), now="2026-01-09")
    office.close("2026-01")
    [row] = office.parts("2026-01")
    assert (row["percent"], row["fee"]) == (D("1.2"), D("120.00"))
    assert vat_inside(row["fee"], office.office.rules.vat_percent(date(2026, 1, 1))) == D("16.55")
