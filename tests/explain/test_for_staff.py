"""What staff do about a finding is told to staff, and not to the sender (4.3.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from inbox_worker.core.model import Language
from inbox_worker.explain.explain import explain_anything
from tests.support.fixtures import office
from tests.support.office import TownOffice, customer, line
from tests.support.papers import SCAN

__all__ = ["office"]


@pytest.mark.quick(0)
@pytest.mark.parametrize(("language", "told"), [("ru", "сотруднику: Впишите"), ("kk", "қызметкерге: Тапсырыс"),
                                                ("en", "for staff: Впишите")])  # fmt: skip
def test_explain_says_what_staff_do_and_the_answer_does_not(office: TownOffice, language: Language, told: str) -> None:
    office.load_customers(customer("A", kind="субъект сервиса"))
    office.load_directory(line("A", "1001", "gas_maintenance", base="кв.", tariff="300"))
    row = {"account": "1001", "service": "ВДГО", "tariff": "300", "charged": "300", "balance": "0"}
    answer = office.ingest("service_charges", [row], received="2026-08-20", documents=[SCAN])
    assert answer.finding("attestation.unknown")["remedy"] == "Пришлите копию аттестата."
    read_in = replace(office.office, language=language)
    lines = explain_anything(read_in, answer.id, "", date(2026, 8, 21))
    assert sum(told in one for one in lines) == 1
