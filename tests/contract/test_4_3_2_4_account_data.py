"""4.3.2.4: area and residents are the account's: a correction counts for the lines of all Customers on it."""

from __future__ import annotations

import json
from decimal import Decimal as D

import pytest

from inbox_worker.cli.month_screens import draft_json, show_differences
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line


def town(office: TownOffice) -> None:
    """50 m² and 2 people: A asks 10 a m², B 20 a m² and 100 a resident."""
    office.load_customers(customer("A"), customer("B"))
    here = {"area": "50", "residents": 2}
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", **here),
        line("B", "1001", "capital_repair", tariff="20", **here),
        line("B", "1001", "waste", base="чел.", tariff="100", **here),
        line("B", "1002", "capital_repair", tariff="20", **here),
    )


office = copies_of(town)


def correct(office: TownOffice, what: str, value: str, by: str = "A", start: str = "09.2026", **more: str) -> str:
    row = {"account": "1001", "indicator": what, "becomes": value, "from_date": start, "was": more.get("was", "")}
    answer = office.ingest("directory_corrections", [row], by=by, received=more.get("received", "2026-08-20"))
    assert answer.outcome == more.get("outcome", "accepted"), answer.report
    return answer.id


def charged(office: TownOffice, month: str) -> list[D]:
    """Maintenance, capital repair and waste of 1001; 1002 stays as it is."""
    rows = office.drafted(month)
    assert rows["1002", bin_of("B"), "capital_repair"]["charged"] == D("1000.00")
    keys = (("A", "maintenance"), ("B", "capital_repair"), ("B", "waste"))
    return [rows["1001", bin_of(owner), service]["charged"] for owner, service in keys]


def test_a_correction_counts_for_every_customers_line(office: TownOffice) -> None:
    """A tells 60 m² and 3 people: 600, and B's 1 200 and 300."""
    correct(office, "Площадь", "60")
    correct(office, "Проживает", "3")
    assert charged(office, "2026-09") == [D("600.00"), D("1200.00"), D("300.00")]


def test_the_latest_notice_wins_and_no_month_before_is_counted_again(office: TownOffice) -> None:
    """A told 60 from September; B tells 70 on 20.09, also from 09.2026: October takes 70, September keeps 60."""
    correct(office, "Площадь", "60")
    office.close("2026-09")
    correct(office, "Площадь", "70", by="B", received="2026-09-20", was="60")
    assert charged(office, "2026-09")[:2] == [D("600.00"), D("1200.00")]
    assert charged(office, "2026-10")[:2] == [D("700.00"), D("1400.00")]
    assert {row["recalculated"] for row in office.drafted("2026-10").values()} == {D("0.00")}


def test_of_two_notices_of_one_month_the_one_told_later_wins(office: TownOffice) -> None:
    correct(office, "Площадь", "60", by="B")
    correct(office, "Площадь", "65", received="2026-08-21")
    assert charged(office, "2026-09")[:2] == [D("650.00"), D("1300.00")]


def test_the_old_value_is_what_another_customer_told(office: TownOffice) -> None:
    """B may name 60 as what was, for A told it, and no longer 50."""
    correct(office, "Площадь", "60", received="2026-08-10")
    correct(office, "Площадь", "70", by="B", was="50", received="2026-08-20", outcome="rejected")
    correct(office, "Площадь", "70", by="B", was="60", received="2026-08-20")


@pytest.mark.slow
def test_a_line_of_the_register_from_a_later_month_tells_its_own_area(office: TownOffice) -> None:
    """The register's row of October is later than A's 60 of September: that line has 55 m² from then on."""
    correct(office, "Площадь", "60")
    again = line("B", "1001", "capital_repair", tariff="20", area="55", residents=2, start="10.2026")
    office.load_directory(again, now="2026-08-21")
    assert charged(office, "2026-09")[:2] == [D("600.00"), D("1200.00")]
    assert charged(office, "2026-10")[:2] == [D("600.00"), D("1100.00")]


@pytest.mark.slow
def test_a_register_that_says_again_what_it_said_takes_back_no_correction(office: TownOffice) -> None:
    """A told 60 m² and 3 people from September. October's rows still say 50 and 2, of B's line and of C's new ones:
    60 and 3 are the account's. A's row says 4 people, which is news, and 50 m², which is none."""
    office.load_customers(customer("C"))
    correct(office, "Площадь", "60")
    correct(office, "Проживает", "3")
    old = {"area": "50", "residents": 2, "start": "10.2026"}
    office.load_directory(
        line("B", "1001", "capital_repair", tariff="20", **old),
        line("C", "1001", "current_repair", tariff="1", **old),
        line("C", "1001", "lift", base="чел.", tariff="1", **old),
        line("A", "1001", "maintenance", tariff="10", **{**old, "residents": 4}),
        line("A", "1001", "cleaning", base="чел.", tariff="1", **{**old, "residents": 4}),
        now="2026-08-21",
    )
    assert charged(office, "2026-10") == [D("600.00"), D("1200.00"), D("300.00")]
    rows = office.drafted("2026-10")
    assert rows["1001", bin_of("C"), "current_repair"]["quantity"] == 60
    assert rows["1001", bin_of("C"), "lift"]["quantity"] == 3
    assert rows["1001", bin_of("A"), "cleaning"]["quantity"] == 4


def test_who_loads_a_register_hears_which_corrections_it_does_not_take_back(office: TownOffice) -> None:
    """4.3.2.4: a row that says 50 m² again is taken and changes nothing; another account, and news, are not told."""
    correct(office, "Площадь", "60")
    again = [
        line("B", account, "capital_repair", tariff="20", area="50", residents=2, start="10.2026")
        for account in ("1001", "1002")
    ]
    loaded = office.load_directory(*again, now="2026-08-21")
    [told] = [one for one in loaded.findings if one["code"] == "directory.correction_stands"]
    assert (told["code"], told["cell"], told["value"]) == ("directory.correction_stands", "G6", "50")
    assert "1001" in told["message"] and "на 60" in told["message"] and "Строк таких: 1" in told["remedy"]
    assert charged(office, "2026-10")[1] == D("1200.00")


def test_a_service_added_later_has_the_area_of_the_account(office: TownOffice) -> None:
    """60 m² from September; a service that A adds from October has 60, and 65 when B corrects it from November."""
    correct(office, "Площадь", "60")
    added = {"start": "10.2026", "received": "2026-09-20", "outcome": "held"}  # B has that service there, too
    office.confirm(correct(office, "Добавить услугу", "Капитальный ремонт", **added), "по телефону", "2026-09-20")
    correct(office, "Площадь", "65", by="B", start="11.2026", received="2026-10-20")
    key = "1001", bin_of("A"), "capital_repair"
    assert [office.drafted(month)[key]["quantity"] for month in ("2026-10", "2026-11")] == [60, 65]


@pytest.mark.slow
def test_the_draft_names_the_lines_of_others_that_a_correction_changes(
    office: TownOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """September is 50 m²; A tells 60 for October: of B the line by m² is named, with who told it; not A's own."""
    office.close("2026-09")
    correct(office, "Площадь", "60", start="10.2026", received="2026-09-20")
    draft = office.draft("2026-10")
    [told] = json.loads(json.dumps(draft_json(draft), default=str))["corrected_by_others"]
    assert (told["account"], told["customer"], told["service"]) == ("1001", bin_of("B"), "capital_repair")
    assert (told["corrected_by"], told["before"], told["now"]) == (bin_of("A"), "1000.00", "1200.00")
    show_differences(draft.differences, office.office)
    assert "корректировка другого заказчика: 1" in " ".join(capsys.readouterr().out.split())
    assert office.draft("2026-11").differences.corrected == ()
