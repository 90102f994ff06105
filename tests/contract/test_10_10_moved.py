"""10.10: payments for a Customer's line after its contract ended go to the lines of the others left in the bill."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.sources import Sources
from inbox_worker.workbooks.cells import CellReader
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment


def town(office: TownOffice) -> None:
    """A leaves the house on 30.09 and its contract ends; B and C stay with 200.00 and 100.00 a month."""
    office.load_customers(customer("A", valid_until="30.09.2026"), customer("B"), customer("C"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500"),
        line("B", "1001", "cleaning", base="кв.", tariff="200"),
        line("C", "1001", "cctv", base="кв.", tariff="100"),
    )
    told = {"house": "H-1", "left_on": "30.09.2026", "reason": "собрание", "learned_on": "10.08.2026"}
    office.ingest("house_exit", [told], received="2026-08-20")
    office.close("2026-09")


office = copies_of(town)


def rows(office: TownOffice, month: str) -> dict[str, tuple[D, D, D]]:
    found = office.lines(month)
    names = {bin_of(name): name for name in "ABC"}
    return {names[owner]: (row["paid"], row["moved"], row["closing"]) for (_, owner, _), row in found.items()}


def test_what_is_paid_beyond_the_debt_is_moved(office: TownOffice) -> None:
    """600.01 for A's debt of 500: 100.01 is moved, two thirds and one third by October's charges: 66.67 and 33.34."""
    office.load_payments(payment("1001", "600.01", day="05.10.2026", number="1", to="A", service="maintenance"))
    closed = office.close("2026-10")
    assert rows(office, "2026-10") == {
        "A": (D("600.01"), D("100.01"), D("0.00")),
        "B": (D("0.00"), D("-66.67"), D("333.33")),
        "C": (D("0.00"), D("-33.34"), D("166.66")),
    }
    assert closed.totals["moved"] == 0 and closed.payments["posted"] == D("600.01")


def test_what_is_moved_pays_the_oldest_debt_as_any_payment_does(office: TownOffice) -> None:
    """650 for A's 500: B gets 100 and owes 300 of September's and October's 200. With 30 days of grace September's is
    overdue from 25.11 and October's not in November: 6 days x (300 - 200) x 18.25 % / 365 = 0.30 in December (4.1.6).
    """
    office.load_payments(payment("1001", "650", day="05.10.2026", number="1", to="A", service="maintenance"))
    terms = {"rate": "18,25", "coefficient": "1", "grace_days": "30", "cap": "100", "from_date": "11.2026"}
    told = office.ingest(
        "penalty_notice", [{"service": "cleaning", "basis": "№ 5", **terms}], received="2026-10-20", by="B"
    )
    assert told.outcome == "accepted", told.report
    office.close("2026-10")
    assert rows(office, "2026-10")["B"] == (D("0.00"), D("-100.00"), D("300.00"))
    office.close("2026-11")
    assert office.drafted("2026-12")[("1001", bin_of("B"), "cleaning")]["penalty"] == D("0.30")


def test_a_debt_of_the_ended_line_is_paid_first(office: TownOffice) -> None:
    office.load_payments(payment("1001", "500", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    assert rows(office, "2026-10")["A"] == (D("500.00"), 0, 0)


def test_an_advance_from_before_is_not_moved(office: TownOffice) -> None:
    """Only payments that arrive after the end: an advance stays where it is until it is paid back."""
    office.reopen("2026-09")
    office.load_payments(payment("1001", "700", day="05.09.2026", number="1", to="A", service="maintenance"))
    office.close("2026-09"), office.close("2026-10")
    assert rows(office, "2026-10")["A"] == (0, 0, D("-200.00"))


def test_without_charges_the_first_line_gets_it(office: TownOffice) -> None:
    """B and C stopped: all to the first line by service order, which is C's video."""
    stop = {"account": "1001", "from_date": "01.10.2026", "reason": "жалоба", "clause": "10.3"}
    office.load("stops", [{**stop, "bin": bin_of(name)} for name in "BC"], "2026-09-10")
    office.load_payments(payment("1001", "510", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    assert rows(office, "2026-10")["C"] == (0, D("-10.00"), D("90.00"))
    assert rows(office, "2026-10")["B"][1] == 0


@pytest.mark.quick(0)
@pytest.mark.parametrize("service", ["maintenance", ""])
def test_a_payment_for_a_line_that_owes_nothing_any_more_is_moved_whole(office: TownOffice, service: str) -> None:
    """October settles A's 500.00; a payment that still names A in November goes to B and C, 80.00 and 40.00 of it."""
    office.load_payments(payment("1001", "500", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    office.load_payments(payment("1001", "120", day="05.11.2026", number="2", to="A", service=service))
    closed = office.close("2026-11")
    assert closed.payments["suspense"] == 0
    assert {name: row[:2] for name, row in rows(office, "2026-11").items()} == {
        "A": (D("120.00"), D("120.00")), "B": (0, D("-80.00")), "C": (0, D("-40.00")),
    }  # fmt: skip
    assert rows(office, "2026-11")["A"][2] == 0


def test_a_payment_that_names_nobody_never_reaches_an_ended_line_without_debt(office: TownOffice) -> None:
    office.load_payments(payment("1001", "500", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    office.load_payments(payment("1001", "5000", day="05.11.2026", number="2"))
    office.close("2026-11")
    assert set(rows(office, "2026-11")) == {"B", "C"}


def test_sums_of_hundreds_of_millions_are_moved_exactly(office: TownOffice) -> None:
    """900 000 000.03 beyond the debt over 200 and 100: two thirds are ...000.02 and one third ...000.01; tiyn x tiyn is
    over 64 bits."""
    office.load_directory(
        line("B", "1001", "cleaning", base="кв.", tariff="200000000", start="10.2026"),
        line("C", "1001", "cctv", base="кв.", tariff="100000000", start="10.2026"),
    )
    paid = payment("1001", "900000500.03", day="05.10.2026", number="1", to="A", service="maintenance")
    office.load_payments(paid)
    office.close("2026-10")
    moved = {name: row[1] for name, row in rows(office, "2026-10").items()}
    assert moved == {"A": D("900000000.03"), "B": D("-600000000.02"), "C": D("-300000000.01")}


# -- a payment taken back in a later month: what was moved of it goes back, too


def test_what_was_moved_goes_back_with_its_payment(office: TownOffice) -> None:
    """100.01 of 600.01 went to B (66.67) and C (33.34). The bank takes all of it back in November: they give it back,
    and A's line awaits its 500.00 again, no more."""
    office.load_payments(payment("1001", "600.01", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    office.load_payments(payment("1001", "-600.01", day="10.11.2026", number="1"))
    closed = office.close("2026-11")
    assert rows(office, "2026-11") == {
        "A": (D("-600.01"), D("-100.01"), D("500.00")),
        "B": (0, D("66.67"), D("600.00")),
        "C": (0, D("33.34"), D("300.00")),
    }
    assert closed.totals["moved"] == 0


@pytest.mark.slow
def test_a_part_taken_back_takes_back_what_was_moved_first(office: TownOffice) -> None:
    """Of 650, 150 went to B and C by 100 and 50. 30 back: 20 and 10 of it; then 200 back: the 120 that are left, and 80
    of A's old debt."""
    office.load_payments(payment("1001", "650", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    office.load_payments(payment("1001", "-30", day="10.11.2026", number="1"))
    office.close("2026-11")
    assert [row[1] for _, row in sorted(rows(office, "2026-11").items())] == [D("-30.00"), D("20.00"), D("10.00")]
    office.load_payments(payment("1001", "-200", day="10.12.2026", number="1"))
    office.close("2026-12")
    assert rows(office, "2026-12") == {
        "A": (D("-200.00"), D("-120.00"), D("80.00")),
        "B": (0, D("80.00"), D("800.00")),
        "C": (0, D("40.00"), D("400.00")),
    }


@pytest.mark.slow
def test_another_payment_of_the_month_is_moved_all_the_same(office: TownOffice) -> None:
    """650 taken back and 700 paid in November: the 150 come back, 200 are over A's 500 and go to B and C."""
    office.load_payments(payment("1001", "650", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    office.load_payments(
        payment("1001", "-650", day="10.11.2026", number="1"),
        payment("1001", "700", day="12.11.2026", number="2", to="A", service="maintenance"),
    )
    office.close("2026-11")
    assert rows(office, "2026-11")["A"] == (D("50.00"), D("50.00"), D("0.00"))
    assert [rows(office, "2026-11")[name][1] for name in "BC"] == [D("-33.33"), D("-16.67")]


@pytest.mark.slow
def test_an_advance_from_before_that_is_taken_back_keeps_nothing_from_being_moved(office: TownOffice) -> None:
    """A had 200 too much in September; in October the bank takes them back, and 90 come for A: they go on."""
    office.reopen("2026-09")
    office.load_payments(payment("1001", "700", day="05.09.2026", number="1", to="A", service="maintenance"))
    office.close("2026-09")
    office.load_payments(
        payment("1001", "-200", day="05.10.2026", number="1"),
        payment("1001", "90", day="06.10.2026", number="2", to="A", service="maintenance"),
    )
    office.close("2026-10")
    assert rows(office, "2026-10")["A"] == (D("-110.00"), D("90.00"), D("0.00"))


@pytest.mark.slow
def test_a_line_that_is_gone_owes_again_what_it_gives_back(office: TownOffice) -> None:
    """B's line got 100, was paid off and taken away in November; in December it owes the 100 that go back."""
    office.load_payments(payment("1001", "650", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.ingest(
        "directory_corrections",
        [{"account": "1001", "indicator": "Убрать услугу", "becomes": "Уборка подъездов", "from_date": "01.11.2026"}],
        received="2026-10-10",
        by="B",
    )
    office.close("2026-10")
    office.load_payments(payment("1001", "300", day="05.11.2026", number="2", to="B", service="cleaning"))
    office.close("2026-11")
    office.load_payments(payment("1001", "-650", day="10.12.2026", number="1"))
    office.close("2026-12")
    assert rows(office, "2026-12")["A"] == (D("-650.00"), D("-150.00"), D("500.00"))
    assert rows(office, "2026-12")["B"] == (0, D("100.00"), D("100.00"))


def test_no_penalty_is_taken_of_what_was_never_owed(office: TownOffice) -> None:
    """A's 650 are taken back on 10.11: of November's days after it 20 have a debt of 500, not of 650 (4.1.6):
    500 x 20 x 36.5 % / 365 = 10.00."""
    terms = {"rate": "36,5", "coefficient": "1", "grace_days": "0", "cap": "100", "from_date": "09.2026"}
    office.reopen("2026-09")
    told = office.ingest(
        "penalty_notice", [{"service": "maintenance", "basis": "№ 5", **terms}], received="2026-08-20", by="A"
    )
    assert told.outcome == "accepted", told.report
    office.close("2026-09")
    office.load_payments(payment("1001", "650", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    office.load_payments(payment("1001", "-650", day="10.11.2026", number="1"))
    office.close("2026-11")
    assert office.drafted("2026-12")[("1001", bin_of("A"), "maintenance")]["penalty"] == D("10.00")


def explained(office: TownOffice, month: str, owner: str, service: str) -> str:
    figures = Figures(office.office, Sources(office.office), Period.parse(month))
    return "\n".join(figures.explain("moved", Where(bin_of(owner), "1001", service)))


def test_what_was_moved_is_explained_by_numbers_that_come_to_it(office: TownOffice) -> None:
    """What was paid beyond the debt, the weights that it is shared by; then the same back."""
    office.load_payments(payment("1001", "600.01", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    away, here = (explained(office, "2026-10", *one) for one in (("A", "maintenance"), ("B", "cleaning")))
    for text in (away, here):
        assert "сверх долга 100,01 = оплачено 600,01 − долг 500,00" in text and bin_of("A") in text
        assert "при разноске: в долг 500,00, в начисление 0,00, в аванс 100,01" in text
    assert "доля" not in away
    assert "-66,67" in here and "доля = 100,01 × 200,00 / 300,00" in here and " 100,00" in here.partition("доля")[2]
    office.load_payments(payment("1001", "-600.01", day="05.11.2026", number="1"), now="2026-11-06")
    office.close("2026-11")
    back = explained(office, "2026-11", "C", "cctv")
    assert rows(office, "2026-11")["C"][1] == D("33.34")
    assert "33,34" in back and "возвращается 100,01 = меньшее из отозванного аванса 100,01 и перенесённого" in back
    assert "доля = 100,01 × 33,34 / 100,01" in back and "сверх долга" not in back.partition("п. 10.10")[2]


def test_an_advance_from_before_is_no_part_of_what_is_explained_as_moved(office: TownOffice) -> None:
    """A owes nothing and has 200.00 to its credit: of the next payment all of it goes on, and no more."""
    office.reopen("2026-09")
    office.load_payments(payment("1001", "700", day="05.09.2026", number="1", to="A", service="maintenance"))
    office.close("2026-09")
    office.load_payments(payment("1001", "30", day="05.10.2026", number="2", to="A", service="maintenance"))
    office.close("2026-10")
    text = explained(office, "2026-10", "B", "cleaning")
    assert "сверх долга 30,00: всё оплаченное, ведь долга до него не было (-200,00)" in text
    assert "доля = 30,00 × 200,00 / 300,00" in text and rows(office, "2026-10")["B"][1] == D("-20.00")


def test_where_nothing_is_charged_it_is_explained_who_is_the_first(office: TownOffice) -> None:
    stop = {"account": "1001", "from_date": "01.10.2026", "reason": "жалоба", "clause": "10.3"}
    office.load("stops", [{**stop, "bin": bin_of(name)} for name in "BC"], "2026-09-10")
    office.load_payments(payment("1001", "600", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    text = explained(office, "2026-10", "C", "cctv")
    assert rows(office, "2026-10")["C"][1] == D("-100.00")
    assert "все 100,00 получает первая по порядку услуг: Видеонаблюдение" in text


def test_a_proof_of_what_is_moved_leads_to_the_debt_and_to_the_charge(office: TownOffice) -> None:
    """A page and a proof go on to the closing of the ended line, and to the charge that the share is by; a screen says
    their sums."""
    office.load_payments(payment("1001", "600.01", day="05.10.2026", number="1", to="A", service="maintenance"))
    office.close("2026-10")
    told = {}
    for to_start in (False, True):
        with Sources(office.office, to_start=to_start) as sources:
            figures = Figures(office.office, sources, Period.parse("2026-10"), "1001")
            told[to_start] = "\n".join(figures.explain("moved", Where(bin_of("B"), "1001", "cleaning")))
    assert "сальдо конечное 09.2026: 500,00" in told[True] and "тариф 200,0000 × количество 1,000" in told[True], told
    assert "сальдо конечное" not in told[False] and "сверх долга 100,01" in told[False], told


@pytest.mark.slow
def test_of_two_ended_lines_none_is_said_to_get_what_left_the_other(tmp_path: Path, reader: CellReader) -> None:
    with TownOffice(tmp_path, reader) as office:
        office.load_customers(customer("A", valid_until="30.09.2026"), customer("B"))
        office.load_directory(
            line("A", "1001", "maintenance", base="кв.", tariff="500"),
            line("A", "1001", "cctv", base="кв.", tariff="100"),
            line("B", "1001", "cleaning", base="кв.", tariff="200"),
        )
        office.close("2026-09")
        office.load_payments(
            payment("1001", "550", day="05.10.2026", number="1", to="A", service="maintenance"),
            payment("1001", "150", day="05.10.2026", number="2", to="A", service="cctv"),
        )
        office.close("2026-10")
        with Sources(office.office) as sources:
            figures = Figures(office.office, sources, Period(2026, 10))
            for owner, service, here in (("A", "maintenance", 0), ("A", "cctv", 0), ("B", "cleaning", 1)):
                _, head, *_ = figures.explain("moved", Where(bin_of(owner), "1001", service))
                assert ("на остальные строки" in head, "на эту строку" in head) == (not here, bool(here)), head
