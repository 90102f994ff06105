"""4.3.2: a form that tells the rows of an earlier one, which still waits, hears which of them will count."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, customer, line
from tests.support.papers import SCAN, File

ROW = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "basis": "Акт"}


def build(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("C"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="50", start="05.2026"),
        line("C", "2001", "maintenance", tariff="30", area="50", house="H-2", start="05.2026"),
    )


town = copies_of(build)


def send(town: TownOffice, amount: str, day: int, by: str = "A", account: str = "1001") -> Answer:
    row = {**ROW, "account": account, "amount": amount}
    return town.ingest("recalculations", [row], by=by, received=f"2026-08-{day}")


@pytest.mark.parametrize("amount", ["-50", "70"])
def test_later_form_with_another_value_is_told_that_it_counts(town: TownOffice, amount: str) -> None:
    """It posts, or waits as the first does; then the first one's documents come, and its row stays out."""
    first = send(town, "100", 10)
    later = send(town, amount, 12)
    assert (first.outcome, later.outcome) == ("held", "held" if amount == "70" else "accepted")
    told = later.finding("row.waits_otherwise")
    said = ["— 100 в форме " + first.id, f"останется {amount},"]
    assert all(words in told["message"] for words in said)
    if amount == "70":
        town.release(later.id, "скан", "2026-08-14")
    town.release(first.id, "скан", "2026-08-15")
    assert [row["amount"] for row in town.facts("recalculations")] == [Decimal(amount)]


def test_later_form_with_the_same_value_is_told_that_it_counts_once(town: TownOffice) -> None:
    first = send(town, "100", 10)
    later = town.ingest("recalculations", [{**ROW, "amount": "100", "basis": "Акт 2"}], by="A", received="2026-08-12")
    assert (
        later.finding("row.waits_too")["severity"] == "info" and first.id in later.finding("row.waits_too")["message"]
    )
    town.release(later.id, "скан", "2026-08-14")
    town.release(first.id, "скан", "2026-08-15")
    assert [row["amount"] for row in town.facts("recalculations")] == [Decimal(100)]


def test_other_rows_other_customers_and_replaced_forms_are_not_spoken_of(town: TownOffice) -> None:
    first = send(town, "100", 10)
    codes = [*send(town, "-5", 11, "C", "2001").codes]
    codes += town.ingest(
        "recalculations", [{**ROW, "past_month": "05.2026", "amount": "-5"}], by="A", received="2026-08-12"
    ).codes
    codes += town.ingest(
        "recalculations", [{**ROW, "amount": "-7"}], by="A", received="2026-08-13", replaces=first.id
    ).codes
    assert not {code for code in codes if code.startswith("row.waits")}


def test_refused_form_is_not_told_that_it_counts(town: TownOffice) -> None:
    send(town, "100", 10)
    later = town.ingest(
        "recalculations",
        [{**ROW, "amount": "-5"}, {**ROW, "account": "9", "amount": "-5"}],
        by="A",
        received="2026-08-12",
    )
    assert later.outcome == "rejected" and not [code for code in later.codes if code.startswith("row.waits")]


def test_form_is_decided_though_the_bytes_of_the_waiting_one_are_gone(town: TownOffice) -> None:
    first = send(town, "100", 10)
    arrival = town.office.journal.arrivals.get(town.office.journal.submissions.get(first.id).arrival)
    (town.office.home.archive / arrival.raw).unlink()
    assert send(town, "-50", 12).outcome == "accepted"


def test_same_file_again_with_its_documents_takes_the_place_of_the_held_one(town: TownOffice) -> None:
    """The first waited for documents for ever, though all that it says was counted."""
    book = File("form.xlsx", town.form("recalculations", [{**ROW, "amount": "100"}]))
    first = town.mail([book], received="2026-08-10")
    again = town.mail([book, SCAN], received="2026-08-12")
    assert (first.outcome, again.outcome) == ("held", "accepted")
    assert first.id in again.finding("replaces.held")["message"]
    assert not [code for code in again.codes if code.startswith("row.waits")]
    kept = town.office.journal.submissions.get(first.id)
    assert kept.replaced_by == again.id and not kept.waits_for("documents")


def test_same_file_again_without_documents_waits_and_says_so(town: TownOffice) -> None:
    book = File("form.xlsx", town.form("recalculations", [{**ROW, "amount": "100"}]))
    first, again = (town.mail([book], received=f"2026-08-{day}") for day in (10, 12))
    assert again.outcome == "held" and first.id in again.finding("row.waits_too")["message"]
    town.release(again.id, "скан", "2026-08-14")
    assert not town.office.journal.submissions.get(first.id).waits_for("documents")
