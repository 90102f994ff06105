"""4.1.17: a row that is added to the journal or taken away by hand is told at any later proof, whatever the program has
committed since, until a person answers for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from inbox_worker.ledger.certificate_tables import metadata
from inbox_worker.ledger.journal import open_journal
from tests.ledger.integrity.life import Life
from tests.support.journals import unguarded


def by_hand(life: Life, change: Callable[[Connection], object]) -> None:
    journal = open_journal(life.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        change(connection)
    journal.database.dispose()


def add(name: str, connection: Connection, **other: Any) -> None:
    """Add a copy of the table's last row, with the next number or with other values."""
    table = metadata.tables[name]
    [key] = table.primary_key
    last = connection.execute(table.select().order_by(key.desc()).limit(1)).mappings().one()
    row = dict(last) | ({key.key: last[key.key] + 1} if isinstance(last[key.key], int) else {}) | other
    connection.execute(table.insert().values(row))


def remove(name: str, connection: Connection) -> None:
    statement = f"delete from {name} where id = (select max(id) from {name})"  # noqa: S608
    assert connection.execute(text(statement)).rowcount == 1


def told(life: Life) -> list[str]:
    """Return what `ledger verify` says of the journal; of rows that came by hand `audit verify` says the same."""
    audit = json.loads(life.run("audit", "verify", "--json").out)["problems"]
    proven = [
        one["what"].removeprefix("says that ")
        for one in json.loads(life.run("ledger", "verify", "--json").out)["problems"]
    ]
    assert [one for one in audit if "by hand" in one] == [one for one in proven if "by hand" in one]
    return proven


def commit(life: Life) -> None:
    assert life.run("incident", "open", "чужой вход").code == 0


def test_rows_by_hand_are_told_whatever_came_since_until_a_person_answers(life: Life) -> None:
    assert told(life) == []
    changes: dict[str, Callable[[str, Connection], None]]
    changes = {"outbox_moves": add, "findings": add, "outbox_documents": remove}
    for table, change in changes.items():
        by_hand(life, partial(change, table))
    at_once = [one for one in told(life) if "by hand" in one]
    assert {table: sum(table in one for one in at_once) for table in changes} == dict.fromkeys(changes, 1), at_once
    commit(life)
    for _ in range(2):
        assert [one for one in told(life) if "by hand" in one] == at_once
    assert life.run("audit", "accept-rows", "--reason", "").code == 2
    assert life.run("audit", "accept-rows", "--reason", "опыт, Алия").code == 0
    assert [one for one in told(life) if "by hand" in one] == []
    assert "опыт, Алия" in life.run("audit", "list", "--security").out
    assert "nothing to accept" in life.run("audit", "accept-rows", "--reason", "опыт").err


@pytest.mark.slow
def test_numbers_that_the_state_keeps_and_somebody_spoils_are_told(life: Life) -> None:
    assert told(life) == []
    for change in ("numbers || 'x'", "'x' || numbers", "'4'"):
        by_hand(life, lambda connection, change=change: write_numbers(connection, change))
        assert sum("by hand" in one for one in told(life)) == 1
        commit(life)
        assert sum("by hand" in one for one in told(life)) == 1
        assert life.run("audit", "accept-rows", "--reason", "опыт").code == 0
        assert [one for one in told(life) if "by hand" in one] == []


def write_numbers(connection: Connection, change: str) -> None:
    connection.execute(text(f"update journal_state set numbers = {change}"))  # noqa: S608


@pytest.mark.parametrize("entry", ['{"figures"# {}}', "[1]"])
def test_a_value_that_is_none_of_its_column_is_a_line_of_every_command(life: Life, entry: str) -> None:
    """A turned bit is enough: whoever reads the row ends with a line that says where to look, and not with a fault."""
    by_hand(life, lambda connection: connection.execute(_SPOIL, {"entry": entry}))
    for command in (("ledger", "verify"), ("check",)):
        ran = life.run(*command)
        assert ran.code == 1 and "of outbox_documents holds" in ran.out and "restore the journal" in ran.out, command
    listed = life.run("outbox", "list")
    assert listed.code == 1 and "`inbox-worker ledger verify` names its row" in listed.err


_SPOIL = text("update outbox_documents set entry = :entry where id = (select min(id) from outbox_documents)")


def test_a_form_without_the_act_of_its_decision_is_told(life: Life) -> None:
    assert told(life) == []
    other = {"id": "IW-000005-7", "arrival": 5, "ordinal": 7, "sequence": 0, "outcome": "held"}
    by_hand(life, lambda connection: add("submissions", connection, **other))
    commit(life)
    for _ in range(2):
        assert any("row IW-000005-7 of submissions (whole) was not there" in one for one in told(life))


def test_a_row_in_a_gap_of_numbers_is_told(life: Life) -> None:
    """Its number is below the highest, so the highest says nothing of it."""
    by_hand(life, lambda connection: add("outbox_moves", connection, id=100))
    assert told(life) and life.run("audit", "accept-rows", "--reason", "опыт").code == 0
    assert told(life) == []
    by_hand(life, lambda connection: add("outbox_moves", connection, id=50))
    commit(life)
    for _ in range(2):
        assert [
            "row 50 of outbox_moves was not there, and its number had been given before" in one for one in told(life)
        ]
