"""4.3.2.1: tariffs by category of consumers (rules/categories.yaml); a row without one is for all."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.sources import Sources
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN


def tariff(value: str, category: str = "", start: str = "09.2026", **more: object) -> Row:
    return {"service": "maintenance", "base": "м²", "tariff": value, "from_month": start, "category": category, **more}


def town(office: TownOffice) -> None:
    """10 m² each: a flat of people, a shop of a firm, one without a category; no tariff in the directory."""
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", area="10", category="Население"),
        line("A", "1002", "maintenance", area="10", category="юр. лица"),
        line("A", "1003", "maintenance", area="10"),
    )


office = copies_of(town)


def send(office: TownOffice, *rows: Row, received: str = "2026-08-20") -> str:
    return office.ingest("tariffs", rows, received=received, documents=[SCAN]).outcome


def figures(office: TownOffice, month: str, what: str = "charged") -> list[D]:
    lines = office.drafted(month)
    return [next(D(v[what]) for k, v in lines.items() if k[0] == account) for account in ("1001", "1002", "1003")]


def test_a_line_takes_the_tariff_of_its_category_and_one_without_is_for_all(office: TownOffice) -> None:
    assert send(office, tariff("20", "население"), tariff("50", "Юридические лица"), tariff("30")) == "accepted"
    assert figures(office, "2026-09") == [D(200), D(500), D(300)]


def test_explain_says_whose_category_the_tariff_is(office: TownOffice) -> None:
    send(office, tariff("20", "население"), tariff("50", "ЮЛ"), tariff("30"))
    office.close("2026-09")
    for account, named in (("1001", "Население"), ("1002", "Юридические лица"), ("1003", "")):
        figures = Figures(office.office, Sources(office.office), Period(2026, 9), account)
        told = "\n".join(figures.explain("tariff", Where(bin_of("A"), account, "maintenance")))
        assert ("категории" in told) == bool(named) and named in told, told


def test_a_line_without_a_category_takes_no_tariff_of_a_category(office: TownOffice) -> None:
    """It is told like any line without a tariff."""
    assert send(office, tariff("20", "население"), tariff("50", "ЮЛ")) == "accepted"
    assert figures(office, "2026-09") == [D(200), D(500), D(0)]
    assert any("lines without a tariff, charged 0.00: 1" in warning for warning in office.close("2026-09").warnings)


def test_a_category_breaks_ties_after_the_house_and_the_later_start_wins_over_both(office: TownOffice) -> None:
    rows = tariff("20", "население"), tariff("25", house="H-1"), tariff("60", "ЮЛ", house="H-1"), tariff("30")
    assert send(office, *rows, tariff("40", start="10.2026")) == "accepted"
    assert figures(office, "2026-09") == [D(250), D(600), D(250)]
    assert figures(office, "2026-10") == [D(400), D(400), D(400)]


def test_a_directory_tariff_of_the_same_month_yields_to_a_form_of_the_category(office: TownOffice) -> None:
    office.load_directory(line("A", "1004", "maintenance", area="10", tariff="70", category="население"))
    assert send(office, tariff("20", "население")) == "accepted"
    assert {k[0]: v["charged"] for k, v in office.drafted("2026-09").items()}["1004"] == D(200)


def test_a_line_may_change_its_category_and_past_months_keep_theirs(office: TownOffice) -> None:
    """A flat is a firm's from October; a tariff told in November since September counts each month by its category."""
    send(office, tariff("20", "население"), tariff("50", "ЮЛ"), tariff("30"))
    office.load_directory(line("A", "1001", "maintenance", area="10", start="10.2026", category="ЮЛ"))
    for month in ("2026-09", "2026-10"):
        office.close(month)
    charged = [office.line(month, "1001", "maintenance")["charged"] for month in ("2026-09", "2026-10")]
    assert charged == [D(200), D(500)]
    assert send(office, tariff("21", "население"), tariff("52", "ЮЛ"), received="2026-10-20") == "accepted"
    assert figures(office, "2026-11", "recalculated") == [D(10 + 20), D(40), D(0)]


def test_rows_of_two_categories_do_not_correct_each_other(office: TownOffice) -> None:
    """The category is part of the key: a corrected one replaces its own row only."""
    send(office, tariff("20", "население"), tariff("50", "ЮЛ"), tariff("30"))
    answer = office.ingest("tariffs", [tariff("22", "Халық")], received="2026-08-21", documents=[SCAN])
    assert (answer.outcome, answer.codes) == ("accepted", ["row.replaced"])
    assert figures(office, "2026-09") == [D(220), D(500), D(300)]


@pytest.mark.parametrize("form", ["tariffs", "directory"])
def test_an_unknown_category_is_refused_with_the_known_ones(office: TownOffice, form: str) -> None:
    if form == "tariffs":
        answer = office.ingest(form, [tariff("30", "инопланетяне")], received="2026-08-20", documents=[SCAN])
    else:
        answer = office.load(form, [line("A", "1009", "maintenance", area="1", category="инопланетяне")])
    finding = answer.finding("category.unknown")
    assert (answer.outcome, finding["value"]) == ("rejected", "инопланетяне")
    assert "Юридические лица" in finding["remedy"]


def test_an_added_service_has_the_category_of_the_account(office: TownOffice) -> None:
    """4.3.2.4: the line stands where the Customer's line of the account stands, category and all."""
    row = {"account": "1002", "indicator": "Добавить услугу", "becomes": "Уборка подъездов", "from_date": "01.09.2026"}
    assert office.ingest("directory_corrections", [row], received="2026-08-20").outcome == "accepted"
    prices = ("9", "население"), ("5", "ЮЛ")
    rows = (tariff(value, category, service="cleaning", base="кв.") for value, category in prices)
    assert send(office, *rows) == "accepted"
    assert office.drafted("2026-09")["1002", "050140000011", "cleaning"]["charged"] == D(5)
