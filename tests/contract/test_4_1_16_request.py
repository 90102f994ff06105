"""4.1.13, 4.2.3, 7.2: what a Customer asks of people, and what else is read by them."""

from __future__ import annotations

import pytest

from tests.support.office import TownOffice, customer


@pytest.mark.parametrize(
    ("written", "clause", "codes"),
    [
        ("удаленный доступ", "4.1.13", []),
        ("Файл структуры", "4.2.3", []),
        ("Коммуналдық жолдар", "7.2", []),
        ("Справка о задолженности", "4.1.16", ["value.unusual"]),
    ],
)
def test_a_request_is_recognised_and_waits_for_a_person(
    office: TownOffice, written: str, clause: str, codes: list[str]
) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("request", [{"kind": written, "since": "01.09.2026"}], received="2026-08-20")
    assert (answer.outcome, answer.month, answer.codes) == ("held", None, [*codes, "task.received"])
    told = answer.finding("task.received")
    assert told["clause"] == clause and "27.08.2026" in told["message"]  # five working days
    assert office.facts("request") == []


def test_signature_lines_are_no_requests(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    rows = [{"kind": "Удалённый доступ"}, {"kind": "Директор ________ Қасымов Е."}, {"kind": "М.П."}]
    answer = office.ingest("request", rows, received="2026-08-20")
    assert answer.submissions[0]["rows_read"] == 1 and answer.codes == ["task.received"]
