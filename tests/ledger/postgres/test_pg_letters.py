"""Letters that are withdrawn and documents that go in others: the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from inbox_worker.ledger.journal import Journal, open_journal
from inbox_worker.ledger.letter_reports import LetterReturn
from inbox_worker.ledger.letters import Delivery, LetterState, stamp
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from tests.support.office import moment

NOW = moment("2026-08-20T12:00:00")


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    where = f"sqlite:///{tmp_path}/journal.db" if request.param == "sqlite" else request.getfixturevalue("url")
    opened = open_journal(where)
    yield opened
    opened.database.dispose()


def letter(to: str, state: LetterState, at: str = stamp(NOW)) -> Delivery:
    own = f"<{to}.{state}@alseco.example>"
    return Delivery(0, "document", 0, "a.docx", "korrektirovki", to, "s", own, "", state, created_at=at)


def test_a_letter_withdrawn_gives_its_place(journal: Journal) -> None:
    out, letters = journal.documents, journal.letters
    version = Version(0, "2026-09", "1", "f", "a.docx", "act", "", "h", "h", DocumentState.APPROVED, 1, 1, "", "")
    with journal.transaction() as connection:
        document = out.add(connection, version)
        old = letters.add(connection, letter("a@a.example", LetterState.RETRY))
        proof = Proof(document, "mail", "a@a.example", LetterState.QUEUED, stamp(NOW), old, "<1@x>", sha256="h")
        out.prove(connection, proof)
    with journal.transaction() as connection:
        assert letters.withdraw(connection, old, "anew")
        new = letters.add(connection, letter("a@a.example", LetterState.QUEUED))
        out.prove_anew(connection, replace(proof, letter=new, message_id="<2@x>"))
        out.prove_anew(connection, replace(proof, recipient="b@a.example", letter=new, message_id="<2@x>"))
    assert [(p.recipient, p.letter) for p in out.proofs()] == [("a@a.example", new), ("b@a.example", new)]
    assert [p.recipient for p in out.proofs_of_letter(new)] == ["a@a.example", "b@a.example"]
    assert out.proofs_of_letter(old) == []
    found = letters.find(old)
    assert found and (found.state, found.last_answer) == (LetterState.DROPPED, "anew")


@pytest.mark.parametrize("state", [LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN])
def test_what_left_is_not_withdrawn(state: LetterState, journal: Journal) -> None:
    letters = journal.letters
    with journal.transaction() as connection:
        number = letters.add(connection, letter("a@a.example", state))
        assert not letters.withdraw(connection, number, "anew")


def test_the_last_letter_to_an_address(journal: Journal) -> None:
    letters = journal.letters
    with journal.transaction() as connection:
        letters.add(connection, letter("Buh@A.example", LetterState.SENT))
        second = letters.add(connection, replace(letter("buh@a.example", LetterState.UNCERTAIN)))
        letters.add(connection, letter("buh@a.example", LetterState.QUEUED))
        letters.add(connection, letter("other@a.example", LetterState.SENT))
        journal.letter_reports.add(connection, LetterReturn(second, 1, "unconfirmed", "", "said", stamp(NOW)))
    found = letters.last_to({"buh@a.example"}, NOW - timedelta(days=1))
    assert found and found.id == second
    assert letters.last_to({"buh@a.example"}, NOW + timedelta(days=1)) is None
    assert [one.fate for one in journal.letter_reports.all()] == ["unconfirmed"]
