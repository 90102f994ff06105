"""Another document under a document's name is personal data of somebody else: told, and never mailed (4.1.17)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox.review import chosen, unfit_to_move
from inbox_worker.outbox.round import deliver_all
from inbox_worker.workbooks.cells import CellReader
from tests.outbox.desk import ACT, NOW, TURNOVER, Desk, write_at
from tests.outbox.post import Counter, Post
from tests.support.journals import TownOn
from tests.support.office import customer, line
from tests.support.postgres import served, why_not

HELD = "outbox.another_document"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def desk(request: pytest.FixtureRequest, tmp_path: Path, reader: CellReader) -> Iterator[Desk]:
    if request.param == "sqlite":
        with TownOn(tmp_path / "home", reader, "sqlite:///ledger/journal.db") as office:
            yield _desk(office)
        return
    if why_not():
        pytest.skip(why_not())
    with served() as server, TownOn(tmp_path / "home", reader, server.fresh()) as office:
        yield _desk(office)


def _desk(office: TownOn) -> Desk:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(line("A", "1001", "maintenance", tariff="1", area="1"))
    return Desk(office)


def held(desk: Desk, post: Post) -> dict[str, str]:
    """Path -> where the document belongs that lies there, by a pass and its sending."""
    problems = deliver_all(desk.office, NOW)
    post.send_due(NOW)
    return {problem.path: problem.more for problem in problems if problem.code == HELD}


def shown(desk: Desk, path: Path) -> str:
    return path.relative_to(desk.root).as_posix()


@pytest.mark.parametrize("seen", [True, False])
def test_another_customers_document_is_held_until_the_own_one_is_back(
    seen: bool, desk: Desk, post: Post, counter: Counter
) -> None:
    for who in ("A", "B"):
        desk.render(who, names=[TURNOVER])
    if seen:  # else the manifests alone know whose they are
        desk.look()
    own = desk.move(TURNOVER, "pending", "approved")
    data = own.read_bytes()
    write_at(own, desk.file("pending", TURNOVER, "B").read_bytes())
    assert held(desk, post) == {shown(desk, own): shown(desk, desk.file("pending", TURNOVER, "B"))}
    assert counter.letters == []
    write_at(own, data)
    assert held(desk, post) == {} and len(counter.letters) == 1


def test_two_documents_that_changed_places_are_both_held(desk: Desk, post: Post, counter: Counter) -> None:
    desk.render()
    desk.look()
    first, second = desk.move(ACT, "pending", "approved"), desk.move(TURNOVER, "pending", "approved")
    one, other = first.read_bytes(), second.read_bytes()
    write_at(first, other)
    write_at(second, one)
    assert set(held(desk, post)) == {shown(desk, first), shown(desk, second)} and counter.letters == []


def test_what_was_put_there_while_it_waited_for_review_is_not_approved_by_a_command(desk: Desk) -> None:
    for who in ("A", "B"):
        desk.render(who, names=[ACT])
    desk.look()
    write_at(desk.file("pending"), desk.file("pending", ACT, "B").read_bytes())
    desk.look()
    told = unfit_to_move(desk.office, chosen(desk.office, (DocumentState.PENDING,)), NOW)
    assert [(problem.code, problem.path) for problem in told] == [(HELD, shown(desk, desk.file("pending")))]


def test_a_document_of_a_month_long_sent_is_known_too(desk: Desk, post: Post, counter: Counter) -> None:
    desk.render("B", names=[ACT], month="2026-08")
    desk.look()
    sent = desk.folder("approved", "B", "2026-08") / ACT
    sent.parent.mkdir(parents=True)
    shutil.move(desk.folder("pending", "B", "2026-08") / ACT, sent)
    old = sent.read_bytes()
    held(desk, post)
    held(desk, post)
    letters = len(counter.letters)
    assert letters and desk.version(ACT, "B").state == "sent"
    desk.render("A", names=[ACT])
    desk.look()
    own = desk.move(ACT, "pending", "approved")
    write_at(own, old)
    assert list(held(desk, post)) == [shown(desk, own)] and len(counter.letters) == letters
