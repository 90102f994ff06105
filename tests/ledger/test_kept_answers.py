"""The journal's writer keeps answers in mind: never an older one than what was committed, never one that was not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from inbox_worker.core.model import Arrival, FactFile, MonthState, Outcome, Period, Submission
from inbox_worker.core.time import ALMATY
from inbox_worker.ledger.journal import Journal, open_journal

BIN, MONTH, NOW = "070140000011", Period(2026, 9), datetime(2026, 8, 20, 10, tzinfo=ALMATY)


class Full(Exception):
    """What ends a transaction in its middle."""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(f"sqlite:///{tmp_path}/journal.db")
    arrival = opened.arrivals.register(Arrival(0, "0" * 64, "bigoperators", "a.eml", NOW, "", "none"))
    assert arrival.number == 1
    yield opened
    opened.database.dispose()


def _post(
    journal: Journal, name: str, sequence: int, replaces: str = "", fails: bool = False, files: bool = True
) -> None:
    file = FactFile(f"facts/{name}.parquet", "0" * 64, "tariffs", BIN, MONTH, name, 1)
    outcome = Outcome.ACCEPTED
    submission = Submission(
        name, 1, sequence, "a.xlsx", f"{sequence:064d}", "tariffs", BIN, outcome, MONTH, NOW, 1, 1, "r",
        replaces=replaces, sequence=sequence,
    )  # fmt: skip
    with journal.transaction() as connection:
        journal.submissions.record(connection, submission, (), (file,) if files else ())
        if fails:
            raise Full


def _names(journal: Journal) -> list[str]:
    return [file.submission for file in journal.facts.files("tariffs", customer=BIN)]


def test_a_posting_is_the_last_of_the_facts_and_of_the_sequence(journal: Journal) -> None:
    """Asked before and after, with nothing read anew in between that a posting could be missing from."""
    assert (_names(journal), journal.submissions.next_sequence()) == ([], 1)
    _post(journal, "one", 1)
    assert (_names(journal), journal.submissions.next_sequence()) == (["one"], 2)
    _post(journal, "two", 2)
    assert (_names(journal), journal.submissions.next_sequence()) == (["one", "two"], 3)


def test_a_form_that_says_nothing_new_takes_a_place_in_the_order_too(journal: Journal) -> None:
    """All its rows are known already, so it has no facts; the next posting must not get the same number."""
    assert journal.submissions.next_sequence() == 1
    _post(journal, "one", 1, files=False)
    assert journal.submissions.next_sequence() == 2


def test_a_place_that_was_not_asked_for_is_no_proof_of_the_last(journal: Journal) -> None:
    """Postings that came in another order than they were numbered: the journal is asked."""
    _post(journal, "two", 2)
    _post(journal, "one", 1)
    assert (_names(journal), journal.submissions.next_sequence()) == (["one", "two"], 3)


def test_what_was_rolled_back_is_not_in_mind(journal: Journal) -> None:
    """A posting that fails gives back its place in the order, and its facts do not exist."""
    _post(journal, "one", 1)
    assert (_names(journal), journal.submissions.next_sequence()) == (["one"], 2)
    with pytest.raises(Full):
        _post(journal, "two", 2, fails=True)
    assert (_names(journal), journal.submissions.next_sequence()) == (["one"], 2)


def test_a_form_replaced_whole_is_not_in_force(journal: Journal) -> None:
    """Corrections (interface.md): the facts of the submission that another one replaces do not count any more."""
    _post(journal, "one", 1)
    assert _names(journal) == ["one"]
    _post(journal, "two", 2, replaces="one")
    assert _names(journal) == ["two"]


def test_a_month_closed_in_a_transaction_is_closed_after_it(journal: Journal) -> None:
    """Asked in the middle, the old state is the answer; after the commit the new one is."""
    assert journal.closes.months() == {}
    with journal.transaction() as connection:
        journal.closes.set_month(connection, MONTH, MonthState.CLOSED)
        assert journal.closes.months() == {}
    assert journal.closes.months() == {MONTH: MonthState.CLOSED}
