"""4.1.7: a payment that came twice because a spreadsheet took zeros away, and one of an unusual sum, are told of."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line, payment


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    lines = (line("A", account, "maintenance", base="кв.", tariff="150") for account in ("1001", "1002"))
    office.load_directory(*lines)
    office.load_payments(payment("1001", "10", number="0009214"), payment("1001", "25", number="77"))


office = copies_of(town)


def paid(office: TownOffice) -> D:
    return sum((row["amount"] for row in office.facts("allocations")), D(0))


@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("again", "known"),
    [
        (payment("1001", "10", number="9214"), "0009214"),
        (payment("1001", "10", number="009214"), "0009214"),
        (payment("1001", "25", number="0077"), "77"),
    ],
    ids=["zeros lost", "fewer zeros", "zeros there now"],
)
def test_a_number_that_differs_by_zeros_is_told_and_posted(office: TownOffice, again: Row, known: str) -> None:
    before, answer = paid(office), office.load_payments(again)
    finding = answer.finding("register.payment_twice")
    [first] = [one.id for one in office.office.journal.submissions.all() if one.form == "bank_register"][:1]
    assert f"№ {known}" in finding["message"] and first in finding["message"]
    assert (answer.outcome, paid(office) - before) == ("accepted", D(str(again["amount"])))


def test_two_such_rows_of_one_register_are_told_once(office: TownOffice) -> None:
    answer = office.load_payments(payment("1002", "5", number="0031"), payment("1002", "5", number="31"))
    assert answer.codes == ["register.payment_twice"]


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    "other",
    [
        payment("1001", "10", number="9214", day="06.09.2026"),
        payment("1002", "10", number="9214"),
        payment("1001", "11", number="9214"),
        payment("1001", "10", number="92140"),
        payment("1001", "-10", number="0009214"),
    ],
    ids=["another day", "another account", "another sum", "another number", "taken back"],
)
def test_another_payment_is_no_double(office: TownOffice, other: Row) -> None:
    assert office.load_payments(other).codes == []


def test_what_the_remedy_says_takes_the_second_off(office: TownOffice) -> None:
    before = paid(office)
    office.load_payments(payment("1001", "10", number="9214"))
    assert office.load_payments(payment("1001", "-10", number="9214")).codes == []
    assert paid(office) == before


def test_an_unusual_payment_is_told_once_at_the_largest_and_posted(office: TownOffice) -> None:
    before = paid(office)
    answer = office.load_payments(
        payment("1001", "3000000.01", number="5"), payment("1002", "1000000000", number="6"),
        payment("1002", "3000000", number="7"),
    )  # fmt: skip
    finding = answer.finding("register.payment_unusual")
    assert (answer.codes, answer.outcome, finding["severity"]) == ([finding["code"]], "accepted", "warning")
    assert finding["value"] == "1000000000" and "2" in finding["message"]
    assert paid(office) - before == D("1006000000.01")
