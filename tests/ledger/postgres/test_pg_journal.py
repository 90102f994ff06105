"""How the journal uses a PostgreSQL: its shape, its writers' queue, what it says when something is wrong."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, make_url, select, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import DBAPIError, IntegrityError

from inbox_worker.cli.demo import DemoError, run_demo
from inbox_worker.cli.homes import check_home, make_home
from inbox_worker.cli.support import library_said
from inbox_worker.core.errors import JournalError, is_environment_down
from inbox_worker.core.model import Arrival, Period
from inbox_worker.deciding.open_office import open_office
from inbox_worker.ledger import tables
from inbox_worker.ledger.guards import find_lacking
from inbox_worker.ledger.journal import Journal, open_journal
from inbox_worker.ledger.letters import Delivery, LetterState
from inbox_worker.ledger.outbox_tables import metadata
from inbox_worker.ledger.postgres import deciding_alone
from inbox_worker.ledger.shape import find_misshapen
from inbox_worker.month import office as context
from inbox_worker.month.office import Busy, lock_for_writing
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader
from tests.support.journals import TownOn
from tests.support.office import ROOT, customer, line, moment
from tests.support.postgres import PASSWORD, Postgres

NOW = moment("2026-08-20T12:00:00")
ODD_ORDER = ["B", "a", "a-b", "a_b", "ab", "я", "ө", "ё"]


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    opened = open_journal(url)
    yield opened
    opened.database.dispose()


def _arrival(name: str) -> Arrival:
    return Arrival(0, name, "korrektirovki", "a.eml", NOW, "", "raw")


# --- shape


def test_a_new_journal_has_the_programs_tables(journal: Journal) -> None:
    """And every text is ordered by code point: a column that a later migration adds, too."""
    with journal.database.engine.connect() as connection:
        assert_in_shape(connection)


def assert_in_shape(connection: Connection) -> None:
    other = "select table_name, column_name from information_schema.columns where table_schema = 'public' "
    other += "and table_name <> 'alembic_version' and (data_type = 'character varying' "
    other += "or data_type = 'text' and collation_name is distinct from 'C')"
    assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert connection.execute(text(other)).all() == []
    assert list(find_lacking(connection)) == []
    assert list(find_misshapen(connection)) == []


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "alter table journal_state alter arrival type smallint",
            "keeps arrival of journal_state as 'SMALLINT not null'",
        ),
        (
            "alter table submissions alter rows_read drop not null",
            "keeps rows_read of submissions as 'INTEGER' instead",
        ),
        ("alter table months alter state type text", "keeps state of months as 'TEXT"),
        ("alter table months drop constraint months_pkey", "lacks the key primary (month) of months"),
        ("alter table months add unique (state)", "has a key unique (state) on months that is none of its own"),
        ("drop index ix_deliveries_message_id", "lacks its index ix_deliveries_message_id"),
    ],
)
def test_another_shape_of_the_servers_tables_is_named(journal: Journal, change: str, said: str) -> None:
    """Type, nullability, keys and indexes, as on SQLite: what a server lets an owner change beside the rows."""
    with journal.database.engine.connect().execution_options(writes=True) as connection, connection.begin() as changing:
        connection.execute(text(change))
        found = [one.what for one in find_misshapen(connection)]
        changing.rollback()
    assert len(found) == 1 and said in found[0], found


def test_a_journal_of_the_first_release_keeps_its_rows(server: Postgres) -> None:
    """`journal-0016-postgres.sql` was written by the program of 27.11.2026 and taken out by pg_dump. Each migration
    since comes, and the journal ends with the shape and the guards of a new one."""
    url = server.fresh()
    with server.asked(url.rpartition("/")[2]) as first:
        first.execute((ROOT / "tests/ledger/postgres/journal-0016-postgres.sql").read_bytes())
    journal = open_journal(url)
    with journal.database.engine.connect() as connection:
        assert_in_shape(connection)
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("update submissions set rows_read = 9 where id = 'IW-000001-1'"))
    kept = journal.submissions.get("IW-000001-1")
    assert kept is not None and kept.changes.added == 2 and kept.month == Period(2026, 9)
    assert [arrival.number for arrival in journal.arrivals.find_undecided()] == [2]
    assert journal.database.head().commits == 1
    journal.database.dispose()


def test_texts_are_ordered_by_code_point(journal: Journal) -> None:
    """The server's own order is Russian: `a-b` beside `ab`, `B` behind `a`, `ё` between `е` and `ж`."""
    with journal.transaction() as connection:
        for name in ODD_ORDER:
            connection.execute(tables.answer_files.insert().values(submission=name, sha256=""))
    with journal.database.connect_for_queries() as connection:
        column = tables.answer_files.c.submission
        found = list(connection.execute(select(column).order_by(column)).scalars())
    assert found == sorted(ODD_ORDER) != ODD_ORDER


# --- writers and readers


def test_writers_queue(journal: Journal, url: str) -> None:
    """The sender works beside the deciding: numbers given by either have no gap and no twin."""
    other = open_journal(url)
    failures: list[BaseException] = []

    def send() -> None:
        deliveries = other.letters
        try:
            for number in range(60):
                with other.transaction() as connection:
                    letter = Delivery(0, "receipt", 1, "", "m", "a@a.kz", "s", f"<{number}@a>", "", LetterState.QUEUED)
                    deliveries.add(connection, letter)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    beside = threading.Thread(target=send)
    beside.start()
    mine = journal.letters
    for number in range(60):
        with journal.transaction() as connection:
            mine.add(
                connection, Delivery(0, "bill", 0, "", "m", "b@b.kz", "s", f"<{number}@b>", "", LetterState.QUEUED)
            )
    beside.join()
    assert failures == []
    assert [letter.id for letter in mine.all()] == list(range(1, 121))
    other.database.dispose()


def test_readers_hold_no_transaction_and_see_what_is_committed(journal: Journal, server: Postgres, url: str) -> None:
    """A transaction left open keeps old rows of a whole server alive, and would show the past."""
    other = open_journal(url)
    assert other.arrivals.find_undecided() == []
    journal.arrivals.register(_arrival("1"))
    assert [arrival.sha256 for arrival in other.arrivals.find_undecided()] == ["1"]
    with server.asked() as connection:
        query = "select count(*) from pg_stat_activity where datname = %s and state like 'idle in%%'"
        row = connection.execute(query, (make_url(url).database,)).fetchone()
    assert row == (0,)
    other.database.dispose()


def test_a_commit_is_durable_whatever_the_server_does_by_default(server: Postgres, url: str) -> None:
    with server.asked() as connection:
        connection.execute(f"alter database {make_url(url).database} set synchronous_commit = off".encode())
    journal = open_journal(url)
    with journal.transaction() as connection_:
        assert connection_.execute(text("show synchronous_commit")).scalar() == "on"
        assert connection_.execute(text("show lock_timeout")).scalar() == "30s"
    journal.database.dispose()


def test_time_limits_of_the_server_end_nothing_of_ours(server: Postgres, url: str) -> None:
    """A close computes for minutes between two questions, and a writer waits for its turn; both were ended."""
    limits = ("statement_timeout", "idle_session_timeout", "idle_in_transaction_session_timeout")
    with server.asked() as connection:
        for limit in limits:
            connection.execute(f"alter database {make_url(url).database} set {limit} = '20ms'".encode())
    journal = open_journal(url)
    with journal.transaction() as connection_:
        assert [connection_.execute(text(f"show {limit}")).scalar() for limit in limits] == ["0"] * 3
    journal.database.dispose()


# --- what is told


def test_a_server_that_is_too_old_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PGDialect, "_get_server_version_info", lambda *_: (14, 9))
    with pytest.raises(JournalError, match="is PostgreSQL 14, and 15 or newer is needed"):
        open_journal(url)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql+psycopg://app:{secret}@127.0.0.1:1/journal", "See that the server runs"),
        ("postgresql://app:wrong-{secret}@127.0.0.1:{port}/postgres", "password authentication failed"),
        ("postgresql://app:{secret}@127.0.0.1:{port}/absent", 'database "absent" does not exist'),
        ("postgresql://app:{secret}@nowhere.invalid/journal", "nowhere.invalid"),
        ("postgresql://app:{secret}@a@127.0.0.1/journal", "%40"),
        ("postgresql://app@127.0.0.1:{secret}/journal", "is no URL like"),
        ("{secret}", "is no URL like"),
        ("mysql://app:{secret}@127.0.0.1/journal", "SQLite or PostgreSQL"),
    ],
)
def test_what_is_wrong_is_told_without_the_password(address: str, told: str, server: Postgres) -> None:
    with pytest.raises(JournalError) as caught:
        open_journal(address.format(secret=PASSWORD, port=server.port))
    assert told in str(caught.value)
    assert "INBOX_WORKER_JOURNAL" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert PASSWORD.partition("/")[0] not in repr(caught.value.__cause__)


def test_the_password_may_stand_in_a_file(
    tmp_path: Path, url: str, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As deploy/README.md tells: libpq's own password file, so that config.yaml holds no secret."""
    secrets = tmp_path / "pgpass"
    secrets.write_text(f"127.0.0.1:{server.port}:*:app:{PASSWORD}\n", "utf-8")
    secrets.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(secrets))
    journal = open_journal(url.replace(f":{PASSWORD}@", "@").replace("+psycopg", ""))
    assert journal.arrivals.find_undecided() == []
    journal.database.dispose()


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(JournalError, match=r"pip install 'psycopg\[binary\]'"):
        open_journal("postgresql://app@127.0.0.1/journal")


def test_a_database_without_every_letter_is_refused(server: Postgres) -> None:
    with server.asked() as connection:
        connection.execute(
            b"create database narrow encoding 'SQL_ASCII' template template0 locale_provider libc locale 'C'"
        )
    with pytest.raises(JournalError, match="createdb --encoding UTF8"):
        open_journal(server.url("narrow"))


def test_an_error_does_not_tell_rows(journal: Journal) -> None:
    """PostgreSQL quotes the key of a refused row: it belongs into no log."""
    row = {"submission": "Иванов", "sha256": ""}
    with pytest.raises(IntegrityError) as caught, journal.transaction() as connection:
        for _ in range(2):
            connection.execute(tables.answer_files.insert().values(**row))
    assert "23505" in str(caught.value) and "Иванов" not in str(caught.value) + str(caught.value.orig)
    assert not is_environment_down(caught.value)


def test_a_server_that_only_reads_is_nobodys_try(journal: Journal, server: Postgres, url: str) -> None:
    """After a failover the old server refuses to write: no file is to blame."""
    with pytest.raises(DBAPIError) as caught, journal.transaction() as connection:
        connection.execute(text("set transaction read only"))
        connection.execute(text("insert into months values ('2026-09', 'draft')"))
    assert is_environment_down(caught.value)
    assert "name the one that writes: mend INBOX_WORKER_JOURNAL" in library_said(caught.value)
    assert "restore" not in library_said(caught.value), "nothing of it is damaged"


def test_check_tries_the_journal(tmp_path: Path, server: Postgres, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_home(tmp_path / "home")
    monkeypatch.setenv("INBOX_WORKER_JOURNAL", url)
    assert check_home(tmp_path / "home") == []
    monkeypatch.setenv("INBOX_WORKER_JOURNAL", server.url("absent"))
    (problem,) = check_home(tmp_path / "home")
    assert "absent" in problem and PASSWORD not in problem
    with server.asked() as connection:
        name = make_url(url).database
        connection.execute(f"alter database {name} set default_transaction_read_only = on".encode())
    monkeypatch.setenv("INBOX_WORKER_JOURNAL", url)
    (problem,) = check_home(tmp_path / "home")
    assert "this server only reads, as a standby does" in problem


def test_check_tries_whether_the_journal_s_disk_has_room(
    tmp_path: Path, server: Postgres, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading works on a full disk: `check` said that all is well while no letter was taken any more."""
    make_home(tmp_path / "home")
    monkeypatch.setenv("INBOX_WORKER_JOURNAL", url)
    full = "raise exception 'could not extend file' using errcode = '53100'"
    with create_engine(url).begin() as connection:
        connection.exec_driver_sql(
            f"create function no_room() returns event_trigger language plpgsql as $$ begin {full}; end $$"
        )
        connection.exec_driver_sql(
            "create event trigger full_disk on ddl_command_start when tag in ('CREATE TABLE AS') "
            "execute function no_room()"
        )
    (problem,) = check_home(tmp_path / "home")
    assert "could not extend file" in problem and "make room on the disk of the journal's server" in problem


# --- one home, one database, one machine at a time


def test_another_machine_waits_or_is_told(
    tmp_path: Path, url: str, reader: CellReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TownOn(tmp_path / "home", reader, url):
        pass
    home = load_home(tmp_path / "home")
    monkeypatch.setattr(context, "_LOCK_SECONDS", 0.0)
    with deciding_alone(url, 1) as alone:
        assert alone
        with pytest.raises(Busy, match="another machine"), lock_for_writing(home):
            pass
    with lock_for_writing(home):
        pass


def test_who_lost_the_lock_of_the_home_writes_nothing(
    tmp_path: Path, server: Postgres, url: str, reader: CellReader
) -> None:
    """After a failover, or by an administrator's hand, its connection breaks alone: another machine decides then."""
    with TownOn(tmp_path / "home", reader, url):
        pass
    home, other = load_home(tmp_path / "home"), open_journal(url)
    lock = "select pg_terminate_backend(pid, 20000) from pg_locks where locktype = 'advisory' and database = "
    lock += f"(select oid from pg_database where datname = '{make_url(url).database}')"
    with lock_for_writing(home):
        other.arrivals.register(_arrival("1"))
        with server.asked() as connection:
            assert connection.execute(lock.encode()).fetchall() == [(True,)]
        with pytest.raises(DBAPIError, match="another machine may decide since") as caught:
            other.arrivals.register(_arrival("2"))
        assert is_environment_down(caught.value), "no arrival is to blame"
    with lock_for_writing(home):
        other.arrivals.register(_arrival("2"))
    assert len(other.arrivals.find_undecided()) == 2
    other.database.dispose()


def test_a_database_of_another_home_is_refused(tmp_path: Path, url: str, reader: CellReader) -> None:
    with TownOn(tmp_path / "home", reader, url) as town:
        town.load_customers(customer("A"))
        town.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    with open_office(load_home(tmp_path / "home")):
        pass
    with pytest.raises(JournalError, match="journal of another home"), TownOn(tmp_path / "other", reader, url):
        pass


def test_an_empty_database_for_a_home_with_facts_is_refused(
    tmp_path: Path, server: Postgres, url: str, reader: CellReader
) -> None:
    """Numbers would begin again, and months be computed of nothing."""
    with TownOn(tmp_path / "home", reader, url) as town:
        town.load_customers(customer("A"))
    with (
        pytest.raises(JournalError, match="the journal is empty|the journal of another home"),
        TownOn(tmp_path / "home", reader, server.fresh()),
    ):
        pass


def test_the_demo_keeps_out_of_a_real_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOX_WORKER_JOURNAL", "postgresql://app@127.0.0.1/journal")
    with pytest.raises(DemoError, match="unset it"):
        run_demo(tmp_path / "demo", 1, 1, 1)
    assert not (tmp_path / "demo").exists()
