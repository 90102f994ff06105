"""4.3.1, 4.3.2: figures far from what is known, lines that no tariff prices, are told at once; the form still acts."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN

AUGUST = "2026-08-20"


def build(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    here = {"area": "60", "residents": 2}
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", **here),
        line("A", "1002", "maintenance", tariff="40", house="H-2", **here),
    )


town = copies_of(build)


def tariffs(town: TownOffice, *rows: Row) -> tuple[str, list[str]]:
    every = [{"service": "maintenance", "base": "м²", "from_month": "09.2026", **row} for row in rows]
    answer = town.ingest("tariffs", every, received=AUGUST, documents=[SCAN])
    return answer.outcome, [finding["value"] for finding in answer.findings if finding["code"].startswith("tariff.")]


@pytest.mark.quick(0, 1, 2)
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"tariff": "3500"}, ["3500"]),  # the comma of 35,00 was lost
        ({"tariff": "120"}, []),  # three times the dearest
        ({"tariff": "120,0001"}, ["120,0001"]),
        ({"tariff": "10"}, []),  # a third of the cheapest
        ({"tariff": "9,9999"}, ["9,9999"]),
        ({"tariff": "0"}, ["0"]),
        ({"tariff": "100", "house": "H-2"}, []),
        ({"tariff": "130", "house": "H-2"}, ["130"]),
        ({"tariff": "100", "house": "H-1"}, ["100"]),  # that house paid 30
    ],
)
def test_a_tariff_far_from_the_known_is_told_and_counts(town: TownOffice, row: Row, told: list[str]) -> None:
    assert tariffs(town, row) == ("accepted", told)
    account = "1002" if row.get("house") == "H-2" else "1001"
    assert D(town.drafted("2026-09")[account, bin_of("A"), "maintenance"]["tariff"]) == D(
        str(row["tariff"]).replace(",", ".")
    )


def test_the_latest_tariff_is_the_known_one(town: TownOffice) -> None:
    assert tariffs(town, {"tariff": "100"}) == ("accepted", [])
    assert tariffs(town, {"tariff": "250", "from_month": "10.2026"}) == ("accepted", [])  # beside 100, not 30
    assert tariffs(town, {"tariff": "60", "from_month": "11.2026"}) == ("accepted", ["60"])  # beside 250


def test_a_tariff_of_nothing_is_not_what_the_next_is_compared_with(town: TownOffice) -> None:
    assert tariffs(town, {"tariff": "0"}) == ("accepted", ["0"])
    outcome, told = tariffs(town, {"tariff": "3500"})
    assert outcome == "accepted" and told == ["3500"]


def test_the_known_tariffs_are_named(town: TownOffice) -> None:
    row = {"service": "maintenance", "base": "м²", "from_month": "09.2026", "tariff": "3500"}
    answer = town.ingest("tariffs", [row], received=AUGUST, documents=[SCAN])
    assert answer.codes == ["tariff.far_from_known"] and "30 — 40" in answer.findings[0]["message"]
    below = town.ingest("tariffs", [{**row, "tariff": "-5"}], received=AUGUST, documents=[SCAN])
    assert below.outcome == "rejected" and "tariff.far_from_known" not in below.codes, "no price may be below zero"


@pytest.mark.parametrize(("name", "outcome"), [("0", "rejected"), ("123-45", "rejected"), ("2GIS", "accepted")])
def test_a_name_without_letters_is_none(town: TownOffice, name: str, outcome: str) -> None:
    row = {"account": "1001", "indicator": "ФИО", "becomes": name, "from_date": "09.2026"}
    answer = town.ingest("directory_corrections", [row], received=AUGUST)
    assert (answer.outcome, answer.codes) == (outcome, ["value.no_letters"] if outcome == "rejected" else [])


@pytest.mark.parametrize(
    ("what", "becomes", "told"),
    [
        ("Площадь", "6000", True),
        ("Площадь", "1.234", True),
        ("Площадь", "65,305", False),
        ("Площадь", "121", True),
        ("Проживает", "99", True),
        ("Проживает", "9", False),
    ],
)
def test_an_account_far_from_the_directory_is_told(town: TownOffice, what: str, becomes: str, told: bool) -> None:
    row = {"account": "1001", "indicator": what, "becomes": becomes, "from_date": "09.2026"}
    answer = town.ingest("directory_corrections", [row], received=AUGUST)
    assert (answer.outcome, answer.codes) == ("accepted", ["figure.far_from_known"] if told else [])
    if told:
        assert answer.findings[0]["cell"].startswith("D")  # where it was written


@pytest.mark.parametrize(
    ("amount", "outcome", "codes"),
    [
        ("-300000", "accepted", []),
        ("-300000,01", "accepted", ["figure.unusual"]),
        ("-3000000", "accepted", ["figure.unusual"]),
        ("-3000000,01", "held", ["confirmation.awaited", "figure.far_beyond"]),
        ("-9 999 999 999 999,99", "held", ["confirmation.awaited", "figure.far_beyond"]),
    ],
)
def test_a_recalculation_over_what_a_line_costs_is_told_and_one_far_over_waits(
    town: TownOffice, amount: str, outcome: str, codes: list[str]
) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "07.2026", "amount": amount}
    answer = town.ingest("recalculations", [row], received=AUGUST)
    assert (answer.outcome, sorted(answer.codes)) == (outcome, codes)
    assert len(town.facts("recalculations")) == (outcome == "accepted")
    if outcome == "held":
        [posted] = town.confirm(answer.id, "звонок", "2026-08-21")
        assert (posted.outcome.value, len(town.facts("recalculations"))) == ("accepted", 1)


@pytest.mark.parametrize(("charged", "waits"), [("3000000", False), ("3000000,01", True)])
def test_a_charge_that_a_customer_computed_far_over_the_usual_waits(
    town: TownOffice, charged: str, waits: bool
) -> None:
    town.load_customers(customer("A"), customer("B", kind="субъект сервиса"))
    town.load_directory(line("B", "1001", "intercom", base="кв.", tariff="500"))
    row = {"account": "1001", "service": "Домофон", "tariff": charged, "charged": charged}
    answer = town.ingest("service_charges", [row], by="B", received=AUGUST, documents=[SCAN])
    assert (answer.outcome, "figure.far_beyond" in answer.codes) == ("held" if waits else "accepted", waits)


def test_a_sum_of_zero_that_replaces_nothing_is_told_and_one_that_does_is_not(town: TownOffice) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "07.2026"}
    alone = town.ingest("recalculations", [{**row, "amount": "0"}], received=AUGUST)
    assert (alone.outcome, alone.codes) == ("accepted", ["row.zero_alone"])
    town.ingest("recalculations", [{**row, "past_month": "06.2026", "amount": "-5"}], received=AUGUST)
    back = town.ingest("recalculations", [{**row, "past_month": "06.2026", "amount": "0,00"}], received=AUGUST)
    assert (back.outcome, back.codes) == ("accepted", ["row.replaced"])


def house(**more: object) -> Row:
    row = {"house": "H-9", "address": "ул. Сатпаева, 9", "flat": "1", "account": "9001", "area": "50"}
    return {**row, "services": "Содержание дома", "from_date": "01.09.2026", **more}


def test_new_lines_without_a_tariff_are_told_once_a_house(town: TownOffice) -> None:
    rows = [house(), house(account="9002", flat="2", services="Содержание дома; Лифт"), house(account="9003", flat="3")]
    answer = town.ingest("new_houses", rows, received=AUGUST, documents=[SCAN])
    assert answer.outcome == "accepted" and answer.codes == ["tariff.none_yet"] * 2
    assert "«Лифт» (дом H-9)" in answer.findings[1]["message"]
    assert town.drafted("2026-09")["9001", bin_of("A"), "maintenance"]["charged"] == 0


def test_new_lines_that_a_tariff_prices_are_not_told(town: TownOffice) -> None:
    """A tariff of every house, or of that house; what a schedule charges needs none."""
    assert tariffs(town, {"tariff": "35"})[0] == "accepted"
    services = "Содержание дома; За замену лифта"
    answer = town.ingest("new_houses", [house(services=services)], received=AUGUST, documents=[SCAN])
    assert (answer.outcome, answer.codes) == ("accepted", [])
    assert town.drafted("2026-09")["9001", bin_of("A"), "maintenance"]["charged"] == D("1750")


def test_a_service_put_on_without_a_tariff_is_told(town: TownOffice) -> None:
    row = {"account": "1001", "indicator": "Добавить услугу", "becomes": "Лифт", "from_date": "09.2026"}
    answer = town.ingest("directory_corrections", [row], received=AUGUST)
    assert (answer.outcome, answer.codes) == ("accepted", ["tariff.none_yet"])


@pytest.mark.quick(0)
@pytest.mark.parametrize(("area", "told"), [("5000", True), ("7,99", True), ("8", False), ("1000", False)])
def test_an_unusual_area_of_a_new_account_is_told(town: TownOffice, area: str, told: bool) -> None:
    tariffs(town, {"tariff": "35"})
    answer = town.ingest("new_houses", [house(area=area)], received=AUGUST, documents=[SCAN])
    assert (answer.outcome, answer.codes) == ("accepted", ["figure.unusual"] if told else [])


def test_a_draft_and_a_close_name_lines_without_a_tariff(town: TownOffice) -> None:
    rows = [house(), house(account="9002", flat="2", services="Содержание дома; Лифт")]
    town.ingest("new_houses", rows, received=AUGUST, documents=[SCAN])
    drafted = town.draft("2026-09")
    assert drafted.untariffed == {(bin_of("A"), "maintenance"): 2, (bin_of("A"), "lift"): 1}
    [warning] = town.close("2026-09").warnings
    a = bin_of("A")
    assert warning == f"lines without a tariff, charged 0.00: 3: maintenance of {a} (2); lift of {a} (1)"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({}, []),
        ({"address": "ул. Сатпаева, 10"}, ["house.two_addresses"]),
        ({"address": "УЛ.САТПАЕВА, 9"}, []),
        ({"flat": "1"}, ["flat.two_accounts"]),
        ({"house": "H-1", "address": "ул. Абая, 1", "flat": "1001"}, ["flat.two_accounts"]),  # 1001 has it
    ],
)
def test_a_house_or_flat_told_in_two_ways_is_told(town: TownOffice, row: Row, told: list[str]) -> None:
    tariffs(town, {"tariff": "35"})
    rows = [house(), house(**{"account": "9002", "flat": "2", **row})]
    answer = town.ingest("new_houses", rows, received=AUGUST, documents=[SCAN])
    assert (answer.outcome, answer.codes) == ("accepted", told)


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"account": "9002"}, ["flat.two_accounts"]),
        ({"account": "9002", "flat": "2"}, []),
        ({"account": "9002", "flat": "2", "address": "г. Алматы, улица Сатпаева 9"}, []),
        ({"account": "9002", "flat": "2", "address": "ул. Абая, 9"}, ["house.two_addresses"]),
        ({"flat": "2"}, ["row.replaced"]),
    ],
)
def test_what_an_earlier_form_took_in_is_compared_too(town: TownOffice, row: Row, told: list[str]) -> None:
    """A second list of the same house put a second account on the flat without a word."""
    tariffs(town, {"tariff": "35"})
    town.ingest("new_houses", [house()], received=AUGUST, documents=[SCAN])
    answer = town.ingest("new_houses", [house(**row)], received=AUGUST, documents=[SCAN])
    assert (answer.outcome, answer.codes) == ("accepted", told)


@pytest.mark.parametrize(("code", "told"), [("новый", ["house.no_number"]), ("H-3", []), ("б/н", ["house.no_number"])])
def test_words_in_the_place_of_a_new_house_s_code_are_refused(town: TownOffice, code: str, told: list[str]) -> None:
    tariffs(town, {"tariff": "35"})
    answer = town.ingest("new_houses", [house(house=code)], received=AUGUST, documents=[SCAN])
    assert answer.errors == told


@pytest.mark.parametrize(
    ("address", "named"),
    [("1", False), ("12/3 к. 1", False), ("г. Алматы, ул. Новая, 1", True), ("ул. 70, 5", True), ("Е-10 к-сі", True)],
)
def test_the_address_of_a_new_house_names_its_street(town: TownOffice, address: str, named: bool) -> None:
    """Whoever renames a column `House` to `Address` sends its number alone; a street may be a number, too."""
    tariffs(town, {"tariff": "35"})
    answer = town.ingest("new_houses", [house(address=address)], received=AUGUST, documents=[SCAN])
    assert answer.errors == ([] if named else ["address.no_street"])


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("Ким О. ИИН 850101400011", False), ("Ким О., 8 700 123-45-67", False), ("Ким О. → Цой В.", False),
        ("Ким О. -> Цой В.", False), ("КСК-45", True), ("ИП «2024»", True), ("Ким-Цой О.", True),
    ],
)  # fmt: skip
def test_a_name_with_a_number_of_a_person_or_an_arrow_is_refused(town: TownOffice, name: str, taken: bool) -> None:
    """4.2.7: all of it would be printed in bills."""
    row = {"account": "1001", "indicator": "ФИО", "becomes": name, "from_date": "01.09.2026"}
    answer = town.ingest("directory_corrections", [row], received=AUGUST)
    assert (answer.outcome == "accepted", "name.with_more" in answer.codes) == (taken, not taken)
