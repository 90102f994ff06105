"""4.1.17: the journal's database itself refuses to change or delete what was recorded for good."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from inbox_worker.ledger.guards import GUARDED
from inbox_worker.ledger.journal import open_journal
from tests.ledger.integrity.life import Life

CHANGES = (
    "update acts set who = 'nobody' where number = 2",
    "delete from acts",
    "update fact_files set sha256 = 'x'",
    "delete from close_files",
    "update closes set sha256 = 'x'",
    "update arrivals set received_at = '2026-08-01T10:00:00+05:00'",
    "delete from arrivals where number = 1",
    "update submissions set outcome = 'rejected' where sequence > 0",
    "update submissions set complete_at = '2026-08-01T10:00:00+05:00' where sequence > 0",
    "delete from submissions where sequence > 0",
    "delete from customer_versions",
)
OF_SQLITE = "insert or replace into acts select number, at, 'nobody', act, subject, details, origin, '', '', hash"
OF_POSTGRES = "truncate acts"


def test_no_statement_changes_what_is_recorded_for_good(life: Life) -> None:
    journal = open_journal(life.journal)
    engine = journal.database.engine
    own = OF_SQLITE + " from acts" if engine.dialect.name == "sqlite" else OF_POSTGRES
    for change in (*CHANGES, own):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))
    journal.database.dispose()
    assert json.loads(life.run("audit", "verify", "--json").out)["problems"] == []


SILENTLY = {
    "sqlite": ['create trigger "Quiet one" after insert on deliveries begin delete from findings; end'],
    "postgresql": [
        "create function quiet() returns trigger language plpgsql as $$ begin return null; end $$",
        'create trigger "Quiet one" before insert on deliveries for each row execute function quiet()',
        "create rule quietly as on insert to findings do instead nothing",
    ],
}


@pytest.mark.quick(0)
def test_a_trigger_that_is_none_of_ours_is_named_and_taken_away(life: Life) -> None:
    """It could change each row as it is written, before anything has seen it."""
    journal = open_journal(life.journal)
    statements = SILENTLY[journal.database.engine.dialect.name]
    with journal.database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    journal.database.dispose()
    for command in (("check",), ("ledger", "verify")):
        said = life.run(*command)
        assert (
            said.code == 1 and "Quiet one on deliveries that is none of its own" in said.out and "put-back" in said.out
        )
        assert ("rule quietly on findings" in said.out) == (len(statements) > 1)
    assert life.run("ledger", "put-back").code == 0
    assert life.run("ledger", "verify").code == 0
    assert any("Quiet one" in line for line in life.run("audit", "list").out.splitlines())


@pytest.mark.quick(0)
def test_guards_that_were_taken_away_are_named(life: Life) -> None:
    journal = open_journal(life.journal)
    assert life.run("check").code == 0
    tables = {one.table for one in GUARDED}
    with journal.database.engine.begin() as connection:
        for table in tables:
            connection.execute(text(f"drop trigger {table}_not_deleted{f' on {table}' if life.url else ''}"))
    journal.database.dispose()
    said = life.run("check")
    told = {table for table in tables if f"lacks its guard {table}_not_deleted" in said.out}
    assert said.code == 1 and told == tables, tables - told
