"""4.3.2.2: houses newly taken on, with flats and accounts; they wait for minutes and contracts."""

from __future__ import annotations

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line
from tests.support.papers import SCAN

ROW = {
    "house": "H-9", "address": "г. Алматы, ул. Абая, 9", "flat": "1", "account": "9001", "area": "65,3",
    "residents": "3", "services": "Содержание дома; Лифт", "from_date": "01.09.2026",
}  # fmt: skip


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="31.4155", area="65.3"))


office = copies_of(town)


def test_new_houses_wait_for_documents_and_then_post(office: TownOffice) -> None:
    answer = office.ingest("new_houses", [ROW], received="2026-08-20")
    assert answer.outcome == "held" and answer.codes == ["documents.awaited"]
    [released] = office.release(answer.id, "paper", "2026-08-21")
    assert released.outcome.value == "accepted" and str(released.month) == "2026-09"
    [fact] = office.facts("new_houses")
    assert (fact["account"], fact["services"], str(fact["area"])) == ("9001", "maintenance;lift", "65.300")


@pytest.mark.quick(0, 3, 6, 8)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"area": "0"}, "value.not_positive"),
        ({"residents": "-1"}, "value.negative"),
        ({"residents": "2,5"}, "value.not_whole"),
        ({"services": "Содержание дома; Бассейн"}, "service.unknown"),
        ({"from_date": "15.09.2026"}, "date.not_first"),
        ({"from_date": "01.10.2027"}, "month.too_far"),
        ({"from_date": "01.08.2023"}, "month.too_old"),
        ({"account": "1001", "house": "H-1"}, "line.exists"),
        ({"account": "1001", "services": "Лифт"}, "account.other_house"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(office: TownOffice, change: dict[str, str], code: str) -> None:
    answer = office.ingest("new_houses", [{**ROW, **change}], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and answer.errors == [code]
    assert answer.finding(code)["cell"] and answer.finding(code)["severity"] == "error"


@pytest.mark.quick(0, 1, 2)
@pytest.mark.parametrize(
    ("flat", "several"),
    [("1-20", True), ("1, 2", True), ("1;2;3", True), ("1 и 2", True), ("12-1", False), ("3/1", False), ("12а", False)],
)
def test_a_flat_that_names_several_is_asked_about(office: TownOffice, flat: str, several: bool) -> None:
    """It counts, for flats may be made one; a room of a flat (`12-1`) is none."""
    answer = office.ingest("new_houses", [{**ROW, "flat": flat}], received="2026-08-20", documents=[SCAN])
    assert (answer.outcome, "flat.several" in answer.codes) == ("accepted", several)


@pytest.mark.parametrize(
    "change", [{"residents": "0"}, {"area": "0,001"}, {"from_date": "01.09.2027"}, {"from_date": "01.09.2023"}]
)
def test_a_row_at_the_very_edge_is_taken(office: TownOffice, change: dict[str, str]) -> None:
    """Nobody may live in a flat; a house begins 12 months ahead at most, 36 back."""
    answer = office.ingest("new_houses", [{**ROW, **change}], received="2026-08-20", documents=[SCAN])
    assert (answer.outcome, answer.errors) == ("accepted", [])


def test_another_service_of_the_same_house_may_be_taken_on(office: TownOffice) -> None:
    row = {**ROW, "account": "1001", "house": "H-1", "services": "лифт"}
    assert office.ingest("new_houses", [row], received="2026-08-20", documents=[SCAN]).outcome == "accepted"


@pytest.mark.quick(0, 3, 6, 9)
@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("account", "9001 (Иванов)"), ("account", "л/с 9001"), ("account", "№9001"), ("account", "9001*"),
        ("account", "9ОО1"), ("account", "новый"), ("account", "б/н"), ("house", "H-9 (новый)"), ("house", "Дом 9"),
        ("house", "ул. Абая 9"),
    ],
)  # fmt: skip
def test_words_and_marks_around_a_new_code_are_no_part_of_it(office: TownOffice, column: str, code: str) -> None:
    """2.1.11: `9001 (Иванов)` became an account, to which no payment of 9001 would ever come."""
    answer = office.ingest("new_houses", [{**ROW, column: code}], received="2026-08-20", documents=[SCAN])
    told = answer.finding("code.not_plain")
    assert (answer.outcome, told["value"]) == ("rejected", code)


@pytest.mark.parametrize("code", ["9001", "9 001", "9001-2", "9001/1"])
def test_a_new_code_may_have_a_part_behind_a_stroke(office: TownOffice, code: str) -> None:
    answer = office.ingest("new_houses", [{**ROW, "account": code}], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "accepted"


def test_a_sign_that_known_codes_have_is_none_of_a_slip(office: TownOffice) -> None:
    office.load_directory(line("A", "К-77", "maintenance", tariff="10", area="50", house="Дом 1"))
    row = {**ROW, "account": "К-78", "house": "Дом 2"}
    assert office.ingest("new_houses", [row], received="2026-08-20", documents=[SCAN]).outcome == "accepted"
