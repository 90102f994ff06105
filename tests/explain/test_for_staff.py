"""What staff do about a finding is told to staff, and not to the sender (4.3.2)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from inbox_worker.cli.main import app
from inbox_worker.core.model import Language
from inbox_worker.explain.explain import explain_anything
from inbox_worker.settings.shipped_rules import shipped_findings
from tests.support.fixtures import office
from tests.support.office import TownOffice, customer, line
from tests.support.papers import SCAN

__all__ = ["office"]
FINDINGS = shipped_findings()
# told to staff alone, who load a register of ours, or hear of a fault of ours
OF_COMMANDS = {"arrival.failed", "form.not_a_register", "register.past_month", "stop.closed"}
COMMANDS = {command.name or command.callback.__name__ for part in app.registered_groups if part.typer_instance
            for command in part.typer_instance.registered_commands if command.callback}  # fmt: skip


def test_no_remedy_speaks_to_staff_or_names_a_command() -> None:
    assert {"confirm", "admit", "retry"} <= COMMANDS
    known = re.compile(rf"(?i)отруднику:|ызметкерге:|inbox-worker|\b({'|'.join(map(re.escape, COMMANDS))})\b")
    speak = {code for code, rule in FINDINGS.items() if known.search(f"{rule.remedy_ru} {rule.remedy_kk}")}
    assert speak == OF_COMMANDS


def test_what_staff_do_is_worded_in_both_languages() -> None:
    told = {code: (rule.staff_ru, rule.staff_kk) for code, rule in FINDINGS.items() if rule.staff_ru or rule.staff_kk}
    assert len(told) > 10 and all(ru and kk and ru != kk for ru, kk in told.values())


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
