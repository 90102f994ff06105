"""4.3.11: a house that leaves is told within 2 calendar days of learning of it."""

from __future__ import annotations

import pytest

from tests.support.office import TownOffice, customer, line


def send(office: TownOffice, received: str = "2026-08-20", **more: object) -> object:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="50"))
    row = {"house": "H-1", "left_on": "31.08.2026", "reason": "Собрание", "learned_on": "18.08.2026", **more}
    return office.ingest("house_exit", [row], received=received)


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
    assert (answer.outcome, answer.codes) == (outcome, codes)  # type: ignore[attr-defined]
    assert len(office.facts("house_exit")) == (outcome == "accepted")
