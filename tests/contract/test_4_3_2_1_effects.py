"""4.3.2.1: a tariff is told which months it prices, which it counts again, and what stands in its way."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN

_EFFECTS = ("tariff.months", "tariff.acts", "tariff.category_of", "tariff.house_of")


def build(office: TownOffice) -> None:
    """Two houses, 10 m² each, 30 tenge a metre by the directory since September; people in the first."""
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10", house="H-1", category="Население"),
        line("A", "1002", "maintenance", tariff="30", area="10", house="H-2"),
    )


office = copies_of(build)


def send(office: TownOffice, received: str, *rows: Row, month: str = "") -> Answer:
    every = [{"service": "maintenance", "base": "м²", **row} for row in rows]
    answer = office.ingest("tariffs", every, received=received, month=month, documents=[SCAN])
    assert answer.outcome in ("accepted", "deferred"), answer.findings
    return answer


def told(answer: Answer) -> list[str]:
    return [code for code in answer.codes if code.startswith(_EFFECTS)]


def month_of(office: TownOffice, month: str) -> tuple[D, D]:
    row = next(row for key, row in office.drafted(month).items() if key[0] == "1001")
    return row["charged"], row["recalculated"]


def test_a_tariff_behind_that_of_the_directory_is_told_to_act_on_nothing(office: TownOffice) -> None:
    office.close("2026-09")
    answer = send(office, "2026-09-13", {"tariff": "50", "from_month": "08.2026"})
    assert told(answer) == ["tariff.acts_on_nothing"]
    finding = answer.finding("tariff.acts_on_nothing")
    assert "с 09.2026 стоит тариф 30 (справочник)" in finding["message"] and "анықтамалық" in finding["message_kk"]
    assert month_of(office, "2026-10") == (D("300.00"), D("0.00"))


def test_a_tariff_behind_that_of_a_form_names_the_form_and_the_months_that_it_prices(office: TownOffice) -> None:
    later = send(office, "2026-08-20", {"tariff": "40", "from_month": "10.2026"})
    office.close("2026-09")
    office.close("2026-10")
    answer = send(office, "2026-10-20", {"tariff": "50", "from_month": "09.2026"})
    assert told(answer) == ["tariff.months_recounted", "tariff.acts_until"]
    assert "с 09.2026 по 09.2026" in answer.finding("tariff.months_recounted")["message"]
    assert f"С 10.2026 стоит другой тариф, 40 (форма {later.id})" in answer.finding("tariff.acts_until")["message"]
    assert month_of(office, "2026-11") == (D("400.00"), D("200.00"))  # September alone


def test_one_house_that_it_prices_is_something(office: TownOffice) -> None:
    send(office, "2026-08-20", {"tariff": "40", "from_month": "10.2026", "house": "H-1"})
    office.close("2026-09")
    assert told(send(office, "2026-09-20", {"tariff": "50", "from_month": "09.2026"})) == ["tariff.months_recounted"]


def test_steps_in_time_of_one_form_are_no_obstacle(office: TownOffice) -> None:
    rows = {"tariff": "40", "from_month": "09.2026"}, {"tariff": "50", "from_month": "10.2026"}
    office.close("2026-09")
    answer = send(office, "2026-09-20", *rows)
    assert told(answer) == ["tariff.months_recounted"]
    assert month_of(office, "2026-10") == (D("500.00"), D("100.00"))


def test_an_open_month_before_the_forms_keeps_its_price_and_is_counted_again(office: TownOffice) -> None:
    office.close("2026-09")
    answer = send(office, "2026-10-10", {"tariff": "47", "from_month": "10.2026"})
    assert (answer.month, told(answer)) == ("2026-11", ["tariff.months_open"])
    assert "с 10.2026 по 10.2026 ещё не закрыты" in answer.finding("tariff.months_open")["message"]
    assert month_of(office, "2026-10") == (D("300.00"), D("0.00"))
    assert month_of(office, "2026-11") == (D("470.00"), D("170.00"))


def test_a_late_form_says_which_months_keep_their_price(office: TownOffice) -> None:
    office.close("2026-09")
    answer = send(office, "2026-09-26", {"tariff": "47", "from_month": "10.2026"}, month="10.2026")
    assert (answer.outcome, answer.month, told(answer)) == ("deferred", "2026-11", ["tariff.months_unchanged"])
    assert "с 10.2026 по 10.2026 остаются" in answer.finding("tariff.months_unchanged")["message"]
    assert month_of(office, "2026-10") == (D("300.00"), D("0.00"))
    assert month_of(office, "2026-11") == (D("470.00"), D("0.00"))


@pytest.mark.parametrize(
    ("house", "category", "warned"),
    [
        ("H-1", "Население", False),
        ("H-2", "Население", True),
        ("", "Население", False),
        ("", "Юридические лица", True),
    ],
)
def test_a_category_that_no_line_has_is_told(office: TownOffice, house: str, category: str, warned: bool) -> None:
    row = {"tariff": "40", "from_month": "09.2026", "house": house, "category": category}
    answer = send(office, "2026-08-20", row)
    assert told(answer) == ["tariff.category_of_no_line"] * warned
    if warned:
        finding = answer.finding("tariff.category_of_no_line")
        assert f"«{category}»" in finding["message"] and category not in finding["message_kk"]
        assert month_of(office, "2026-09")[0] == D("300.00")


def test_a_house_taken_on_since_is_priced_by_what_stands_behind_the_directory(office: TownOffice) -> None:
    row = {"house": "H-9", "address": "ул. Сатпаева, 9", "flat": "1", "account": "9001", "area": "50"}
    taken = {**row, "services": "Содержание дома", "from_date": "01.09.2026"}
    assert office.ingest("new_houses", [taken], received="2026-08-20", documents=[SCAN]).outcome == "accepted"
    assert told(send(office, "2026-08-21", {"tariff": "50", "from_month": "08.2026"})) == []
    assert next(row for key, row in office.drafted("2026-09").items() if key[0] == "9001")["charged"] == D("2500.00")


def add_heating(office: TownOffice, house: str, account: str, month: str = "09.2026", **more: object) -> None:
    row = line("A", account, "heating", start=month, area="10", house=house, **more)
    office.load_directory(row)


@pytest.mark.parametrize("house", ["H-2", "H-1", ""])
def test_a_tariff_for_a_house_without_a_line_of_the_service_is_told(office: TownOffice, house: str) -> None:
    add_heating(office, "H-1", "1001")
    answer = send(
        office, "2026-08-20", {"service": "heating", "tariff": "176", "from_month": "09.2026", "house": house}
    )
    assert told(answer) == ["tariff.house_of_no_line"] * (house == "H-2")
    if house == "H-2":
        finding = answer.finding("tariff.house_of_no_line")
        assert "В доме H-2 нет ни одной строки услуги «Отопление» с базой «м²»" in finding["message"]
        assert "H-2 үйінде «Жылыту» қызметінің" in finding["message_kk"]


def test_such_a_tariff_prices_a_line_that_the_register_brings_later(office: TownOffice) -> None:
    add_heating(office, "H-1", "1001")
    send(office, "2026-08-20", {"service": "heating", "tariff": "176", "from_month": "09.2026", "house": "H-2"})
    add_heating(office, "H-2", "1002", "11.2026")
    assert office.drafted("2026-11")["1002", bin_of("A"), "heating"]["charged"] == D("1760.00")


def test_a_line_that_a_form_brought_since_is_a_line_of_the_house(office: TownOffice) -> None:
    office.load_directory(line("A", "1001", "current_repair", area="10", house="H-1"))
    row = {"account": "1002", "indicator": "Добавить услугу", "becomes": "Текущий ремонт", "from_date": "09.2026"}
    added = office.ingest("directory_corrections", [row], received="2026-08-19")
    assert added.outcome == "accepted", added.findings
    sent = {"service": "current_repair", "tariff": "176", "from_month": "09.2026", "house": "H-2"}
    assert told(send(office, "2026-08-20", sent)) == []
