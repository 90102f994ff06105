"""A mailbox is watched on while the journal's own server is away, and its letters are decided when it is back."""

from __future__ import annotations

from pathlib import Path

import pytest
from mailbox_home import SECRET, mail, make_mail_home, service
from mailbox_server import PASSWORD, Dovecot

from inbox_worker.ledger.journal import open_journal
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support import postgres
from tests.support.journals import TownOn
from tests.support.office import ROOT, customer, line


@pytest.mark.slow
@pytest.mark.skipif(bool(postgres.why_not()), reason=postgres.why_not())
def test_letters_wait_for_the_journal(tmp_path: Path, shared: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, PASSWORD)
    users = {"korrektirovki": "journal-k", "bigoperators": "journal-b"}
    with postgres.served() as server:
        limits = load_rules(ROOT / "rules").limits
        with CellReader(limits) as reader, TownOn(tmp_path / "town", reader, server.fresh()) as town:
            town.load_customers(customer("A"))
            town.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
        home = make_mail_home(tmp_path / "town", tmp_path / "home", shared, users)
        with service(home) as running:
            home.deliver(mail(1))
            assert "INBOX-1.eml accepted" in running.line()
            for number in (2, 3):
                server.crash()
                home.deliver(mail(number))
                while "journal" not in running.problem():
                    pass
                server.start()
                assert f"INBOX-{number}.eml accepted" in running.line()
            home.wait_for_folders({"Processed": 3})
            assert running.end() == 0
        assert home.folders() == {"Processed": 3}
        journal = open_journal(load_home(home.path).journal_url)
        assert [arrival.outcome for arrival in journal.arrivals.all()] == ["accepted"] * 5
        journal.database.dispose()
