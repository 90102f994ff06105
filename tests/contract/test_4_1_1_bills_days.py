"""A bill tells days without a service from all forms that name them (4.1.1, 4.1.5)."""

from __future__ import annotations

from datetime import date

import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents.bill_pdf import bills_data, style_of
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.outbox.publish_bills import month_bills
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(*(line("A", account, "heating", tariff="60", area="50") for account in ("1001", "1002")))


office = copies_of(town)


def days(first: int, last: int, reason: str, account: str = "1001") -> Row:
    """Of an account, or, without one, of its house."""
    return {
        "account": account, "house": "" if account else "H-1", "service": "heating", "days": last - first + 1,
        "from_date": f"{first:02d}.09.2026", "to_date": f"{last:02d}.09.2026", "reason": reason,
    }  # fmt: skip


def test_days_of_several_forms_are_told_from_the_first_to_the_last_with_each_reason(office: TownOffice) -> None:
    """1001: two days in the second row of one form, a day of its house in the only row of another, which says it last;
    1002: the first row of the one form, and that day."""
    rows = [days(1, 1, "ремонт", "1002"), days(3, 4, "авария")]
    assert office.ingest("undelivered", rows, received="2026-08-20").outcome == "accepted"
    assert office.ingest("undelivered", [days(9, 9, "промывка", "")], received="2026-08-21").outcome == "accepted"
    told = {bill.account: [one for _, one in bill.lost_days] for _, bill in
            month_bills(MonthFacts(office.office, Period.parse("2026-09")))}  # fmt: skip
    [first], [second] = told["1001"], told["1002"]
    assert (first.days, first.first, first.last) == (3, date(2026, 9, 3), date(2026, 9, 9))
    assert first.reason == "авария; промывка"
    assert (second.days, second.first, second.last, second.reason) == (
        2, date(2026, 9, 1), date(2026, 9, 9), "промывка; ремонт",
    )  # fmt: skip


@pytest.mark.quick(0)
@pytest.mark.parametrize(("second", "days_of", "before"), [((1, 30), 10, 20), ((21, 30), 10, 0), ((15, 25), 5, 6)])
def test_days_that_an_earlier_month_took_off_are_told_apart(
    office: TownOffice, second: tuple[int, int], days_of: int, before: int
) -> None:
    """01.-20.09 stand in September's bill; "10 days (01.09-30.09)" in October's was read as 30."""
    assert office.ingest("undelivered", [days(1, 20, "авария")], received="2026-08-20").outcome == "accepted"
    office.close("2026-09")
    assert office.ingest("undelivered", [days(*second, "авария")], received="2026-09-20").outcome != "rejected"
    facts = MonthFacts(office.office, Period.parse("2026-10"))
    style = style_of(office.office.home, office.office.rules, facts.month)
    bill = next(bill for _, bill in month_bills(facts) if bill.account == "1001")
    [(_, lost)] = bill.lost_days
    assert (lost.days, lost.before) == (days_of, before)
    [told] = [words for words in bills_data([bill], style)["bills"][0]["changes"] if "без услуги" in words["ru"]]
    assert (f"без услуги ещё {days_of} дн." in told["ru"]) is bool(before)
    assert (f"из этих дней раньше учтено {before})" in told["ru"]) is bool(before)
    assert (f"бұл күндердің {before} бұрын есепке алынған" in told["kk"]) is bool(before)
