"""A copy as docs/operations.md tells to make it: the mark, the journal, then the home, while work goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import make_url

from inbox_worker.core.errors import JournalError
from inbox_worker.deciding.open_office import open_office
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader
from tests.support.journals import TownOn, in_config, known
from tests.support.office import customer, line
from tests.support.postgres import Postgres

MINUS = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-7"}


def _copy(home: Path, copy: Path, url: str) -> None:
    shutil.copytree(home, copy)
    in_config(copy, url)


@pytest.mark.slow
def test_a_copy_goes_on_where_the_journal_was(tmp_path: Path, reader: CellReader, server: Postgres, url: str) -> None:
    home, dump = tmp_path / "home", str(tmp_path / "journal.dump")
    with TownOn(home, reader, url) as town:
        town.load_customers(customer("A"))
        town.load_directory(line("A", "1001", "maintenance", tariff="30", area="10", balance="100"))
        town.ingest("recalculations", [MINUS], received="2026-08-20")
        town.close("2026-09")
        mark = (home / "ledger" / "mark").read_bytes()
        server.run("pg_dump", "--format", "custom", "--file", dump, make_url(url).database or "")
        then = known(town.office.journal.database.engine)
        town.reopen("2026-09")
        later = town.ingest("recalculations", [{**MINUS, "past_month": "05.2026"}], received="2026-08-21")
        restored = server.fresh()
        name = make_url(restored).database or ""
        server.run("pg_restore", "--clean", "--if-exists", "--no-owner", "--dbname", name, dump)
        _copy(home, tmp_path / "copy", restored)
        with pytest.raises(JournalError, match="older than the files"), open_office(load_home(tmp_path / "copy")):
            pass
        (tmp_path / "copy" / "ledger" / "mark").write_bytes(mark)
    with open_office(load_home(tmp_path / "copy")) as office:
        assert known(office.journal.database.engine) == then
    with TownOn(tmp_path / "copy", reader, restored) as town:
        again = town.ingest("recalculations", [{**MINUS, "past_month": "04.2026"}], received="2026-08-22")
        assert again.codes == ["month.closed"] and again.id == later.id, "the month is closed there; numbers go on"
        late = town.ingest("recalculations", [{**MINUS, "past_month": "05.2026"}], received="2026-08-27")
        assert late.outcome == "deferred" and late.month == "2026-10", "files that no journal named do no harm"


def test_a_journal_newer_than_its_files_is_refused(tmp_path: Path, reader: CellReader, url: str) -> None:
    with TownOn(tmp_path / "home", reader, url) as town:
        town.load_customers(customer("A"))
        _copy(tmp_path / "home", tmp_path / "copy", url)
        town.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    with pytest.raises(JournalError, match="of another day"), open_office(load_home(tmp_path / "copy")):
        pass
