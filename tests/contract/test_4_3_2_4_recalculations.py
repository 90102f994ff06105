"""4.3.2.4: recalculations of past months, with sign; a plus needs documents that prove the right to charge."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line
from tests.support.papers import SCAN


def past_sum(amount: str, month: str = "06.2026", account: str = "1001") -> Row:
    return {"account": account, "service": "maintenance", "past_month": month, "amount": amount}


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"),
        line("B", "2001", "cleaning", base="кв.", tariff="500"),
    )


office = copies_of(town)


def test_a_minus_needs_no_documents_and_lowers_the_balance(office: TownOffice) -> None:
    """A minus is posted as it is: recalculated -100, closing lower by it."""
    answer = office.ingest("recalculations", [past_sum("-100.50")], received="2026-08-20")
    assert (answer.outcome, answer.month) == ("accepted", "2026-09")
    office.close("2026-09")
    row = office.line("2026-09", "1001", "maintenance")
    assert (row["charged"], row["recalculated"], row["closing"]) == (D("300.00"), D("-100.50"), D("199.50"))


def test_a_plus_without_documents_waits_for_them_and_posts_nothing(office: TownOffice) -> None:
    """One plus among minuses holds the whole form."""
    rows = [past_sum("-100", "05.2026"), past_sum("0.01")]
    answer = office.ingest("recalculations", rows, received="2026-08-20")
    assert answer.outcome == "held" and answer.finding("documents.awaited_plus")["cell"] == "D11"
    assert answer.submissions[0]["rows_posted"] == 0
    assert next(iter(office.drafted("2026-09").values()))["recalculated"] == 0


def test_a_plus_with_documents_is_posted(office: TownOffice) -> None:
    answer = office.ingest("recalculations", [past_sum("100")], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "accepted"
    assert office.drafted("2026-09")[("1001", "050140000011", "maintenance")]["recalculated"] == D("100.00")


@pytest.mark.parametrize(
    ("month", "code"),
    [
        ("09.2023", None),
        ("08.2026", None),
        ("08.2023", "recalculation.too_old"),
        ("09.2026", "recalculation.month_not_past"),
    ],
)  # fmt: skip
def test_any_of_the_36_months_before_the_month_of_account(office: TownOffice, month: str, code: str | None) -> None:
    """36 months back and not the month itself; the account need not have been in the directory then."""
    answer = office.ingest("recalculations", [past_sum("-1", month)], received="2026-08-20")
    assert answer.outcome == ("rejected" if code else "accepted")
    if code:
        assert answer.finding(code)["cell"] == "C10" and answer.finding(code)["clause"] == "4.3.2.4"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (past_sum("-1", account="7777"), "account.unknown"),
        (past_sum("-1", account="2001"), "account.foreign"),
        ({**past_sum("-1"), "service": "lift"}, "line.unknown"),
    ],
)  # fmt: skip
def test_account_and_service_must_be_the_customers(office: TownOffice, row: Row, code: str) -> None:
    """A stranger's, another customer's or a line the account does not have: rejected, by halves nothing."""
    answer = office.ingest("recalculations", [past_sum("-50", "05.2026"), row], received="2026-08-20")
    assert answer.outcome == "rejected" and answer.finding(code)["cell"].endswith("11")
    assert office.drafted("2026-09")[("1001", "050140000011", "maintenance")]["recalculated"] == 0


@pytest.mark.parametrize(("account", "known"), [("10О1", True), ("l00l", True), ("77О7", False)])
def test_letters_among_the_digits_of_a_known_account_are_named(office: TownOffice, account: str, known: bool) -> None:
    """On the screen it is the account that the directory has: "unknown" led nowhere."""
    answer = office.ingest("recalculations", [past_sum("-1", account=account)], received="2026-08-20")
    assert answer.outcome == "rejected"
    assert answer.errors == ["value.letter_for_digit" if known else "account.unknown"]


def test_worked_example_6_of_money(office: TownOffice) -> None:
    """25.08 23:59:59 -> September; 26.08 00:00:00 with `Месяц учёта` 09.2026 -> October, deferred."""
    first = office.ingest("recalculations", [past_sum("-1")], received="2026-08-25T23:59:59")
    assert (first.outcome, first.month) == ("accepted", "2026-09")
    late = office.ingest("recalculations", [past_sum("-2", "05.2026")], received="2026-08-26T00:00:00", month="09.2026")
    assert (late.outcome, late.month) == ("deferred", "2026-10")
    finding = late.finding("deadline.missed")
    assert (finding["severity"], finding["clause"]) == ("warning", "4.3.2")


def test_a_row_that_a_closed_month_has_is_told_and_added(office: TownOffice) -> None:
    """The file of last month with another month of account: the closed month keeps its row, so this one is a second."""
    office.ingest("recalculations", [past_sum("-100.50"), past_sum("-7", "05.2026")], received="2026-08-20")
    office.close("2026-09")
    rows = [past_sum("-100.50"), past_sum("-8", "05.2026"), past_sum("-3", "04.2026")]
    answer = office.ingest("recalculations", rows, received="2026-09-20")
    told = answer.finding("row.counted_before")
    assert (answer.outcome, answer.codes.count("row.counted_before")) == ("accepted", 1)
    assert told["cell"] == "D10" and "09.2026" in told["message"] and "10.2026" in told["message_kk"]
    assert office.drafted("2026-10")[("1001", "050140000011", "maintenance")]["recalculated"] == D("-111.50")


@pytest.mark.parametrize(
    ("first", "corrected", "advised"), [("-100.50", "-60", "40,50"), ("-100.50", "-150", "-49,50")]
)
def test_another_sum_than_a_closed_month_has_is_told_with_the_difference(
    office: TownOffice, first: str, corrected: str, advised: str
) -> None:
    """Nobody but the sender knows whether it corrects the closed month's sum or is one more; the advice gives both."""
    office.ingest("recalculations", [past_sum(first), past_sum("-7", "05.2026")], received="2026-08-20")
    office.close("2026-09")
    answer = office.ingest("recalculations", [past_sum(corrected)], received="2026-09-20")
    told = answer.finding("row.counted_otherwise")
    assert answer.outcome == "accepted" and "row.counted_before" not in answer.codes
    assert all(word in told["message"] for word in ("-100,50 ", "09.2026", "10.2026")) and advised in told["remedy"]
    again = office.ingest("recalculations", [past_sum(advised)], received="2026-09-21", documents=[SCAN])
    assert again.outcome == "accepted" and "row.counted_otherwise" not in again.codes
    assert office.drafted("2026-10")[("1001", "050140000011", "maintenance")]["recalculated"] == D(corrected) - D(first)


def test_a_zero_for_what_a_closed_month_has_names_it_and_the_sum_that_takes_it_back(office: TownOffice) -> None:
    office.ingest("recalculations", [past_sum("-100.50")], received="2026-08-20")
    office.close("2026-09")
    told = office.ingest("recalculations", [past_sum("0")], received="2026-09-20")
    assert told.codes == ["row.zero_closed"] and "-100,50 " in told.findings[0]["message"]
    assert "09.2026" in told.findings[0]["message"] and " 100,50;" in told.findings[0]["remedy"]
    office.ingest("recalculations", [past_sum("100.50")], received="2026-09-21", documents=[SCAN])
    assert office.ingest("recalculations", [past_sum("0", "04.2026")], received="2026-09-22").codes == [
        "row.zero_alone"
    ]


def test_what_the_answer_advises_of_a_row_counted_twice_takes_it_back(office: TownOffice) -> None:
    office.ingest("recalculations", [past_sum("-100.50")], received="2026-08-20")
    office.close("2026-09")
    office.ingest("recalculations", [past_sum("-100.50"), past_sum("-3", "04.2026")], received="2026-09-20")
    answer = office.ingest("recalculations", [past_sum("0")], received="2026-09-21")
    assert answer.outcome == "accepted" and "row.counted_before" not in answer.codes
    assert office.drafted("2026-10")[("1001", "050140000011", "maintenance")]["recalculated"] == D("-3.00")
