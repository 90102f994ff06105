"""What lines awaited when a payment was posted is the same by the close as counted again; where more than payments came
since, it is counted again (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from inbox_worker.core.model import Period
from inbox_worker.month.posted_shares import _each_dues, find_shares
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line, payment

MONTH = Period(2026, 10)


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="20", area="50", balance="300"),
        line("B", "1001", "cleaning", base="кв.", tariff="250", balance="600"),
    )
    office.load_payments(payment("1001", "777.77"))
    office.close("2026-09")
    office.load_payments(payment("1001", "500", day="05.10.2026", number="2"))
    office.load_payments(payment("1001", "900", day="06.10.2026", number="3"))


office = copies_of(town)


def posted(office: TownOffice) -> Iterator[tuple[str, int]]:
    """October's payments, each with its posting."""
    for row in office.facts("bank_register"):
        if row["number"] != "1":
            yield f"{row['submission']}/{row['sheet']}/{row['row']}", row["sequence"]


def dues(office: TownOffice, sequence: int) -> list[list[dict[str, Any]]]:
    return list(_each_dues(office.office, "1001", MONTH, sequence))


def test_the_close_says_what_lines_awaited(office: TownOffice) -> None:
    office.close("2026-10")
    for payment_, sequence in posted(office):
        frozen, then, _ = dues(office, sequence)
        assert frozen == then and frozen
        assert [share.total for share in find_shares(office.office, payment_, "1001", MONTH, sequence)]


@pytest.mark.quick(0)
@pytest.mark.parametrize("closed", [True, False], ids=["another tariff since", "an open month"])
def test_else_it_is_counted_again(closed: bool, office: TownOffice) -> None:
    if closed:
        office.load_directory(
            line("A", "1001", "maintenance", tariff="40", area="50", start="10.2026"), now="2026-10-20"
        )
        office.close("2026-10")
    for payment_, sequence in posted(office):
        assert len(dues(office, sequence)) == 2
        shares = find_shares(office.office, payment_, "1001", MONTH, sequence)
        assert sum(sum(share.parts.values()) for share in shares) in (500, 900)
