"""A small form asks the journal a few questions, however many forms and Customers there are: each one asked for nothing
costs as much as ten rows."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line

MOST_QUESTIONS = 16  # of them some that the test asks itself


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "cold_water", base="счётчик", tariff="50", meter="M-1", reading="100"),
        line("B", "1002", "cold_water", base="счётчик", tariff="50", meter="M-2", reading="100"),
    )


office = copies_of(town)


def reading(account: str, meter: str, current: str) -> Row:
    return {
        "account": account, "service": "cold_water", "meter": meter, "current": current, "taken_on": "20.08.2026",
    }  # fmt: skip


@pytest.fixture
def asked(office: TownOffice) -> list[str]:
    """The questions that the journal is asked from now on."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            found.append(" ".join(statement.split()))

    event.listen(office.office.journal.database.engine, "before_cursor_execute", note)
    return found


def test_a_small_form_asks_the_journal_few_questions(office: TownOffice, asked: list[str]) -> None:
    office.ingest("meter_readings", [reading("1001", "M-1", "105")], received="2026-08-20")
    asked.clear()
    answer = office.ingest("meter_readings", [reading("1002", "M-2", "106")], by="B", received="2026-08-20")
    assert answer.outcome == "accepted"
    assert len(asked) <= MOST_QUESTIONS, len(asked)
    asked.clear()
    answer = office.ingest("meter_readings", [reading("1002", "M-2", "107")], by="B", received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", ["row.replaced"])
    assert len(asked) <= MOST_QUESTIONS, len(asked)


def test_every_code_of_the_ledger_is_looked_up_only_for_an_account_that_is_unknown(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = type(office.office.directory).codes
    looked: list[str] = []

    def look(directory: Any, column: str) -> Any:
        looked.append(column)
        return codes(directory, column)

    monkeypatch.setattr(type(office.office.directory), "codes", look)
    office.ingest("meter_readings", [reading("1001", "M-1", "105")], received="2026-08-20")
    assert looked == []
    answer = office.ingest("meter_readings", [reading("1003", "M-1", "105")], received="2026-08-20")
    assert answer.codes == ["account.unknown"] and {*looked} == {"account"}
