"""4.3.7: an act is signed, or refused with a reason; a person sees to the answer."""

from __future__ import annotations

import pytest

from inbox_worker.core.model import Period
from tests.support.office import TownOffice, bin_of, customer, moment


@pytest.mark.parametrize(
    ("change", "outcome", "codes"),
    [
        ({}, "held", []),
        ({"answer": "Қол қойылды"}, "held", []),
        ({"answer": "отказ", "reason": "Не согласны с суммой"}, "held", []),
        ({"answer": "Отказано"}, "rejected", ["act.no_reason"]),
        ({"answer": "может быть"}, "rejected", ["value.not_a_choice"]),
        ({"answered_on": "21.10.2026"}, "rejected", ["date.absurd"]),
        ({"act": "2026-00001 ред. 2"}, "held", []),
        ({"act": "2020-77777"}, "held", ["act.unknown"]),
    ],
)
def test_an_answer_to_an_act(office: TownOffice, change: dict[str, object], outcome: str, codes: list[str]) -> None:
    office.load_customers(customer("A"))
    dated = moment("2026-10-05").date()
    number, _ = office.office.journal.closes.document_number(Period(2026, 9), bin_of("A"), "act", dated)
    row = {"act": number, "answer": "подписан", "answered_on": "14.10.2026", **change}
    answer = office.ingest("act_response", [row], received="2026-10-20")
    assert (answer.outcome, answer.month) == (outcome, None)
    assert answer.codes == ([*codes, "task.received"] if outcome == "held" else codes)
    assert bool(answer.submissions[0]["task"]) == (outcome == "held")
    assert office.facts("act_response") == []
