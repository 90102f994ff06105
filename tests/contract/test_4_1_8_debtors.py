"""List of debtors (4.1.8): the oldest debt is settled first, its age is that of the oldest month left, last payment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.explain.explain import explain_anything
from inbox_worker.outbox.publish import render_documents
from inbox_worker.workbooks.cells import CellReader
from tests.documents.made import column, flat
from tests.support.fixtures import copies_of
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment, payment


def five_months(office: TownOffice) -> None:
    """100.00 a month on every account, from September on. Account 1001 pays 130.00 in October, in two payments of one
    day; the others nothing. Each month is closed by its end, so it knows nothing of the later ones."""
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="1", area="100"),
        line("A", "1002", "maintenance", tariff="1", area="100", balance="250"),
        line("A", "1003", "maintenance", tariff="1", area="100", balance="-500"),
    )
    for month in range(5):
        period = Period(2026, 9).plus(month)
        if month == 1:
            rows = [payment("1001", sum_, day="07.10.2026", number=str(n)) for n, sum_ in enumerate(("100", "30"), 1)]
            office.load_payments(*rows, now="2026-10-08")
        office.close(str(period))


office = copies_of(five_months)


def after(office: TownOffice, months: int) -> MonthFacts:
    return MonthFacts(office.office, Period(2026, 9).plus(months - 1))


def ages_of(facts: MonthFacts, account: str) -> dict[str, object]:
    (row,) = [row for row in facts.ages([bin_of("A")]).to_pylist() if row["account"] == account]
    return {name: value for name, value in row.items() if value and name not in ("account", "customer", "service")}


def test_4_1_8_a_payment_settles_the_oldest_month_first(office: TownOffice) -> None:
    """Three months charged 300.00, 130.00 paid: 100.00 of November, 70.00 of October are left, September is paid."""
    assert ages_of(after(office, 3), "1001") == {"age_1": D("100.00"), "age_2_3": D("70.00"), "months": 2}


def test_4_1_8_debt_moves_into_older_buckets(office: TownOffice) -> None:
    assert ages_of(after(office, 5), "1001") == {
        "age_1": D("100.00"), "age_2_3": D("200.00"), "age_4_6": D("70.00"), "months": 4,
    }  # fmt: skip


def test_4_1_8_what_was_owed_before_the_ledger_has_no_month(office: TownOffice) -> None:
    facts = after(office, 2)
    assert ages_of(facts, "1002") == {
        "age_1": D("100.00"), "age_2_3": D("100.00"), "age_before": D("250.00"), "months": 3,
    }  # fmt: skip
    assert "1003" not in facts.ages([bin_of("A")]).column("account").to_pylist()  # an advance is no debt


def test_4_1_8_the_list_shows_the_last_payment_and_leads_back(office: TownOffice) -> None:
    asked = Period(2026, 11), ["debtors"], bin_of("A")
    path, beside = render_documents(office.office, *asked, moment("2026-12-05"))
    assert [row["Лицевой счёт"] for row in flat(beside.read_bytes())] == ["1001", "1002"]
    data = Path(path).read_bytes()
    assert column(data, "Задолжники", "Лицевой счёт")[0] == ["1002", "1001"]  # the largest debt first
    assert column(data, "Задолжники", "Месяцев долга")[0] == ["≥ 4", 2]
    days, _ = column(data, "Задолжники", "Последний платёж")
    assert [day and day.date() for day in days] == [None, date(2026, 10, 7)]
    assert column(data, "Задолжники", "Сумма платежа")[0] == [None, 130]
    for cell in ("Задолжники!D5", "По услугам!D5"):  # of an account, of its line
        told = "\n".join(explain_anything(office.office, str(path), cell, TODAY))
        assert "170,00" in told, cell


@pytest.mark.slow
def test_4_1_8_what_the_bank_took_back_is_no_last_payment(office: TownOffice) -> None:
    """In February 20.00 come and go again, and of October's 100.00 and 30.00 the bank takes back 5.00 and all: the last
    payment that stands is October's, 95.00; the sum leads to both rows of it."""
    office.load_payments(
        payment("1001", "20", day="03.02.2027", number="9"),
        payment("1001", "-20", day="04.02.2027", number="9"),
        payment("1001", "-5", day="05.02.2027", number="1"),
        payment("1001", "-30", day="06.02.2027", number="2"),
        now="2027-02-07",
    )
    office.close("2027-02")
    (row,) = [r for r in after(office, 6).last_payments([bin_of("A")]).to_pylist() if r["account"] == "1001"]
    assert (row["last_paid_on"], row["last_paid"]) == (date(2026, 10, 7), D("95.00"))
    asked = Period(2027, 2), ["debtors"], bin_of("A")
    path, _ = render_documents(office.office, *asked, moment("2027-03-05"))
    row_of = column(Path(path).read_bytes(), "Задолжники", "Лицевой счёт")[0].index("1001")
    told = "\n".join(explain_anything(office.office, str(path), f"Задолжники!N{4 + row_of}", TODAY))
    assert "95,00" in told and "100,00" in told and "-5,00" in told and "30,00" not in told, told


def penalty_alone(office: TownOffice) -> None:
    """10 000 from before and no charges; November takes all of it back and posts the penalty of October's 31 days at
    100 %: 849.32, of the 26th to 30th of September 136.99 before; 200.00 paid in November went to the old debt."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="0", area="100", balance="10000"))
    told = {"service": "maintenance", "rate": "100", "coefficient": "1", "grace_days": "0", "cap": "100"}
    told |= {"from_date": "09.2026", "basis": "№ 5"}
    office.ingest("penalty_notice", [told], received="2026-08-20", by="A")
    office.close("2026-09"), office.close("2026-10")
    back = {"account": "1001", "service": "maintenance", "past_month": "08.2026", "amount": "-10000"}
    posted = office.ingest("recalculations", [back], received="2026-10-20", by="A")
    assert posted.outcome == "accepted", posted.report
    office.load_payments(payment("1001", "200", day="05.11.2026", number="1"), now="2026-11-06")
    office.close("2026-11")


alone = copies_of(penalty_alone)


def test_4_1_8_a_penalty_that_is_left_is_of_its_month_and_no_more_than_the_debt(alone: TownOffice) -> None:
    """What is given back lessens the oldest debt, not the month's penalty; what is owed is 849.32 + 136.99 - 200."""
    (closed,) = alone.lines("2026-11").values()
    assert (closed["closing"], closed["closing_penalty"]) == (D("786.31"), D("986.31"))
    assert ages_of(after(alone, 3), "1001") == {"age_1": D("786.31"), "months": 1}
    asked = Period(2026, 11), ["debtors"], bin_of("A")
    path, beside = render_documents(alone.office, *asked, moment("2026-12-05"))
    (row,) = flat(beside.read_bytes())
    assert row["в т.ч. пеня"] == "786.31", row
    for cell in ("Задолжники!L4", "По услугам!L4"):
        told = "\n".join(explain_anything(alone.office, str(path), cell, TODAY))
        assert "786,31" in told and "986,31" in told and "не больше долга" in told, told


@pytest.mark.slow
def test_10_10_what_is_moved_to_a_line_settles_its_oldest_month(tmp_path: Path, reader: CellReader) -> None:
    """C leaves in October. Of 50.00 paid to it in November nothing is owed: all goes to A, which is owed 100.00 of each
    of three months; September's is the oldest, as for a payment and for a penalty."""
    with TownOffice(tmp_path, reader) as office:
        office.load_customers(customer("A"), customer("C", valid_until="31.10.2026"))
        office.load_directory(
            line("A", "1001", "maintenance", tariff="1", area="100"), line("C", "1001", "cctv", base="кв.", tariff="0")
        )
        for month in ("2026-09", "2026-10"):
            office.close(month)
        office.load_payments(payment("1001", "50.00", day="05.11.2026", to="C"), now="2026-11-06")
        office.close("2026-11")
        assert office.line("2026-11", "1001", "maintenance")["moved"] == -50
        assert ages_of(after(office, 3), "1001") == {"age_1": D("100.00"), "age_2_3": D("150.00"), "months": 3}
