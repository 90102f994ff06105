"""4.3.7: an act is signed, or refused with a reason."""

from __future__ import annotations

import pytest

from inbox_worker.model import Period
from tests.support.office import TownOffice, bin_of, customer, moment


@pytest.mark.parametrize(
    ("change", "outcome", "codes"),
    [
        ({}, "accepted", []),
        ({"answer": "Қол қойылды"}, "accepted", []),
        ({"answer": "отказ", "reason": "Не согласны с суммой"}, "accepted", []),
        ({"answer": "Отказано"}, "rejected", ["act.no_reason"]),
        ({"answer": "может быть"}, "rejected", ["value.not_a_choice"]),
        ({"answered_on": "21.10.2026"}, "rejected", ["date.absurd"]),
        ({"act": "2026-00001 ред. 2"}, "accepted", []),
        ({"act": "2020-77777"}, "accepted", ["act.unknown"]),
    ],
)
def test_an_answer_to_an_act(office: TownOffice, change: dict[str, object], outcome: str, codes: list[str]) -> None:
    office.load_customers(customer("A"))
    dated = moment("2026-10-05").date()
    number, _ = office.office.journal.document_number(Period(2026, 9), bin_of("A"), "act", dated)
    row = {"act": number, "answer": "подписан", "answered_on": "14.10.2026", **change}
    answer = office.ingest("act_response", [row], received="2026-10-20")
    assert (answer.outcome, answer.codes) == (outcome, codes)
    assert len(office.facts("act_response")) == (outcome == "accepted")
