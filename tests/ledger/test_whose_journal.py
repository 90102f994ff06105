"""A home with facts and a journal that knows nothing of them is no new home."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_worker.core.errors import JournalError
from inbox_worker.deciding.open_office import open_office
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import TODAY, TownOffice, customer


def test_a_command_without_the_services_journal_begins_none(
    tmp_path: Path,
    reader: CellReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Numbers would begin again, and months be computed of nothing."""
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    monkeypatch.setenv("INBOX_WORKER_JOURNAL", elsewhere)
    with TownOffice(tmp_path / "home", reader) as town:
        town.load_customers(customer("A"))
    home = load_home(tmp_path / "home")
    monkeypatch.delenv("INBOX_WORKER_JOURNAL")
    with pytest.raises(JournalError, match="name it alike"), open_office(home):
        pass
    monkeypatch.setenv("INBOX_WORKER_JOURNAL", elsewhere)
    with open_office(home) as office:
        assert office.journal.customers.on(TODAY)
