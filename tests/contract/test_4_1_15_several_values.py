"""4.1.15: a cell with several of what a row has one of is told as such; the first of them is never read alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "10020001", "maintenance", area="50", tariff="30"),
        line("A", "10020002", "maintenance", area="50", tariff="30"),
        line("A", "10020001", "lift", area="50", tariff="30"),
        line("A", "10020001", "cold_water", base="счётчик", meter="ХВ-104477", reading="100", tariff="80"),
        line("A", "10020001", "hot_water", base="счётчик", meter="ГВ-104478", reading="100", tariff="80"),
    )


office = copies_of(town)


def send(office: TownOffice, form: str, row: Row) -> Any:
    return office.ingest(form, [row], received="2026-08-20", documents=[SCAN])


def recalculation(**more: object) -> Row:
    row = {"account": "10020001", "service": "maintenance", "past_month": "06.2026", "amount": "-10.00"}
    return {**row, "basis": "Акт", **more}


def reading(**more: object) -> Row:
    row = {"account": "10020001", "service": "cold_water", "meter": "ХВ-104477", "current": "110"}
    return {**row, "taken_on": "19.08.2026", **more}


@pytest.mark.quick(0, 3, 6)
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        *[
            ("account", cell)
            for cell in (
                "10020001, 10020002", "10020001\n10020002", "10020001-10020002", "10020001 и 10020002",
                "с 10020001 по 10020002", "10020001,02", "10020001; 10029999",
            )
        ],
        *[("service", cell) for cell in ("Содержание дома, Лифт", "Лифт; Содержание дома", "Лифт және Домофон")],
        *[
            ("past_month", cell)
            for cell in (
                "05-06.2026", "май, июнь 2026", "май-июнь", "05.2026, 06.2026", "05.2026-06.2026",
                "с мая по июнь 2026", "2 квартал 2026", "2026 жылғы мамыр, маусым",
            )
        ],
        *[("amount", cell) for cell in ("-10; -12", "-10,00 и -12,00")],
    ],
)  # fmt: skip
def test_several_values_in_a_cell_are_asked_for_one_a_row(office: TownOffice, column: str, cell: str) -> None:
    answer = send(office, "recalculations", recalculation(**{column: cell}))
    place = {"account": "A10", "service": "B10", "past_month": "C10", "amount": "D10"}[column]
    errors = [(f["code"], f["cell"]) for f in answer.findings if f["severity"] == "error"]
    assert (answer.outcome, errors) == ("rejected", [("value.several", place)])
    assert cell.replace("\n", " ") in answer.finding("value.several")["message_kk"]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("meter", "ХВ-104477, ХВ-104479"), ("current", "110/120"), ("service", "Холодная и горячая вода"),
        ("taken_on", "18.08.2026, 19.08.2026"),
    ],
)  # fmt: skip
def test_several_values_of_a_reading_are_asked_for_one_a_row(office: TownOffice, column: str, cell: str) -> None:
    answer = send(office, "meter_readings", reading(**{column: cell}))
    errors = [f["code"] for f in answer.findings if f["severity"] == "error"]
    assert (answer.outcome, errors) == ("rejected", ["value.several"])


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("account", "10029998, 10029999", "account.unknown"),
        ("account", "10020001, кв. 5", "account.unknown"),
        ("service", "Лифт, охота", "service.unknown"),
        ("past_month", "31-2026", "value.not_a_month"),
        ("amount", "1/2", "value.not_a_number"),
    ],
)
def test_a_cell_that_is_no_list_of_known_values_is_told_as_before(
    office: TownOffice, column: str, cell: str, code: str
) -> None:
    answer = send(office, "recalculations", recalculation(**{column: cell}))
    assert code in answer.codes and "value.several" not in answer.codes


def test_a_tariff_has_no_months_to_be_parted(office: TownOffice) -> None:
    """A tariff begins and has no end: to send a row for each month would not say that."""
    row = {
        "service": "maintenance", "base": "м²", "tariff": "40", "from_month": "09.2026-10.2026", "basis": "Протокол",
    }  # fmt: skip
    answer = send(office, "tariffs", row)
    assert (answer.outcome, "value.several" in answer.codes) == ("rejected", False)


NEW = {
    "house": "H-9", "address": "Абая, 9", "flat": "1", "account": "10090001", "area": "50",
    "services": "Содержание дома", "from_date": "01.09.2026", "basis": "Протокол",
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("account", "10090001, 10090002"), ("account", "10090001-10090002"), ("account", "10090001 и 10090002"),
        ("house", "H-9; H-8"), ("house", "Ү-9 және Ү-8"),
    ],
)  # fmt: skip
def test_several_new_codes_in_a_cell_are_never_one_new_code(office: TownOffice, column: str, cell: str) -> None:
    """Nothing is known of a new account: "10090001, 10090002" became one, with one bill."""
    answer = send(office, "new_houses", {**NEW, column: cell})
    assert (answer.outcome, answer.finding("value.several")["value"]) == ("rejected", cell)


@pytest.mark.parametrize(("column", "cell"), [("account", "1009-0001"), ("account", "9-1"), ("house", "H-9/2")])
def test_a_new_code_with_a_sign_in_it_is_one(office: TownOffice, column: str, cell: str) -> None:
    assert "value.several" not in send(office, "new_houses", {**NEW, column: cell}).codes


def test_several_new_meters_in_a_cell_are_never_one(office: TownOffice) -> None:
    row = {
        "account": "10020001", "service": "cold_water", "meter": "ХВ-104477", "current": "110",
        "new_meter": "ХВ-200001, ХВ-200002", "initial": "0", "changed_on": "10.08.2026",
    }  # fmt: skip
    assert send(office, "meter_change", row).finding("value.several")["value"] == "ХВ-200001, ХВ-200002"


def test_a_list_of_services_may_end_with_and(office: TownOffice) -> None:
    assert (
        send(office, "new_houses", {**NEW, "services": "Содержание дома, Текущий ремонт и Домофон"}).outcome
        == "accepted"
    )
    told = send(office, "new_houses", {**NEW, "services": "Лифт и Домафон"}).finding("service.unknown")
    assert told["value"] == "Домафон"
