"""Attempts lie in the journal; what an older version kept as files is taken over."""

from __future__ import annotations

import errno
import json
import sqlite3
from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from worker_home import NOW, Place

from inbox_worker.ledger.journal import Journal, open_journal
from inbox_worker.rules import RulesError
from inbox_worker.service.attempts import Attempt, Attempts
from inbox_worker.service.passes import nothing_works

ONE = Attempt("bigoperators", "a" * 64, "вода\n.xlsx", NOW, (1, 20), 2, "OSError: нет места")


def file_of(folder: Path, attempt: Attempt) -> Path:
    """As versions before 0006 wrote it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{attempt.mailbox}-{attempt.sha256}.json"
    record = {**asdict(attempt), "received_at": attempt.received_at.isoformat()}
    path.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    return path


@pytest.fixture
def attempts(tmp_path: Path) -> Attempts:
    return Attempts(open_journal(f"sqlite:///{tmp_path / 'journal.db'}"))


def test_an_attempt_is_kept_changed_found_and_forgotten(attempts: Attempts) -> None:
    other = replace(ONE, mailbox="korrektirovki", known=(), name="")
    for attempt in (ONE, other, replace(ONE, tries=3)):
        attempts.keep(attempt)
    assert attempts.all() == [replace(ONE, tries=3), other]
    assert attempts.find("bigoperators", ONE.sha256) == replace(ONE, tries=3)
    attempts.forget(ONE)
    assert attempts.find("bigoperators", ONE.sha256) is None
    assert attempts.all() == [other]


def test_attempts_of_an_older_version_move_into_the_journal(attempts: Attempts, tmp_path: Path) -> None:
    folder = tmp_path / "attempts"
    file_of(folder, ONE)
    file_of(folder, replace(ONE, mailbox="korrektirovki"))
    (folder / ".half.json.tmp").write_text("{")
    attempts.adopt(folder)
    assert attempts.all() == [ONE, replace(ONE, mailbox="korrektirovki")]
    assert not folder.exists()
    attempts.adopt(folder)
    assert len(attempts.all()) == 2


def test_tries_of_an_older_version_count(place: Place) -> None:
    """Two tries before the update and one after it: the file is shown to staff, not tried thrice more."""
    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook("readings-cold_water-samal"))
    place.block_archive()
    for _ in range(2):
        place.once()
    [attempt] = place.attempts()
    assert attempt.tries == 2
    journal = open_journal(place.home.journal_url)
    Attempts(journal).forget(attempt)
    journal.dispose()
    file_of(place.home.ledger / "attempts", attempt)
    place.once()
    assert (place.readings / "failed" / "a.xlsx").exists()


def test_an_error_of_the_journal_does_not_tell_its_rows(tmp_path: Path) -> None:
    journal: Journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    with pytest.raises(IntegrityError) as caught, journal.transaction() as connection:
        for _ in range(2):
            connection.exec_driver_sql("insert into attempts values ('m', 's', ?, '', '', 0, '')", ("Иванов",))
    assert "Иванов" not in str(caught.value)
    journal.dispose()


def _sqlite(code: int) -> OperationalError:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    return OperationalError("insert", {}, error)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "full"), True),
        (OSError(errno.EROFS, "read only"), True),
        (OSError(errno.EMFILE, "handles"), True),
        (OSError(errno.EIO, "this file's sector"), False),
        (FileExistsError(errno.EEXIST, "there"), False),
        (_sqlite(sqlite3.SQLITE_FULL), True),
        (_sqlite(sqlite3.SQLITE_IOERR_SHMSIZE), True),
        (_sqlite(sqlite3.SQLITE_ERROR), False),
        (OperationalError("select", {}, ConnectionError("PostgreSQL is away")), True),
        (duckdb.IOException("IO Error: Could not write: No space left on device"), True),
        (duckdb.ConversionException("Could not convert"), False),
        (RulesError("mend it"), False),
    ],
)
def test_what_would_hit_every_file_is_nobodys_try(error: Exception, expected: bool) -> None:
    assert nothing_works(error) is expected


def test_a_full_disk_is_not_counted_against_a_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from inbox_worker.service import drop_source as worker_drop

    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook("readings-cold_water-samal"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(worker_drop, "take_in", full)
        for _ in range(5):
            place.once()
    assert file.exists() and [attempt.tries for attempt in place.attempts()] == [0]
    place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]
