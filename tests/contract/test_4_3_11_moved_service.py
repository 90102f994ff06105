"""4.3.11, 10.10: a house changes its managing body: the service moves to another Customer on the same accounts."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment

A, B = bin_of("A"), bin_of("B")


def town(office: TownOffice) -> None:
    """A leaves the house on 14.09; B maintains it from October at 40.00 a m² instead of 30.00. A was owed 300."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10", balance="300"))
    told = {"house": "H-1", "left_on": "14.09.2026", "reason": "собрание", "learned_on": "10.08.2026"}
    assert office.ingest("house_exit", [told], received="2026-08-20").outcome == "accepted"
    office.load_directory(line("B", "1001", "maintenance", tariff="40", area="10", start="10.2026"), now="2026-09-20")


office = copies_of(town)


def october(office: TownOffice) -> dict[str, Any]:
    return {owner: row for (_, owner, _), row in office.drafted("2026-10").items()}


def test_each_month_is_charged_by_one_of_them(office: TownOffice) -> None:
    """September wholly by A, October wholly by B; what A is owed stays A's."""
    office.close("2026-09")
    assert [row["charged"] for row in office.lines("2026-09").values()] == [D("300.00")]
    rows = october(office)
    assert (rows[A]["charged"], rows[A]["closing"]) == (0, D("600.00"))
    assert (rows[B]["opening"], rows[B]["charged"], rows[B]["closing"]) == (0, D("400.00"), D("400.00"))


def test_a_payment_pays_the_old_debt_first_and_the_new_body_then(office: TownOffice) -> None:
    """700.00 that name nobody: 600.00 of A's opening, 100.00 of B's month; the advance is B's, who charges."""
    office.close("2026-09")
    office.load_payments(payment("1001", "700", day="05.10.2026", number="1"))
    office.load_payments(payment("1001", "500", day="06.10.2026", number="2"))
    office.close("2026-10")
    assert [(r["number"], r["customer"], r["amount"]) for r in office.parts("2026-10")] == [
        ("1", A, D("600.00")), ("1", B, D("100.00")), ("2", B, D("500.00")),
    ]  # fmt: skip
    assert office.line("2026-10", "1001", "maintenance", "B")["closing"] == D("-200.00")


def test_tariffs_and_recalculations_of_one_do_not_touch_the_other(office: TownOffice) -> None:
    """A's minus of 50.00 for September and B's tariff from October stay where they belong."""
    office.close("2026-09")
    minus = {"account": "1001", "service": "maintenance", "past_month": "09.2026", "amount": "-50"}
    assert office.ingest("recalculations", [minus], received="2026-10-20", by="A").month == "2026-11"
    rows = {owner: row for (_, owner, _), row in office.drafted("2026-11").items()}
    assert (rows[A]["recalculated"], rows[B]["recalculated"]) == (D("-50.00"), 0)
