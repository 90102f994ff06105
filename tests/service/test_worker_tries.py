"""What counts as a try, and what says that nothing works now."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import duckdb
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from worker_home import Place

from inbox_worker.core.errors import is_environment_down
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.ledger.journal import Journal, open_journal
from inbox_worker.settings.rules import RulesError


def test_an_error_of_the_journal_does_not_tell_its_rows(tmp_path: Path) -> None:
    journal: Journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    with pytest.raises(IntegrityError) as caught, journal.transaction() as connection:
        for _ in range(2):
            connection.exec_driver_sql("insert into months values (?, 'open')", ("Иванов",))
    assert "Иванов" not in str(caught.value)
    journal.database.dispose()


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
    assert is_environment_down(error) is expected


def test_a_full_disk_is_not_counted_against_a_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook("readings-cold_water-samal"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "decide", full)
        for _ in range(5):
            place.once()
    assert file.exists() and [(arrival.tries, arrival.outcome) for arrival in place.arrivals()] == [(0, None)]
    place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]
