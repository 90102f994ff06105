"""Terms of both parties over days off, counted on a paper calendar: Republic Day of a Sunday (25.10.2026: Monday is
off), Nauryz (21-23 March, moved on where it is on a week-end), a leap February, New Year, a working Saturday."""

from __future__ import annotations

from datetime import date

import pytest

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.duty import distribution_due, due_after, due_in_month
from inbox_worker.core.model import Period
from inbox_worker.settings.rules import Rules, load_rules
from tests.support.office import ROOT, TownOffice, bin_of, customer, line


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(ROOT / "rules")


@pytest.mark.parametrize(
    ("duty", "start", "due"),
    [
        ("customer.act", "2026-10-22", "2026-10-28"),  # Thursday: 23, [26 off], 27, 28
        ("customer.act", "2026-03-20", "2026-03-30"),  # Friday; 21 to 25 March off: 26, 27, 30
        ("customer.act", "2027-03-19", "2027-03-29"),  # Friday; 22, 23 off, 24 for Sunday the 21st: 25, 26, 29
        ("customer.act", "2024-05-02", "2024-05-06"),  # Thursday: 3, the working Saturday 4, 6
        ("customer.requisites", "2028-02-28", "2028-03-02"),  # Monday: 29 February, 1, 2 March
        ("customer.representative", "2027-12-15", "2027-12-21"),  # Wednesday; 16 off, 17, 20, 21
        ("customer.proofs", "2027-03-05", "2027-03-10"),  # Friday; Monday the 8th off: 9, 10
        ("customer.force_majeure", "2027-05-05", "2027-05-14"),  # 7 off, 10 for Sunday the 9th: 6, 11, 12, 13, 14
        ("customer.original", "2026-12-10", "2027-01-05"),  # 16 December, 1 January off, 4 for Saturday the 2nd
        ("operator.incident", "2026-10-23", "2026-10-27"),
        ("operator.request", "2026-10-23", "2026-11-02"),  # Friday: 27, 28, 29, 30, Monday
        # calendar days run on days off as well, and over the end of February
        ("customer.contact", "2026-10-22", "2026-10-25"),
        ("customer.house_exit", "2028-02-27", "2028-02-29"),
        ("customer.mend", "2027-03-20", "2027-03-22"),
        ("customer.withdrawal", "2028-03-30", "2028-02-29"),
        ("customer.withdrawal", "2027-03-30", "2027-02-28"),
        ("customer.withdrawal_new_terms", "2027-03-29", "2027-03-22"),
        ("customer.withdrawal_force_majeure", "2026-10-30", "2026-10-25"),
        ("customer.house_contract", "2028-03-15", "2028-02-29"),
        ("customer.attestation", "2028-03-03", "2028-02-29"),
        ("operator.prices", "2028-03-10", "2028-02-29"),
        ("customer.export", "2028-01-31", "2028-02-29"),  # a month: to the last day of a shorter one
        ("customer.export", "2027-01-31", "2027-02-28"),
        ("customer.export", "2026-02-28", "2026-03-28"),
    ],
)
def test_a_term_of_days(rules: Rules, duty: str, start: str, due: str) -> None:
    assert due_after(rules.duties[duty].term, date.fromisoformat(start), rules) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("duty", "month", "due"),
    [
        ("operator.bills", (2027, 3), "2027-03-22"),  # 4.1.2 names the day; it is off, and stays
        ("operator.reports", (2026, 11), "2026-12-12"),  # Saturday
        ("operator.act", (2028, 1), "2028-02-29"),
        ("operator.act", (2027, 1), "2027-02-28"),
        ("customer.act_paper", (2027, 7), "2027-08-15"),  # Sunday
        ("customer.service_file", (2026, 11), "2026-10-25"),  # Republic Day, a Sunday: `none` of deadlines.yaml
        ("customer.readings", (2026, 4), "2026-03-25"),  # off for Nauryz
    ],
)
def test_a_term_that_names_its_day_of_the_month(rules: Rules, duty: str, month: tuple[int, int], due: str) -> None:
    rule = rules.duties[duty]
    assert due_in_month(rule, Period(*month), rules) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("came", "paid_on", "due"),
    [
        ("2026-10-23", "2026-10-22", "2026-10-28"),  # Friday: 27, 28
        ("2026-03-20", "2026-03-19", "2026-03-27"),  # Friday; 21 to 25 March off: 26, 27
        ("2027-03-05", "2027-03-04", "2027-03-11"),  # of the first days of a month: 9, 10, and 11
        ("2028-02-28", "2028-02-28", "2028-03-01"),
        ("2028-03-02", "2028-03-01", "2028-03-07"),  # Thursday: 3, 6, and 7; the 8th is off
    ],
)
def test_4_1_7_banking_days_of_a_statement(rules: Rules, came: str, paid_on: str, due: str) -> None:
    found = distribution_due(rules, date.fromisoformat(came), date.fromisoformat(paid_on))
    assert found == date.fromisoformat(due)


def test_a_task_over_republic_day_is_overdue_the_day_after_its_own(office: TownOffice) -> None:
    """4.2.3, 4.1.13: five working days from Friday the 23rd of October are Monday the 2nd of November."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "lift", base="кв.", tariff="90"))
    for kind in ("Начисления по файлу структуры", "Удалённый доступ"):
        answer = office.ingest("request", [{"kind": kind}], received="2026-10-23")
        [task] = [task for task in office.office.journal.tasks.open() if task.submission == answer.id]
        assert (task.customer, task.due) == (bin_of("A"), date(2026, 11, 2))
        states = [
            next(duty.state(day) for duty in find_duties(office.office, day) if duty.source == task.id)
            for day in (date(2026, 11, 2), date(2026, 11, 3))
        ]
        assert states == ["open", "overdue"]


@pytest.mark.quick("2026-10-25T23:59:59-2026-11", "2026-10-26T00:00:00-2026-12")
@pytest.mark.parametrize(("received", "month"), [
    ("2026-10-25T23:59:59", "2026-11"), ("2026-10-26T00:00:00", "2026-12"),  # Republic Day, a Sunday
    ("2028-02-25T23:59:59", "2028-03"), ("2028-02-29T12:00:00", "2028-04"),
    ("2026-03-25T23:59:59", "2026-04"), ("2026-03-26T00:00:00", "2026-05"),  # off for Nauryz
])  # fmt: skip
def test_4_3_2_the_25th_counts_also_on_a_day_off(office: TownOffice, received: str, month: str) -> None:
    """A minus sent then is charged in that month's draft."""
    start = Period.of(date.fromisoformat(received[:10]))
    office.load("customers", [customer("A")], now=f"{start}-01")
    standing = line("A", "1001", "lift", base="кв.", tariff="90", start=start.form_text)
    office.load_directory(standing, now=f"{start}-01")
    minus = {"account": "1001", "service": "lift", "past_month": start.plus(-1).form_text, "amount": "-10"}
    answer = office.ingest("recalculations", [minus], received=received)
    assert (answer.outcome in ("accepted", "deferred"), answer.month) == (True, month), answer.findings
    assert office.drafted(month)["1001", bin_of("A"), "lift"]["recalculated"] == -10
