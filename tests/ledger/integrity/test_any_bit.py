"""4.1.17: whatever bit of the journal's file is turned, `ledger verify` says so where a row or the shape of a table is
another by it, in lines that name what it is and what mends it; the shape is put back by a command."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from inbox_worker.ledger.journal import open_journal
from tests.ledger.integrity.life import Life
from tests.support.journals import unguarded

BITS = 60
KEPT = ("journal.db", "mark", "verified.json")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, begun_here: Life) -> Life:
    """A home that `ledger verify` has seen, its journal in one file."""
    life = begun_here.copy(tmp_path_factory.mktemp("seen") / "home")
    assert life.run("ledger", "verify").code == 0
    with closing(sqlite3.connect(life.home / "ledger" / "journal.db")) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    for name in KEPT:
        shutil.copy2(life.home / "ledger" / name, life.home.parent / name)
    return life


@pytest.fixture
def proven(seen: Life) -> Life:
    """The same, whatever the test before did to its journal."""
    for path in (seen.home / "ledger").glob("journal.db-*"):
        path.unlink()
    for name in KEPT:
        shutil.copy2(seen.home.parent / name, seen.home / "ledger" / name)
    return seen


def problems(life: Life) -> list[dict[str, str]]:
    """What verify says: lines, never a fault."""
    ran = life.run("ledger", "verify", "--json")
    found = list(json.loads(ran.out)["problems"])
    assert ran.code == (1 if found else 0), ran
    return found


def content(path: Path) -> object:
    """All that a journal says: the shape of its tables and every row, or why it cannot be read."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.text_factory = bytes
            shape = connection.execute("select type, name, tbl_name, sql from sqlite_master").fetchall()
            tables = [name.decode() for kind, name, *_ in shape if kind == b"table"]
            said = [(*named, meaning(sql or b"")) for *named, sql in shape if named[1] != b"alembic_version"]
            return said, [
                connection.execute(f'select rowid, * from "{name}" not indexed').fetchall() for name in tables
            ]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return str(error)


def meaning(sql: bytes) -> bytes:
    """A statement but for what no row comes of: spaces, case, and defaults, for the program writes every value."""
    return re.sub(rb"DEFAULT '[^']*'|\s+", b" ", sql).upper()


def places(data: bytes, shape_too: int) -> Iterator[int]:
    """Bits of bytes that hold something; `shape_too`: so many of them in the first pages, where the shape is."""
    chance = random.Random(13)
    while True:
        within = shape_too * 4096 if chance.random() < 0.3 else len(data)
        place = chance.randrange(within)
        if data[place]:
            yield place * 8 + chance.randrange(8)


@pytest.mark.slow
def test_no_turned_bit_changes_a_row_or_a_table_unseen(proven: Life) -> None:
    path = proven.home / "ledger" / "journal.db"
    was, data, unseen, looked = content(path), path.read_bytes(), [], 0
    for bit in places(data, shape_too=12):
        turned = bytearray(data)
        turned[bit // 8] ^= 1 << bit % 8
        for old in path.parent.glob("journal.db-*"):
            old.unlink()
        path.write_bytes(turned)
        if content(path) == was:
            continue
        shutil.copy2(proven.home.parent / "verified.json", path.with_name("verified.json"))
        path.write_bytes(turned)
        found = problems(proven)
        if not found:
            unseen.append(bit)
        assert all(one["remedy"] or "cannot be opened" in one["what"] for one in found), (bit, found)
        looked += 1
        if looked == BITS:
            break
    assert unseen == []


SHAPES = (  # what is done to the journal, and how it is named
    ("drop index ix_deliveries_message_id", "lacks its index ix_deliveries_message_id: rows of deliveries"),
    ("create unique index other on tasks (kind)", "has an index other on tasks that is none of its own"),
    ("drop index fact_files_kind_month; create index fact_files_kind_month on fact_files (kind)",
     "has another index fact_files_kind_month than it was made with"),
    ("pragma writable_schema = on; update sqlite_master set sql = replace(sql, 'state VARCHAR(10)', 'state INTEGER')"
     " where name = 'months'", "keeps state of months as 'INTEGER not null' instead of 'VARCHAR(10) not null'"),
    ("drop trigger acts_not_deleted", "lacks its guard acts_not_deleted"),
)  # fmt: skip


def test_a_shape_that_was_changed_is_named_and_put_back(proven: Life) -> None:
    with closing(sqlite3.connect(proven.home / "ledger" / "journal.db")) as connection:
        rows = connection.execute("select * from months").fetchall()
        for statement, _ in SHAPES:
            connection.executescript(statement)
    found = problems(proven)
    assert [named for _, named in SHAPES if not any(named in one["what"] for one in found)] == []
    assert all("`inbox-worker ledger put-back`" in one["remedy"] for one in found), found
    checked = proven.run("check")
    assert checked.code == 1 and "lacks its index ix_deliveries_message_id" in checked.out
    assert proven.run("ledger", "put-back").code == 0
    assert problems(proven) == []
    with closing(sqlite3.connect(proven.home / "ledger" / "journal.db")) as connection:
        assert connection.execute("select * from months").fetchall() == rows
    assert any("none of its own" in line for line in proven.run("audit", "list").out.splitlines())


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("drop table letter_returns", "is damaged: it lacks its table letter_returns"),
        ("alter table months rename column state to was", "is damaged: it lacks columns of its table months: state"),
        ("alter table months add column more text", "is damaged: it has columns in its table months that are none of"),
    ],
)
def test_what_only_a_backup_has_is_named_as_such(proven: Life, statement: str, named: str) -> None:
    with closing(sqlite3.connect(proven.home / "ledger" / "journal.db")) as connection:
        connection.executescript(statement)
    [one] = problems(proven)
    assert named in one["what"] and "from one backup" in one["remedy"]
    assert "from one backup" in proven.run("ledger", "put-back").err


def test_an_index_that_does_not_agree_with_its_table_is_made_anew(proven: Life) -> None:
    path = proven.home / "ledger" / "journal.db"
    data = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        [(root,)] = connection.execute(
            "select rootpage from sqlite_master where name = 'ix_arrivals_sha256'"
        ).fetchall()
        [(digest,)] = connection.execute("select sha256 from arrivals where number = 3").fetchall()
    place = data.index(digest.encode(), (root - 1) * 4096)
    assert place < root * 4096
    path.write_bytes(data[: place + 9] + bytes([data[place + 9] ^ 1]) + data[place + 10 :])
    [one] = problems(proven)
    assert "its index ix_arrivals_sha256 does not agree with its table" in one["what"] and "put-back" in one["remedy"]
    said = proven.run("ledger", "put-back")
    assert said.code == 0 and "ix_arrivals_sha256" in said.out
    assert problems(proven) == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("customers", "address", "cast(x'd0d0' as text)"),
        ("acts", "at", "cast(x'32ff' as text)"),
        ("outbox_documents", "entry", "replace(entry, '\"close\"', '\"clote\"')"),
    ],
)
def test_bytes_that_are_no_text_are_named_by_row(proven: Life, table: str, column: str, value: str) -> None:
    journal = open_journal(proven.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.exec_driver_sql(f"update {table} set {column} = {value}")
    journal.database.dispose()
    found = problems(proven)
    assert all(f"of {table} holds " in one["what"] and f" in {column}, which is no" in one["what"] for one in found)
    assert found


def test_a_torn_index_answers_no_question_of_verify(proven: Life) -> None:
    """It gave a document without a month to what verify says beside, which ended with a fault."""
    path = proven.home / "ledger" / "journal.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "pragma writable_schema = on; update sqlite_master set rootpage = (select rootpage from sqlite_master "
            "where name = 'ix_tasks_arrival') where name = 'sqlite_autoindex_outbox_documents_1'"
        )
    found = problems(proven)
    assert found and all(one["what"].startswith("is damaged") for one in found), found
