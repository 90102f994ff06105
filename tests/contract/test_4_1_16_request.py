"""4.1.10, 4.1.13, 4.1.14, 4.1.16, 4.2.3, 7.2: what a Customer may ask for, and what else is read by people."""

from __future__ import annotations

import pytest

from tests.support.office import TownOffice, customer


@pytest.mark.parametrize(
    ("written", "kept", "codes"),
    [
        ("Ежедневный файл платежей", "Ежедневный файл платежей", []),
        ("удаленный доступ", "Удалённый доступ", []),
        ("Справочник", "Справочник лицевых счетов", []),
        ("Есептер мұрағаты", "Архив отчётов за 3 года", []),
        ("Файл структуры", "Начисления по файлу структуры", []),
        ("Коммуналдық жолдар", "Коммунальные строки", []),
        ("Справка о задолженности", "Справка о задолженности", ["value.unusual"]),
    ],
)
def test_a_request_is_recognised(office: TownOffice, written: str, kept: str, codes: list[str]) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("request", [{"kind": written, "since": "01.09.2026"}], received="2026-08-20")
    assert answer.outcome == "accepted" and answer.codes == codes
    assert [fact["kind"] for fact in office.facts("request")] == [kept]


def test_signature_lines_are_no_requests(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    rows = [{"kind": "Удалённый доступ"}, {"kind": "Директор ________ Қасымов Е."}, {"kind": "М.П."}]
    answer = office.ingest("request", rows, received="2026-08-20")
    assert answer.submissions[0]["rows_posted"] == 1 and answer.codes == []
