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
