"""The sender works beside the deciding, without the home's lock: neither is thrown out of the journal."""

from __future__ import annotations

import threading
from pathlib import Path

from inbox_worker.core.model import Arrival
from inbox_worker.ledger.journal import open_journal
from inbox_worker.ledger.letters import Delivery, LetterState
from tests.support.office import moment

NOW = moment("2026-08-20T12:00:00")


def test_arrivals_are_registered_while_letters_change(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    journal, other = open_journal(url), open_journal(url)
    deliveries = other.letters
    with other.transaction() as connection:
        delivery = Delivery(0, "receipt", 1, "", "m", "a@a.kz", "s", "<m@a.kz>", "", LetterState.QUEUED)
        number = deliveries.add(connection, delivery)
    done = threading.Event()

    def change() -> None:
        while not done.is_set():
            assert deliveries.change(number, [LetterState.QUEUED], tries=1)

    beside = threading.Thread(target=change)
    beside.start()
    try:
        for count in range(300):
            journal.arrivals.register(Arrival(0, f"{count}", "korrektirovki", "a.eml", NOW, "", "raw"))
    finally:
        done.set()
        beside.join()
    assert len(journal.arrivals.find_undecided()) == 300
    journal.database.dispose()
    other.database.dispose()
