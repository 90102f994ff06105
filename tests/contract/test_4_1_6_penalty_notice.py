"""4.1.6: a penalty needs the Customer's notice with its algorithm."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.office import TownOffice, customer, line


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="50"))


def row(**more: object) -> dict[str, object]:
    usual = {"rate": "16,5", "coefficient": "1,253906", "grace_days": 0, "cap": "100", "from_date": "09.2026"}
    return {"service": "Содержание дома", **usual, **more}


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (D("16.5"), D("1.253906"), 0, D(100))),
        ({"rate": "16,5 %", "cap": "суммы долга"}, (D("16.5"), D("1.253906"), 0, D(100))),
        ({"rate": 9.25, "cap": "50%", "grace_days": "10"}, (D("9.25"), D("1.253906"), 10, D(50))),
        ({"coefficient": "1,5 есе", "grace_days": "3 тәулік"}, (D("16.5"), D("1.5"), 3, D(100))),
        ({"coefficient": "1,25 раза", "grace_days": "3 суток"}, (D("16.5"), D("1.25"), 3, D(100))),
    ],
)
def test_a_notice_keeps_its_algorithm_exactly(
    office: TownOffice, change: dict[str, object], expected: tuple[object, ...]
) -> None:
    town(office)
    answer = office.ingest("penalty_notice", [row(**change)], received="2026-08-20")
    assert answer.outcome == "accepted" and answer.codes == ["penalty.example"]
    [fact] = office.facts("penalty_notice")
    assert tuple(fact[name] for name in ("rate", "coefficient", "grace_days", "cap")) == expected


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"service": "Лифт"}, "service.not_yours"),
        ({"rate": "0"}, "value.not_positive"),
        ({"rate": "1,23456"}, "value.too_precise"),
        ({"grace_days": "-1"}, "value.negative"),
        ({"cap": "сколько получится"}, "value.not_a_number"),
        ({"from_date": "02.09.2026"}, "date.not_first"),
        ({"from_date": "09.2030"}, "month.too_far"),
    ],
)
def test_a_wrong_algorithm_is_refused(office: TownOffice, change: dict[str, object], code: str) -> None:
    town(office)
    answer = office.ingest("penalty_notice", [row(**change)], received="2026-08-20")
    assert answer.outcome == "rejected" and set(answer.codes) - {"penalty.example"} == {code}


def test_a_share_instead_of_a_per_cent_is_told(office: TownOffice) -> None:
    """A cell with the per cent format brings 0.165 for 16,5 %."""
    town(office)
    answer = office.ingest("penalty_notice", [row(rate=0.165)], received="2026-08-20")
    assert answer.outcome == "accepted" and set(answer.codes) == {"percent.small", "penalty.example"}


def test_a_test_calculation_is_told_with_the_notice(office: TownOffice) -> None:
    """10 000 x 16.5 % x 1.253906 x 30 / 365 = 170.05; a limit of 1 % stops it at 100.00."""
    town(office)
    answer = office.ingest("penalty_notice", [row()], received="2026-08-20")
    assert "170,05" in answer.finding("penalty.example")["message"].replace(".", ",")
    limited = office.ingest("penalty_notice", [row(cap="1", from_date="10.2026")], received="2026-08-21")
    assert "= 100 " in limited.finding("penalty.example")["message"].replace(",00", "").replace(".00", "")


@pytest.mark.quick("01.07.2026-True")
@pytest.mark.parametrize(("said", "told"), [("01.07.2026", True), ("01.09.2026", False), ("01.10.2026", False)])
def test_days_before_the_month_of_account_take_no_penalty_and_that_is_told(
    office: TownOffice, said: str, told: bool
) -> None:
    """In the answer, and in the draft of the month that its first penalty is in."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="50", balance="5000", start="06.2026"))
    answer = office.ingest("penalty_notice", [row(rate="36,5", coefficient="1", from_date=said)], received="2026-08-20")
    assert answer.outcome == "accepted" and ("penalty.no_days_before" in answer.codes) == told
    if told:
        found = answer.finding("penalty.no_days_before")
        assert (found["clause"], found["severity"]) == ("4.1.6", "warning") and "01.09.2026" in found["message"]
    for month in ("2026-06", "2026-07", "2026-08"):
        office.close(month)
    assert not office.draft("2026-09").late_penalties and office.draft("2026-09").totals["penalty"] == 0
    office.close("2026-09")
    october = office.draft("2026-10")
    assert [one.as_json() for one in october.late_penalties] == ([{
        "customer": customer("A")["bin"], "service": "maintenance", "said": "2026-07-01", "since": "2026-09-01",
        "submission": answer.id,
    }] if told else [])  # fmt: skip
    assert (october.totals["penalty"] > 0) == (said != "01.10.2026")
