"""4.1.17: an approved document that was exchanged together with the journal's rows goes to nobody; the act of its
approval says which bytes people saw."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inbox_worker.core.files import sha256
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import Move
from inbox_worker.outbox.review import Selection, chosen, move
from inbox_worker.outbox.round import deliver_all
from inbox_worker.outbox.verify import verify_ledger
from tests.outbox.desk import ACT, NOW, Desk, docx, write_at
from tests.outbox.post import Counter, Post

HELD = "outbox.not_approved"


def exchange(desk: Desk, path: Path, was: str = "approved", who: str = "folder", name: str = ACT) -> None:
    """Another file in the place of a document, and rows that agree with it."""
    data, version = docx("another account"), desk.version(name)
    write_at(path, data)
    with desk.office.journal.transaction() as connection:
        desk.out.change(connection, version.id, sha256=sha256(data), sha256_now=sha256(data), state="approved")
        step = Move(version.id, was, o.DocumentState.APPROVED, who, "2026-10-05T10:00:00+05:00", sha256(data))
        desk.out.add_move(connection, step)


def pass_and_send(desk: Desk, post: Post) -> list[str]:
    found = [problem.path for problem in deliver_all(desk.office, NOW) if problem.code == HELD]
    post.send_due(NOW)
    return found


@pytest.mark.parametrize("changed", ["move", "row alone"])
def test_an_approved_document_that_was_exchanged_with_its_rows_goes_to_nobody(
    changed: str, desk: Desk, post: Post, counter: Counter
) -> None:
    desk.render(names=[ACT])
    desk.look()
    path = desk.move(ACT, "pending", "approved")
    desk.look()
    whole = path.read_bytes()
    exchange(desk, path)
    if changed == "row alone":
        with desk.office.journal.transaction() as connection:
            last = connection.execute(select(func.max(o.outbox_moves.c.id))).scalar()
            connection.execute(o.outbox_moves.delete().where(o.outbox_moves.c.id == last))
    for _ in range(2):
        assert pass_and_send(desk, post) == [path.relative_to(desk.root).as_posix()] and counter.letters == []
    [told] = [one for one in verify_ledger(desk.office.home) if one.file.endswith(ACT)]
    assert "no act of a person approved these bytes" in str(told)
    desk.move(ACT, "approved", "pending")
    desk.look()
    write_at(desk.file("pending"), whole)
    desk.look()
    desk.move(ACT, "pending", "approved")
    assert pass_and_send(desk, post) == [] and len(counter.letters) == 2


@pytest.mark.parametrize("who", ["folder", "rule"])
def test_a_document_that_nobody_approved_goes_to_nobody(who: str, desk: Desk, post: Post, counter: Counter) -> None:
    desk.render(names=[ACT])
    desk.look()
    path = desk.move(ACT, "pending", "approved")
    exchange(desk, path, was="pending", who=who)
    assert pass_and_send(desk, post) and counter.letters == []


def test_what_went_by_rule_and_waits_when_review_is_turned_on_says_so(desk: Desk) -> None:
    """Nobody changed the journal: the rule that stood for an approval is not there any more."""
    desk.render(names=[ACT])
    desk.look()
    path = desk.move(ACT, "pending", "approved")
    exchange(desk, path, who="rule")
    [told] = [one for one in desk.look().problems if one.code == HELD]
    for one in (told.text(desk.office.say), str(verify_ledger(desk.office.home))):
        assert "review" in one and "rules/delivery.yaml" in one


def test_what_people_amend_in_approved_or_approve_by_a_command_goes(desk: Desk, post: Post, counter: Counter) -> None:
    desk.render(names=[ACT])
    desk.look()
    move(desk.office, chosen(desk.office, [o.DocumentState.PENDING], Selection()), o.DocumentState.APPROVED, "A", NOW)
    write_at(desk.file("approved"), docx("amended"))
    assert pass_and_send(desk, post) == [] and len(counter.letters) == 2


def test_a_queued_letter_that_was_exchanged_with_its_row_does_not_leave(
    desk: Desk, post: Post, counter: Counter
) -> None:
    desk.render(names=[ACT])
    desk.look()
    desk.move(ACT, "pending", "approved")
    deliver_all(desk.office, NOW)
    letters = desk.office.journal.letters
    for letter in letters.all([LetterState.QUEUED]):
        kept = desk.office.home.archive / letter.path
        letter_of_ours = kept.read_bytes()
        own, other = (
            base64.encodebytes(f"{ACT} A {word}".encode()).replace(b"\n", b"\r\n") for word in ("first", "other")
        )
        assert own in letter_of_ours
        kept.write_bytes(letter_of_ours.replace(own, other))
        letters.change(letter.id, [LetterState.QUEUED], sha256=sha256(kept.read_bytes()))
    said = post.send_due(NOW)
    assert len(said) == 2 and all("other documents than people approved" in line for line in said)
    assert counter.letters == [] and {letter.state for letter in letters.all()} == {LetterState.REFUSED}
