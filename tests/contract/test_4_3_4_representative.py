"""4.3.4: a new first head, with minutes and order, in 3 working days."""

from __future__ import annotations

import pytest

from tests.support.office import TownOffice, customer
from tests.support.papers import SCAN


def row(**more: object) -> dict[str, object]:
    papers = {"minutes": "№ 4 от 17.08.2026", "appointment": "№ 11-к от 18.08.2026"}
    return {"name": "Әбдіраманова Гүлнәр", "role": "Директор", "changed_on": "18.08.2026", **papers, **more}


def test_a_new_head_waits_for_minutes_and_order(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("representative", [row()], received="2026-08-20")
    assert answer.outcome == "held" and answer.codes == ["documents.awaited", "confirmation.awaited"]
    [released] = office.release(answer.id, "paper", "2026-08-21")
    assert (released.outcome.value, released.held_for) == ("held", ("confirmation",))
    assert office.facts("representative") == []
    [confirmed] = office.confirm(answer.id, "протокол показан", "2026-08-24")
    assert (confirmed.outcome.value, confirmed.month, confirmed.documents) == ("accepted", None, "paper")
    assert [f["name"] for f in office.facts("representative")] == ["Әбдіраманова Гүлнәр"]


def test_a_confirmation_that_comes_first_waits_for_the_documents(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("representative", [row()], received="2026-08-20")
    [confirmed] = office.confirm(answer.id, "звонок", "2026-08-20")
    assert (confirmed.outcome.value, confirmed.held_for) == ("held", ("documents",))
    reply = office.mail([SCAN], received="2026-08-21", text=f"К форме {answer.id}")
    assert reply.outcome == "accepted" and len(office.facts("representative")) == 1


@pytest.mark.parametrize(
    ("iin", "accepted"),
    [
        ("850101400011", True),
        ("850101400012", False),
        ("85010140001", False),
        ("999913999991", True),  # no such birth date: never judged
    ],
)
def test_an_iin_is_proved_by_its_check_digit_alone(office: TownOffice, iin: str, accepted: bool) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("representative", [row(iin=iin)], received="2026-08-20", documents=[SCAN])
    assert (answer.outcome, answer.codes) == (
        ("held", ["confirmation.awaited"]) if accepted else ("rejected", ["iin.invalid", "documents.needed"])
    )


def test_a_paper_without_its_date_and_a_late_notice_are_told(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    late = row(minutes="№ 4", changed_on="03.08.2026")
    answer = office.ingest("representative", [late], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "held"
    assert sorted(answer.codes) == ["confirmation.awaited", "notice.late", "paper.no_date"]


def test_a_forgotten_cell_is_told_and_not_taken_for_a_signature(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("representative", [row(appointment="")], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and answer.codes == ["value.missing", "documents.needed"]


@pytest.mark.parametrize("lacking", ["name", "minutes", "appointment"])
def test_a_row_with_two_wrong_cells_hears_of_both_and_is_no_signature(office: TownOffice, lacking: str) -> None:
    """`Директор` in its column begins like a line to sign on."""
    office.load_customers(customer("A"))
    wrong = row(**{lacking: "", "changed_on": "?12x"})
    answer = office.ingest("representative", [wrong], received="2026-08-20", documents=[SCAN])
    assert {"value.missing", "value.not_a_date"} <= set(answer.codes)
