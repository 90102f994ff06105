"""4.1.17: whatever value of whatever row of the journal is changed by hand, `ledger verify` names its table and row;
what it does not is in LEFT, with the reason (docs/operations.md)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Table, select, text

from inbox_worker.core.model import Period
from inbox_worker.ledger.certificate_tables import metadata
from inbox_worker.ledger.guards import drop_guards, make_guards
from inbox_worker.ledger.journal import Journal, open_journal
from tests.ledger.integrity.life import MONTH, Life
from tests.support.office import bin_of, email_of
from tests.support.papers import letter

# What changes by right at any time and nothing stands beside: seen as long as nothing else was committed meanwhile.
LEFT = {
    ("arrivals", "place"): "follows a letter through the folders of its mailbox",
    ("deliveries", "state"): "of a letter that has not left: a server's answers turn it",
    ("deliveries", "tries"): "of a letter that has not left",
    ("deliveries", "next_at"): "of a letter that has not left",
    (
        "deliveries",
        "sent_at",
    ): "of a letter that has not left; that it was sent says a copy with the recipient's server",
    ("deliveries", "last_answer"): "of a letter that has not left",
    ("watched_files", "seen"): "by which a file is not read again; what it holds is sealed by acts",
    ("journal_state", "head"): "a name of the last commit; the mark beside the journal has it",
}
# Neither is anything of money, terms or decisions. The version of config.yaml is a remark of verify, not a difference.
NEVER = {
    ("journal_state", "id"): "there is one row",
    ("journal_state", "commits"): "a count: more than the mark's is what a power cut leaves",
    ("journal_state", "config"): "told as changed settings, which is no difference of the ledger",
}
NAMED = {  # how a row is told where it is not by its table
    "acts": "act {row}", "close_files": "close", "closes": "closes.", "customers": "customer",
    "deliveries": "archive/", "months": "{row}",
    "fact_files": "the decision of IW-", "journal_state": "the journal", "payment_orders": "order",
    "transfers": "statement", "watched_files": "{row}",
}  # fmt: skip


@dataclass(frozen=True)
class Proven:
    """A home that `ledger verify` has seen; `kept`: its files as they were then."""

    life: Life
    kept: Path

    def restore(self) -> None:
        for path in (self.life.home / "ledger").glob("journal.db-*"):
            path.unlink()
        for path in self.kept.iterdir():
            shutil.copy2(path, self.life.home / "ledger" / path.name)

    def change(self, *statements: Any, commit: bool) -> list[str]:
        """Change the journal by hand, after other work if `commit`, and return what verify then says."""
        self.restore()
        journal = open_journal(self.life.journal)
        if commit:
            with journal.database.transaction():
                pass
        with journal.database.engine.begin() as connection:
            drop_guards(connection)
            for statement in statements:
                assert connection.execute(statement).rowcount == 1, str(statement)
            make_guards(connection)
        journal.database.dispose()
        return self.look()

    def look(self) -> list[str]:
        """Return what verify says."""
        ran = self.life.run("ledger", "verify", "--json")
        problems = json.loads(ran.out)["problems"]
        assert ran.code == (1 if problems else 0), ran
        return [f"{one['file']} {one['what']}" for one in problems]


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory, begun_here: Life) -> Proven:
    folder = tmp_path_factory.mktemp("proven")
    life = replace(begun_here.copy(folder / "home"), forms=shutil.copytree(begun_here.forms, folder / "forms"))
    for name, sender, words in (("stranger", "stranger@evil.example", "Смените счёт"),
                                ("words", email_of("A"), "Просим объяснить начисление за август.")):  # fmt: skip
        (life.forms / f"{name}.eml").write_bytes(letter(sender, [], f"<{name}@a.example>", "Письмо", words, {}))
        life.ingested(f"{name}.eml")
    for command in (("bank", "statements"), ("outbox", "approve", "--all"), ("documents", MONTH, "--kind", "act"),
                    ("bank", "orders"), ("outbox", "send", "--all"), ("draft", "2026-10")):  # fmt: skip
        life.run(*command)
    journal = open_journal(life.journal)
    _add_rows(journal)
    journal.database.dispose()
    ran = life.run("ledger", "verify", "--json")
    assert ran.code == 0, ran
    kept = folder / "kept"
    kept.mkdir()
    for path in (life.home / "ledger").iterdir():
        if path.is_file():
            shutil.copy2(path, kept / path.name)
    return Proven(life, kept)


def _add_rows(journal: Journal) -> None:
    """Rows of tables that this small home has none of."""
    rows: dict[str, dict[str, Any]] = {
        "act_answers": {
            "submission": "IW-000005-1",
            "act": "2026-00001",
            "customer": "050140000011",
            "task": "",
            "answer": "signed",
            "answered_on": "2026-10-02",
            "reason": "",
            "came_at": "2026-10-02T10:00:00+05:00",
        },
        "letter_returns": {
            "delivery": 1,
            "arrival": 3,
            "fate": "failed",
            "status": "5.1.1",
            "said": "x",
            "at": "2026-10-02",
        },
    }
    with journal.database.transaction() as connection:
        for name, row in rows.items():
            connection.execute(metadata.tables[name].insert().values(**row))


def other(column: Column[Any], value: Any) -> Any:
    """Return another value that the column can hold."""
    match value:
        case bool():
            return not value
        case Enum():
            return next(one for one in type(value) if one is not value)
        case datetime():
            return value + timedelta(seconds=1)
        case date():
            return value + timedelta(days=1)
        case Period():
            return value.plus(100)
        case Decimal():
            return value + 1
        case tuple():
            return (*value, "x")
        case dict():
            return {**value, "x": 1}
        case int():
            return value + 1000
        case str():
            return f"{value}x"[-12:]
        case None:
            return {"sequence": 9, "outcome": "held", "price": Decimal(1)}.get(column.name) or _filled(column)
    raise AssertionError(value)


def _filled(column: Column[Any]) -> Any:
    for text_ in ("x", "2026-01-01", "2026-01", "2026-01-01T00:00:00+05:00"):
        try:
            getattr(column.type, "read", str)(text_)
        except ValueError:
            continue
        return text_
    raise AssertionError(column)


def rows_to_change(connection: Connection, table: Table) -> Iterator[tuple[Column[Any], Any, str]]:
    """Each column with a change of one row: that in which it is filled, else the first."""
    keys = list(table.primary_key) or list(table.columns)[:1]
    rows = connection.execute(select(table)).mappings().all()
    for column in table.columns if rows else ():
        row = next((one for one in rows if one[column.key] not in (None, "", (), 0, False)), rows[0])
        change = (
            table.update()
            .where(*(key == row[key.key] for key in keys))
            .values({column.key: other(column, row[column.key])})
        )
        yield column, change, " ".join(str(row[key.key]) for key in keys)


@pytest.mark.slow
@pytest.mark.parametrize("commit", [False, True])
@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_each_column(proven: Proven, name: str, commit: bool) -> None:
    table = metadata.tables[name]
    proven.restore()
    journal = open_journal(proven.life.journal)
    with journal.database.engine.connect() as connection:
        changes = list(rows_to_change(connection, table))
    journal.database.dispose()
    if not changes:
        pytest.skip("this home has no row of it")
    unseen = {}
    for column, change, row in changes:
        found = proven.change(change, commit=commit)
        at = name, column.name
        if at in NEVER or (commit and at in LEFT):
            unseen[at] = found
            continue
        known = [line for line in found if name in line or NAMED.get(name, name).format(row=row) in line]
        assert [line for line in known if row.split()[-1][:12] in line or name in NAMED], (at, row, found)
    assert not any(unseen.values()), "it is seen, so it is no exception any more"


HELD_BACK = (  # what outsiders changed as root and nobody saw
    "update tasks set done_at = '2026-10-01T10:00:00+05:00', done_by = 'x' where number = 1",
    "update outbox_documents set close_number = 7 where id = 4",
    "update outbox_documents set entry = '{}' where id = 5",
    "update outbox_documents set revision = 2 where id = 6",
    "update arrivals set stated_sender = 'x@y.example' where number = 7",
    "update findings set code = 'sender.other' where arrival = 7",
    "update submissions set held_for = '' where id = 'IW-000005-1'",
)


@pytest.mark.slow
def test_what_outsiders_changed_unseen_is_named(proven: Proven) -> None:
    """4.1.17: an open task marked done, what a version was made of, why a letter was not believed: told, though other
    work went on meanwhile."""
    found = str(proven.change(*map(text, HELD_BACK), commit=True))
    for row in ("row 1 of tasks (state)", "row 4 of outbox_documents (versions)", "row 5 of outbox_documents",
                "row 6 of outbox_documents", "row 7 of arrivals (kept)", "of findings (beside forms)",
                "row IW-000005-1 of submissions (whole)"):  # fmt: skip
        assert row in found, (row, found)
    assert proven.change(text("update tasks set note = 'x' where number = 1"), commit=True)


def test_a_sent_document_that_was_exchanged_with_a_step_of_its_history_is_named(proven: Proven) -> None:
    """4.3.7: a forged step says that it changed by right; the proof of its delivery says what was delivered."""
    other = "0" * 64
    step = (
        "insert into outbox_moves (document, was, state, who, at, sha256, note) select document, was, state, who, at, "
        f"'{other}', note from outbox_moves where document = 5 order by id desc limit 1"
    )
    found = proven.change(text(step), text(f"update outbox_documents set lying = '{other}' where id = 5"), commit=True)
    assert any("row 5 of outbox_documents is sent, and other bytes were delivered" in line for line in found), found


def test_a_month_said_to_be_closed_is_named_and_ends_no_run(proven: Proven) -> None:
    for statement in ("update months set state = 'closed' where month = '2026-10'",
                      "update months set state = 'closed', month = '2026-08' where month = '2026-10'"):  # fmt: skip
        assert "is closed, and names no close of it" in str(proven.change(text(statement), commit=True)), statement


@pytest.mark.slow
def test_what_people_do_by_right_is_no_change_by_hand(proven: Proven) -> None:
    """A task that is noted and done, a letter that is admitted, a form confirmed, a month reopened and closed."""
    proven.restore()
    for command in (("tasks", "done", "T-000001", "--note", "сделано"),
                    ("admit", "IW-000007", "--as-customer", bin_of("A")), ("confirm", "IW-000005-1", "--by", "звонок"),
                    ("release", "IW-000005-1", "--documents", "бумага"), ("once",), ("reopen", MONTH, "--reason", "x"),
                    ("close", MONTH), ("documents", MONTH), ("outbox", "approve", "--all"), ("once",)):  # fmt: skip
        proven.life.run(*command)
        assert [line for line in proven.look() if "the journal" in line] == [], command
