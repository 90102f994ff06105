"""4.1.4: balance per line and account, month after month; drafts, closes, reopening."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from inbox_worker.month.months import MonthError
from inbox_worker.month.oversized import ChargeTooLarge
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment

SUMS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.3", residents=2, balance="100.10"),
        line("A", "1001", "cleaning", base="кв.", tariff="500", balance="-20"),
        line("A", "1002", "lift", base="чел.", residents=0, tariff="300"),
        line("A", "1003", "lift", base="чел.", residents=3, tariff="300.5"),
        line("B", "1001", "heating", tariff="137.5", area="65.3"),
    )


office = copies_of(town)


def busy_september(office: TownOffice) -> None:
    """A recalculation, undelivered days and payments."""
    past = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-33.33"}
    assert office.ingest("recalculations", [past], received="2026-08-20").outcome == "accepted"
    days = {"account": "1001", "service": "heating", "from_date": "01.09.2026", "to_date": "07.09.2026", "days": 7}
    assert office.ingest("undelivered", [days], received="2026-08-20", by="B").outcome == "accepted"
    office.load_payments(payment("1001", "777.77", number="1"), payment("1003", "5000", number="2"))


def holds(row: dict[str, Any]) -> bool:
    """The identity of money.md, and that of the penalty inside it."""
    due = row["opening"] + row["charged"] + row["undelivered"] + row["recalculated"] + row["penalty"]
    inside = row["opening_penalty"] + row["penalty"] - row["paid_penalty"] == row["closing_penalty"]
    return bool(due - row["paid"] + row["moved"] == row["closing"] and inside)


def test_the_identity_holds_on_every_line_and_every_total(office: TownOffice) -> None:
    """opening + charged + undelivered + recalculated + penalty - paid + moved = closing."""
    busy_september(office)
    closed = office.close("2026-09")
    rows = list(office.lines("2026-09").values())
    assert len(rows) == 5 and all(map(holds, rows)) and holds(closed.totals)
    assert {name: sum(row[name] for row in rows) for name in SUMS} == {name: closed.totals[name] for name in SUMS}
    assert all(closed.totals[name] for name in SUMS if name not in ("penalty", "moved"))


def test_october_opens_with_septembers_closing(office: TownOffice) -> None:
    busy_september(office)
    office.close("2026-09")
    office.close("2026-10")
    september, october = office.lines("2026-09"), office.lines("2026-10")
    assert {k: r["closing"] for k, r in september.items()} == {k: r["opening"] for k, r in october.items()}


def test_the_first_month_opens_with_the_directorys_balance(office: TownOffice) -> None:
    """Plus = the consumer owes, minus = advance; a line without one opens with nothing."""
    office.close("2026-09")
    openings = {(a, s): row["opening"] for (a, _, s), row in office.lines("2026-09").items()}
    assert openings[("1001", "maintenance")] == D("100.10")
    assert openings[("1001", "cleaning")] == D("-20.00")
    assert openings[("1003", "lift")] == 0


def test_quantities_are_area_residents_one_and_zero_is_allowed(office: TownOffice) -> None:
    """м² area, чел. residents (0 allowed), кв. 1."""
    office.close("2026-09")
    quantities = {(a, s): (r["quantity"], r["charged"]) for (a, _, s), r in office.lines("2026-09").items()}
    assert quantities[("1001", "maintenance")] == (D("65.300"), D("2051.43"))
    assert quantities[("1001", "cleaning")] == (D("1.000"), D("500.00"))
    assert quantities[("1002", "lift")] == (D("0.000"), D("0.00"))
    assert quantities[("1003", "lift")] == (D("3.000"), D("901.50"))


def test_lines_are_sorted_and_typed_as_the_interface_says(office: TownOffice) -> None:
    office.close("2026-09")
    rows = office.table("2026-09", "lines")
    keys = [(r["account"], r["customer"], r["service"]) for r in rows]
    assert keys == sorted(keys)
    assert list(rows[0]) == [
        "account", "customer", "service", "tariff", "quantity", "opening", "charged", "undelivered", "recalculated",
        "penalty", "paid", "moved", "closing", "opening_penalty", "paid_penalty", "closing_penalty",
    ]  # fmt: skip
    assert str(rows[0]["tariff"]).partition(".")[2].__len__() == 4


def test_a_draft_is_remade_and_freezes_nothing(office: TownOffice) -> None:
    """Before the close every fact that comes changes the draft; the close equals the last draft."""
    before = office.draft("2026-09").totals["recalculated"]
    busy_september(office)
    after = office.draft("2026-09")
    assert (before, after.totals["recalculated"]) == (0, D("-33.33"))
    assert not (office.folder / "ledger" / "closes" / "2026-09").exists()
    assert office.close("2026-09").totals == after.totals


def test_months_are_closed_in_order_and_once(office: TownOffice) -> None:
    with pytest.raises(MonthError, match="2026-09"):
        office.close("2026-10")
    office.close("2026-09")
    with pytest.raises(MonthError, match="closed already"):
        office.close("2026-09")
    with pytest.raises(MonthError, match="close 2026-10 first"):
        office.close("2026-11")
    with pytest.raises(MonthError):
        office.draft("2026-09")


def test_a_dry_run_shows_the_close_and_freezes_nothing(office: TownOffice) -> None:
    busy_september(office)
    would = office.close("2026-09", dry_run=True)
    assert not (office.folder / "ledger" / "closes" / "2026-09").exists()
    assert office.close("2026-09").totals == would.totals


def test_a_reopened_month_is_closed_under_the_next_number(office: TownOffice) -> None:
    """Only the last close can be reopened; its first figures stay on disk; the next month opens with the new."""
    first = office.close("2026-09")
    assert first.number == 1
    old = office.line("2026-09", "1001", "maintenance")["closing"]
    office.reopen("2026-09")
    busy_september(office)
    second = office.close("2026-09")
    assert second.number == 2
    new = office.line("2026-09", "1001", "maintenance")["closing"]
    kept = office.table("2026-09.1", "lines")
    assert old in {r["closing"] for r in kept if r["service"] == "maintenance"} and new != old
    office.close("2026-10")
    assert office.line("2026-10", "1001", "maintenance")["opening"] == new
    with pytest.raises(MonthError, match="2026-09"):
        office.reopen("2026-09")


def test_the_same_facts_close_to_the_same_bytes(office: TownOffice) -> None:
    """An auditor can repeat the close."""
    busy_september(office)
    office.close("2026-09")
    folder = office.folder / "ledger" / "closes" / "2026-09"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    office.reopen("2026-09")
    office.close("2026-09")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_line_that_starts_later_opens_with_its_balance_then(office: TownOffice) -> None:
    """`Сальдо` is the balance at the start of the month `Действует с`, once."""
    office.load_directory(line("A", "1009", "cleaning", base="кв.", tariff="100", start="10.2026", balance="55"))
    key = ("1009", bin_of("A"), "cleaning")
    office.close("2026-09")
    assert key not in office.lines("2026-09")
    office.close("2026-10")
    assert (office.lines("2026-10")[key]["opening"], office.lines("2026-10")[key]["closing"]) == (
        D("55.00"),
        D("155.00"),
    )
    office.close("2026-11")
    assert office.lines("2026-11")[key]["opening"] == D("155.00")


def test_a_mistyped_reading_that_no_sum_can_hold_is_named(office: TownOffice) -> None:
    """An account's number in the reading: 100 100 100 100 x 80.00 has too many digits."""
    office.load_customers(customer("B", utilities=True))
    office.load_directory(
        line("B", "7001", "cold_water", base="счётчик", meter="M-1", reading="0", tariff="80"), now="2026-08-02"
    )
    row = {"account": "7001", "service": "cold_water", "meter": "M-1"}
    held = office.ingest("meter_readings", [{**row, "current": "100100100100"}], received="2026-08-20", by="B")
    office.confirm(held.id, "по телефону", "2026-08-20")
    for job in (office.draft, office.close):
        with pytest.raises(ChargeTooLarge, match=r"account 7001, customer 050140000021, cold_water: tariff 80.0000"):
            job("2026-09")
    office.ingest("meter_readings", [{**row, "current": "100"}], received="2026-08-21", by="B")
    office.close("2026-09")
    assert office.line("2026-09", "7001", "cold_water", "B")["charged"] == D("8000.00")
