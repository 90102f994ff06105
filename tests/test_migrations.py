"""The journal's migrations lead to the tables that the program uses, from any earlier shape."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text

from inbox_worker.ledger import tables
from inbox_worker.ledger.database import REVISION, migrate
from inbox_worker.ledger.journal import open_journal


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), tables.metadata)


def test_a_new_journal_has_the_programs_shape(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    assert differences(journal.engine) == []
    journal.dispose()


def test_an_old_journal_is_brought_to_it_and_keeps_its_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        migrate(connection, "0001")
        columns = "id,arrival,ordinal,attachment,sha256,form,customer,outcome,month,complete_at,rows_read,rows_posted"
        more = "rules,documents,replaces,replaced_by,duplicate_of,sequence"
        values = "'IW-000001-1',1,1,'a.xlsx','0','tariffs','','accepted','','2026-08-20T10:00:00+05:00',2,2"
        values += ",'r','','','','',1"
        connection.execute(text(f"insert into submissions ({columns},{more}) values ({values})"))
    engine.dispose()
    journal = open_journal(url)
    assert differences(journal.engine) == []
    kept = journal.submission("IW-000001-1")
    assert kept is not None and vars(kept.changes) == {"added": 0, "changed": 0, "unchanged": 0, "gone": 0}
    with journal.engine.connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar() == REVISION
    journal.dispose()


def test_attempts_of_an_older_journal_become_tries_of_their_arrivals(tmp_path: Path) -> None:
    """What was tried twice before the update is not tried thrice more; what was decided and not moved is not
    decided again."""
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        migrate(connection, "0013")
        for number, sha256, outcome in (
            (1, "a", "'accepted'"),
            (2, "a", "NULL"),
            (3, "b", "'rejected'"),
            (4, "c", "NULL"),
        ):
            values = f"{number},'{sha256}','bigoperators','x','2026-08-20T10:00:00+05:00','','','','r',{outcome},0"
            connection.execute(text(f"insert into arrivals values ({values})"))
        for sha256, name, known, tries in (("a", "a.xlsx", "1", 2), ("b", "b.xlsx", "", 0), ("c", "INBOX/1/7", "", 3)):
            values = f"'bigoperators','{sha256}','{name}','','{known}',{tries},'OSError: x'"
            connection.execute(text(f"insert into attempts values ({values})"))
    engine.dispose()
    journal = open_journal(url)
    found = [(a.tries, a.why, a.place) for a in map(journal.arrival, (1, 2, 3, 4))]
    assert found == [
        (0, "", ""),
        (2, "OSError: x", "inbox/bigoperators/a.xlsx"),
        (0, "", "inbox/bigoperators/b.xlsx"),
        (3, "OSError: x", ""),
    ]
    journal.dispose()
