"""4.1.4: balance per line and account; recalculation when tariffs change."""

from __future__ import annotations

from decimal import Decimal as D

from tests.support.office import TownOffice, customer, line, payment


def test_october_opens_with_septembers_closing(office: TownOffice) -> None:
    """A month opens with the closing balance of the month before."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="31.4155", area="65.3", balance="100"))
    office.load_payments(payment("1001", "500.00"))
    office.close("2026-09")
    office.close("2026-10")
    september, october = (office.line(m, "1001", "maintenance") for m in ("2026-09", "2026-10"))
    assert september["charged"] == D("2051.43")
    assert september["closing"] == D("1651.43") == october["opening"]
