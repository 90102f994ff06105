"""4.3.11: a house that leaves is told within 2 calendar days of learning of it."""

from __future__ import annotations

import pytest

from tests.support.office import Answer, TownOffice, bin_of, customer, line


def send(office: TownOffice, received: str = "2026-08-20", **more: object) -> Answer:
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"),
        line("A", "2001", "maintenance", tariff="10", area="50", house="H-3"),
    )
    row = {"house": "H-1", "left_on": "31.08.2026", "reason": "Собрание", "learned_on": "18.08.2026", **more}
    return office.ingest("house_exit", [row], received=received)


def charged(office: TownOffice, month: str) -> object:
    return office.drafted(month)["1001", bin_of("A"), "maintenance"]["charged"]


def test_another_day_replaces_the_first_while_its_month_is_open(office: TownOffice) -> None:
    """Left on 31.08 as told in August, on 30.09 as told in September: charged in September, gone in October."""
    assert send(office).outcome == "accepted"
    assert send(office, "2026-09-20", left_on="30.09.2026", learned_on="19.09.2026").outcome == "accepted"
    assert charged(office, "2026-09") == 500
    office.close("2026-09")
    assert charged(office, "2026-10") == 0


def test_a_closed_month_keeps_the_house_gone(office: TownOffice) -> None:
    """September was closed without the house: a later day does not bring it back, a row of the register would."""
    send(office)
    office.close("2026-09", now="2026-09-10")
    send(office, "2026-09-20", left_on="31.10.2026", learned_on="19.09.2026")
    assert ("1001", bin_of("A"), "maintenance") not in office.drafted("2026-10")


@pytest.mark.quick("2026-08-20-31.08.2026-2026-09-None", "2026-09-20-10.07.2026-2026-10-2026-09")
@pytest.mark.parametrize(
    ("received", "left", "month", "since"),
    [
        ("2026-08-20", "31.08.2026", "2026-09", None),  # on time: the form's month is that of the day
        ("2026-08-27", "26.08.2026", "2026-10", "2026-09"),  # after the 25th: gone in September all the same
        ("2026-08-20", "05.10.2026", "2026-09", "2026-11"),  # told long before
        ("2026-09-20", "10.07.2026", "2026-10", "2026-09"),  # from the first open month
    ],
)
def test_the_day_decides_since_when_and_the_answer_says_so(
    office: TownOffice, received: str, left: str, month: str, since: str | None
) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="50", start="08.2026"))
    office.close("2026-08")
    learned = "{2}.{1}.{0}".format(*received.split("-"))
    row = {"house": "H-1", "left_on": left, "reason": "Собрание", "learned_on": learned}
    answer = office.ingest("house_exit", [row], received=received)
    assert answer.month == month
    assert ("house.leaves_by_day" in answer.codes) == (since is not None)
    first = since or month
    before = [charged(office, "2026-09"), charged(office, "2026-10")] if first == "2026-11" else []
    assert before == [500, 500][: len(before)]
    assert charged(office, first) == 0


@pytest.mark.parametrize(
    ("received", "change", "outcome", "codes"),
    [
        ("2026-08-20T23:59:59", {}, "accepted", []),
        ("2026-08-21", {}, "accepted", ["notice.late"]),
        ("2026-08-20", {"house": "H-2"}, "rejected", ["house.unknown"]),
        ("2026-08-20", {"left_on": "31.08.2062"}, "rejected", ["date.absurd"]),
        ("2026-08-20", {"learned_on": "21.08.2026"}, "rejected", ["date.absurd"]),
        ("2026-08-20", {"reason": ""}, "rejected", ["value.missing"]),
    ],
)
def test_a_house_leaves(
    office: TownOffice, received: str, change: dict[str, object], outcome: str, codes: list[str]
) -> None:
    answer = send(office, received, **change)
    assert (answer.outcome, answer.codes) == (outcome, codes)
    assert len(office.facts("house_exit")) == (outcome == "accepted")


def test_an_exit_of_every_house_is_not_told_how_a_tariff_is_written(office: TownOffice) -> None:
    answer = send(office, house="все")
    assert (answer.outcome, answer.errors) == ("rejected", ["house.unknown"])
