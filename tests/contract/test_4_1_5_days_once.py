"""4.1.5: a day without service counts once a line, however often and by whom it was told."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    """Heating costs 3 000 a month, so a day of September 100."""
    office.load_customers(customer("A", utilities=True))
    office.load_directory(*(line("A", account, "heating", tariff="60", area="50") for account in ("1001", "1002")))


office = copies_of(town)


def days(first: int, last: int, account: str = "1001", month: str = "09.2026") -> Row:
    """Of an account, or, without one, of the house."""
    return {
        "account": account, "house": "" if account else "H-1", "service": "Отопление", "days": last - first + 1,
        "from_date": f"{first:02d}.{month}", "to_date": f"{last:02d}.{month}",
    }  # fmt: skip


def tell(office: TownOffice, *rows: Row, received: str = "2026-08-20") -> None:
    assert office.ingest("undelivered", rows, received=received).outcome == "accepted"


def undelivered(office: TownOffice, month: str = "2026-09", account: str = "1001") -> D:
    return D(office.drafted(month)[(account, bin_of("A"), "heating")]["undelivered"])


def test_a_first_day_put_right_adds_that_day_alone(office: TownOffice) -> None:
    """03.-10.09 told anew as 02.-10.09: 9 days, 900.00; not 17."""
    tell(office, days(3, 10))
    tell(office, days(2, 10), received="2026-08-21")
    assert undelivered(office) == D("-900.00")


@pytest.mark.parametrize("forms", [1, 2])
def test_by_account_and_by_house(office: TownOffice, forms: int) -> None:
    """03.-10. of account 1001, 08.-14. of its house, in one form or two: 12 days for 1001, 7 for 1002."""
    rows = [days(3, 10), days(8, 14, account="")]
    tell(office, *rows) if forms == 1 else [tell(office, row) for row in rows]
    assert (undelivered(office), undelivered(office, account="1002")) == (D("-1200.00"), D("-700.00"))


def test_a_statement_within_a_longer_one_adds_nothing(office: TownOffice) -> None:
    """05.-06. and 12. lie within 03.-14.; the 20. stands apart: 13 days."""
    for first, last in ((3, 14), (5, 6), (12, 12), (20, 20)):
        tell(office, days(first, last))
    assert undelivered(office) == D("-1300.00")


def test_days_of_a_closed_month_told_again_give_back_only_the_new_ones(office: TownOffice) -> None:
    """September's 03.-10. were given back in it; 02.-10. told in October adds the 2nd, told in November nothing."""
    tell(office, days(3, 10))
    office.close("2026-09")
    tell(office, days(2, 10), received="2026-09-20")
    assert undelivered(office, "2026-10") == D("-100.00")
    office.close("2026-10")
    tell(office, days(2, 9, account=""), received="2026-10-20")
    assert (undelivered(office, "2026-11"), undelivered(office, "2026-11", "1002")) == (0, D("-800.00"))


def test_a_month_counted_again_counts_its_days_again_once(office: TownOffice) -> None:
    """12 of September's 30 days at 60 a m², then at 50 from September: -500 for the month, +200 for its days."""
    tell(office, days(3, 10), days(8, 14, account=""))
    office.close("2026-09")
    row = {"service": "heating", "base": "м²", "tariff": "50", "from_month": "09.2026", "basis": "№ 1"}
    office.ingest("tariffs", [row], received="2026-09-20", documents=[SCAN])
    found = office.drafted("2026-10")[("1001", bin_of("A"), "heating")]
    assert (found["undelivered"], found["recalculated"]) == (0, D("-300.00"))


def test_days_of_a_month_before_the_ledger_take_this_months_charge_once(office: TownOffice) -> None:
    """12 of August's 31 days, measured by September's 3 000: 1 161.29."""
    tell(office, days(3, 10, month="08.2026"), days(8, 14, account="", month="08.2026"))
    assert undelivered(office) == D("-1161.29")


def test_of_a_stopped_line_nothing_is_given_back(office: TownOffice) -> None:
    stop = {"bin": bin_of("A"), "account": "1001", "from_date": "01.09.2026", "reason": "жалоба", "clause": "10.3"}
    assert office.load("stops", [stop]).outcome == "accepted"
    tell(office, days(3, 10), days(8, 14, account=""))
    assert (undelivered(office), undelivered(office, account="1002")) == (0, D("-700.00"))
