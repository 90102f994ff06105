"""4.3.1, 4.3.2.2, 4.3.2.4, 4.3.11: which lines stand in a month, told by the register and by forms."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line, payment
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50", balance="7"),
        line("A", "1002", "maintenance", house="H-2", tariff="10", area="20"),
        line("B", "1001", "cleaning", base="кв.", tariff="500"),
    )


office = copies_of(town)


def flat(**more: object) -> Row:
    return {
        "house": "H-9", "address": "г. Алматы, ул. Абая, 9", "flat": "1", "account": "9001", "area": "65,3",
        "residents": "3", "services": "Содержание дома; Лифт", "from_date": "01.09.2026", "basis": "№ 1", **more,
    }  # fmt: skip


def price(service: str, base: str, tariff: str, house: str | None = None) -> Row:
    return {"service": service, "base": base, "tariff": tariff, "house": house, "from_month": "09.2026", "basis": "№ 2"}


def correction(indicator: str, becomes: str, start: str = "01.09.2026", account: str = "1001") -> Row:
    return {"account": account, "indicator": indicator, "becomes": becomes, "from_date": start}


def leaving(left: str) -> Row:
    return {"house": "H-1", "left_on": left, "reason": "собрание", "learned_on": "10.08.2026"}


def charged(office: TownOffice, month: str) -> dict[tuple[str, str], D]:
    return {(account, service): row["charged"] for (account, _, service), row in office.drafted(month).items()}


def test_a_new_houses_flat_is_charged_by_tariffs_of_forms(office: TownOffice) -> None:
    """65.3 m² x 10.5 = 685.65; 3 residents x 200 = 600.00; the line is there though the register knows nothing."""
    office.ingest("new_houses", [flat()], received="2026-08-20", documents=[SCAN])
    rows = [price("maintenance", "м²", "10.5", "H-9"), price("lift", "чел.", "200")]
    assert office.ingest("tariffs", rows, received="2026-08-21", documents=[SCAN]).outcome == "accepted"
    found = charged(office, "2026-09")
    assert (found["9001", "maintenance"], found["9001", "lift"]) == (D("685.65"), D("600.00"))
    office.load_payments(payment("9001", "685.65", number="1"))
    office.close("2026-09")
    assert sum(r["paid"] for r in office.lines("2026-09").values()) == D("685.65")
    place = next(p for p in office.table("2026-09", "places") if p["account"] == "9001")
    assert (place["house"], place["flat"], place["area"]) == ("H-9", "1", D("65.300"))


def test_a_late_new_house_begins_a_month_later(office: TownOffice) -> None:
    """Received after the 25th: lines from October, though `Действует с` says September (4.3.2)."""
    answer = office.ingest("new_houses", [flat()], received="2026-08-26", documents=[SCAN])
    assert (answer.outcome, answer.month) == ("deferred", "2026-10")
    assert ("9001", "lift") not in charged(office, "2026-09") and ("9001", "lift") in charged(office, "2026-10")


def test_forms_of_other_kinds_know_a_new_flat(office: TownOffice) -> None:
    """A recalculation on a new account is taken; the same new_houses form again changes nothing."""
    office.ingest("new_houses", [flat()], received="2026-08-20", documents=[SCAN])
    past = {"account": "9001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    assert office.ingest("recalculations", [past], received="2026-08-21").outcome == "accepted"
    again = office.ingest("new_houses", [flat(flat="1 ")], received="2026-08-22", documents=[SCAN])
    assert (again.outcome, again.codes) == ("accepted", [*["tariff.none_yet"] * 2, "row.unchanged"])
    stranger = office.ingest("recalculations", [past], received="2026-08-22", by="B")
    assert stranger.outcome == "rejected" and "account.foreign" in stranger.codes


def test_a_corrected_area_counts_from_its_month_for_the_senders_lines(office: TownOffice) -> None:
    """60 m² x 10 from October; September keeps 50 m²; another row loaded for a later month wins again."""
    office.ingest("directory_corrections", [correction("Площадь", "60", "01.10.2026")], received="2026-08-20")
    assert charged(office, "2026-09")["1001", "maintenance"] == D("500.00")
    assert charged(office, "2026-10")["1001", "maintenance"] == D("600.00")
    office.load_directory(line("A", "1001", "maintenance", start="11.2026", area="55"), now="2026-10-30")
    assert charged(office, "2026-10")["1001", "maintenance"] == D("600.00")
    assert charged(office, "2026-11")["1001", "maintenance"] == D("550.00")


def test_a_correction_of_a_later_month_leaves_the_earlier_as_it_was(office: TownOffice) -> None:
    """The same key said again for October replaces the September row from October only."""
    office.ingest("directory_corrections", [correction("Площадь", "60")], received="2026-08-20")
    office.ingest("directory_corrections", [correction("Площадь", "70")], received="2026-09-20")
    assert charged(office, "2026-09")["1001", "maintenance"] == D("600.00")
    assert charged(office, "2026-10")["1001", "maintenance"] == D("700.00")


def test_services_are_added_and_taken_away(office: TownOffice) -> None:
    """An added lift stands with the base of its service; a service taken away keeps its balance and is not charged."""
    rows = [correction("Добавить услугу", "Лифт"), correction("Проживает", "2"), correction("ФИО", "Ахметова Айгуль"),
            correction("Убрать услугу", "Содержание дома", "01.10.2026")]  # fmt: skip
    assert office.ingest("directory_corrections", rows, received="2026-08-20").outcome == "accepted"
    office.ingest("tariffs", [price("lift", "чел.", "150")], received="2026-08-20", documents=[SCAN])
    office.close("2026-09")
    assert office.line("2026-09", "1001", "lift")["charged"] == D("300.00")
    names = {p["name"] for p in office.table("2026-09", "places") if p["account"] == "1001"}
    assert names == {"Ахметова Айгуль"}  # of B's line, too
    office.close("2026-10")
    gone = office.line("2026-10", "1001", "maintenance")
    assert (gone["opening"], gone["charged"], gone["closing"]) == (D("507.00"), D(0), D("507.00"))


def test_the_same_correction_again_changes_nothing(office: TownOffice) -> None:
    """Its own effect does not refuse it: the service taken away is asked of what stood before."""
    row = correction("Убрать услугу", "Содержание дома")
    office.ingest("directory_corrections", [row], received="2026-08-20")
    again = office.ingest("directory_corrections", [{**row, "basis": "повторно"}], received="2026-08-21")
    assert (again.outcome, again.codes) == ("accepted", ["row.unchanged"])


@pytest.mark.quick(0)
@pytest.mark.parametrize("received", ["2026-08-20", "2026-09-18", "2026-09-28"])
def test_a_house_that_leaves_is_charged_for_the_whole_month(office: TownOffice, received: str) -> None:
    """Leaves on 15.09: charged in September, gone on 01.10, whenever it was told; another Customer's line stays."""
    assert office.ingest("house_exit", [leaving("15.09.2026")], received=received).outcome in ("accepted", "deferred")
    assert charged(office, "2026-09")["1001", "maintenance"] == D("500.00")
    found = charged(office, "2026-10")
    assert found["1001", "maintenance"] == 0  # its balance stands
    assert (found["1001", "cleaning"], found["1002", "maintenance"]) == (D("500.00"), D("200.00"))


def test_an_ended_line_is_still_recalculated_and_paid(office: TownOffice) -> None:
    """House gone on 01.10: a minus of 50 for September, and 457 paid by name leave nothing; then the line is gone."""
    office.ingest("house_exit", [leaving("15.09.2026")], received="2026-08-20")
    office.close("2026-09")
    past = {"account": "1001", "service": "maintenance", "past_month": "09.2026", "amount": "-50"}
    assert office.ingest("recalculations", [past], received="2026-09-20").outcome == "accepted"
    paid = payment("1001", "457", day="05.10.2026", number="1", to="A", service="maintenance")
    office.load_payments(paid, now="2026-10-06")
    office.close("2026-10")
    row = office.line("2026-10", "1001", "maintenance")
    assert (row["opening"], row["recalculated"], row["paid"], row["closing"]) == (D("507"), D("-50"), D("457"), D(0))
    office.close("2026-11")
    assert ("1001", "maintenance") not in {(a, s) for a, _, s in office.lines("2026-11")}


def test_a_house_taken_back_stands_again(office: TownOffice) -> None:
    """A register's row that begins after the exit brings the line back, with its balance."""
    office.ingest("house_exit", [leaving("15.09.2026")], received="2026-08-20")
    office.load_directory(line("A", "1001", "maintenance", start="11.2026", tariff="10", area="50"), now="2026-09-20")
    assert charged(office, "2026-10")["1001", "maintenance"] == 0
    assert charged(office, "2026-11")["1001", "maintenance"] == D("500.00")
