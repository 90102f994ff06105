"""A journal has the tables that the program uses, made anew or brought on from the first release."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from inbox_worker.core.errors import JournalError
from inbox_worker.core.model import Period
from inbox_worker.ledger.acts import find_acts
from inbox_worker.ledger.journal import open_journal
from inbox_worker.ledger.mail_places import Inbox
from inbox_worker.ledger.outbox_tables import metadata
from inbox_worker.month.audit import audit_problems
from tests.support.journals import unguarded
from tests.support.office import ROOT


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


def test_a_new_journal_has_the_programs_shape(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    assert differences(journal.database.engine) == []
    journal.database.dispose()


def test_a_journal_of_the_first_release_keeps_its_rows(tmp_path: Path) -> None:
    """`journal-0016.sql` was written by the program of 27.11.2026, before a new journal was made of the tables."""
    with closing(sqlite3.connect(tmp_path / "journal.db")) as first:
        first.executescript((ROOT / "tests/ledger/journal-0016.sql").read_text("utf-8"))
    journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    assert differences(journal.database.engine) == []
    kept = journal.submissions.get("IW-000001-1")
    assert kept is not None and kept.changes.added == 2 and kept.month == Period(2026, 9)
    assert [arrival.number for arrival in journal.arrivals.find_undecided()] == [2]
    assert journal.database.head().commits == 1
    journal.database.dispose()


@pytest.mark.parametrize(
    ("moved_to", "place"),
    [(None, "imap://k@mail.kz/INBOX;UIDVALIDITY=7/;UID=12;SIZE=345"), ("Held", "imap://k@mail.kz/INBOX -> Held")],
)
def test_a_letter_of_the_first_release_keeps_its_place(tmp_path: Path, moved_to: str | None, place: str) -> None:
    """It had a row of its own, and must not be fetched and decided again."""
    with closing(sqlite3.connect(tmp_path / "journal.db")) as first:
        first.executescript((ROOT / "tests/ledger/journal-0016.sql").read_text("utf-8"))
        row = ("k@mail.kz", "INBOX", 7, 12, "korrektirovki", 345, "0" * 64, 2, moved_to)
        first.execute("insert into mail_places values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        first.commit()
    journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    assert journal.arrivals.get(2).place == place
    places, inbox = journal.places, Inbox("korrektirovki", "k@mail.kz", "INBOX", 7)
    assert places.knows("k@mail.kz", "INBOX") and not places.knows("k@mail.kz", "Other")
    assert places.find_unmoved(inbox) == ({} if moved_to else {12: (2, 345)})
    journal.database.dispose()


def test_a_journal_of_an_unknown_version_is_refused(tmp_path: Path) -> None:
    """An older one than the first release, or a newer one than this program: nothing is changed in it."""
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    for revision in ("0013", "9999"):
        journal = open_journal(url)
        with journal.database.engine.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :other"), {"other": revision})
        journal.database.dispose()
        with pytest.raises(JournalError, match=f"another version.*{revision}"):
            open_journal(url)
        with closing(sqlite3.connect(tmp_path / "journal.db")) as same:
            assert same.execute("select version_num from alembic_version").fetchall() == [(revision,)]
        (tmp_path / "journal.db").unlink()


def test_acts_of_an_earlier_journal_are_chained_as_they_stand(tmp_path: Path) -> None:
    """4.1.17: what was recorded before the chain is in it, and cannot be changed from then on unseen."""
    with closing(sqlite3.connect(tmp_path / "journal.db")) as first:
        first.executescript((ROOT / "tests/ledger/journal-0016.sql").read_text("utf-8"))
        for number, who in enumerate(("aina", "boris"), 1):
            row = (number, "2026-08-20T10:00:00+05:00", who, "release", "IW-000001-1", "paper")
            first.execute("insert into acts values (?, ?, ?, ?, ?, ?)", row)
        first.commit()
    journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    assert [act.who for act in find_acts(journal.database)][-2:] == ["aina", "boris"]
    assert audit_problems(journal) == []
    with journal.database.transaction() as connection, unguarded(connection):
        connection.execute(text("update acts set who = 'nobody' where who = 'aina'"))
    assert any("release IW-000001-1" in problem for problem in audit_problems(journal))
    journal.database.dispose()
