"""4.1.11: acts are numbered without gaps or repeats; what was sent stays, and a later close makes a revision of it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox.cancel import CancelError, cancel_act
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.review import chosen, move
from inbox_worker.outbox.round import deliver_all
from tests.outbox.desk import ACT, MONTH, NOW, TURNOVER, Desk, load_registers
from tests.outbox.post import Counter, Post, files_of
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, payment

SECOND = "act-2026-09 ред. 2.docx"


@pytest.fixture(autouse=True)
def no_pdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """LibreOffice takes seconds and adds nothing here."""
    monkeypatch.setenv("PATH", str(tmp_path))


def render(desk: Desk, *kinds: str, only: str = "") -> list[Path]:
    return render_documents(desk.office, Period.parse(MONTH), kinds or ("act", "turnover"), only, NOW)


def send_all(desk: Desk, post: Post) -> None:
    desk.look()
    move(desk.office, chosen(desk.office, (DocumentState.PENDING,)), DocumentState.APPROVED, "command:aliya", NOW)
    deliver_all(desk.office, NOW)
    post.send_due(NOW)
    assert deliver_all(desk.office, NOW) == []


def words(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return parts.read("word/document.xml").decode()


def close_first(office: TownOffice) -> None:
    load_registers(office)
    office.load_payments(payment("1001", "777.77", number="1"))
    office.close(MONTH)


office = copies_of(close_first)


@pytest.fixture
def closed(desk: Desk) -> Desk:
    return desk


def close_again(office: TownOffice) -> None:
    office.reopen(MONTH)
    office.load_payments(payment("1002", "1000", number="2", to="A"))
    office.close(MONTH)


def test_the_act_of_a_later_close_revises_the_sent_one(
    office: TownOffice, closed: Desk, post: Post, counter: Counter
) -> None:
    render(closed)
    send_all(closed, post)
    first = closed.file("sent").read_bytes()
    close_again(office)
    paths = render(closed)
    assert closed.file("pending", SECOND) in paths
    send_all(closed, post)
    assert closed.file("sent").read_bytes() == first, "what was sent is never written over"
    second = closed.file("sent", SECOND).read_bytes()
    assert ("2026-00001 ред. 2" in words(second), "ред." in words(first)) == (True, False)
    assert (closed.version(SECOND).revision, closed.version(SECOND).close_number) == (2, 2)
    assert closed.manifest("sent")[ACT]["revised_by"] == SECOND
    assert closed.moves(ACT)[-1].note == f"revised by {SECOND}"
    letters = [letter for to, letter in counter.letters if to == "first@a.example"]
    assert [ACT in files_of(letters[0]), SECOND in files_of(letters[-1])] == [True, True]
    assert "Редакция 2" in letters[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_rendering_again_after_sending_changes_nothing(closed: Desk, post: Post) -> None:
    render(closed)
    send_all(closed, post)
    before = closed.lying()
    render(closed)
    assert closed.look().problems == [] and closed.lying() == before


def test_a_third_close_revises_again_and_rendering_it_twice_is_one_revision(
    office: TownOffice, closed: Desk, post: Post
) -> None:
    for number in (1, 2, 3):
        if number > 1:
            office.reopen(MONTH)
            office.load_payments(payment("1002", f"{number}000", number=str(number), to="A"))
            office.close(MONTH)
        render(closed, "act")
        render(closed, "act")
        send_all(closed, post)
    names = [v.name for v in closed.out.versions((DocumentState.SENT,)) if v.bin == bin_of("A")]
    assert names == [ACT, SECOND, "act-2026-09 ред. 3.docx"]


def test_an_unsent_act_is_rendered_anew_under_its_number(office: TownOffice, closed: Desk) -> None:
    render(closed, "act")
    closed.look()
    close_again(office)
    render(closed, "act")
    assert closed.look().problems == []
    assert "ред." not in words(closed.file("pending").read_bytes())
    assert [(v.close_number, v.state.value) for v in closed.out.versions() if v.bin == bin_of("A")] == [
        (1, "replaced"),
        (2, "pending"),
    ]


def test_numbers_have_no_gaps_and_no_repeats(office: TownOffice, closed: Desk, post: Post) -> None:
    render(closed, "act", only=bin_of("B"))
    render(closed, "act")
    send_all(closed, post)
    close_again(office)
    render(closed, "act")
    month = Period.parse(MONTH)
    last = month.first_day
    numbers = {who: office.office.journal.closes.document_number(month, bin_of(who), "act", last)[0] for who in "BA"}
    assert [numbers["B"][:10], numbers["A"][:10]] == ["2026-00001", "2026-00002"]
    assert office.office.journal.closes.document_number(month.plus(1), bin_of("A"), "act", last)[0] == "2026-00003"


def test_a_cancelled_act_stays_and_another_reverses_it(
    office: TownOffice, closed: Desk, post: Post, counter: Counter
) -> None:
    render(closed, "act")
    with pytest.raises(CancelError, match="no sent act"):
        cancel_act(closed.office, closed.file("pending"), "ошибка", NOW)
    send_all(closed, post)
    sent = closed.file("sent").read_bytes()
    close_again(office)  # the reversal is of the act's own close, whatever came later
    path = cancel_act(closed.office, closed.file("sent"), "договора нет", NOW)
    assert cancel_act(closed.office, closed.file("sent"), "договора нет", NOW) == path
    text = words(path.read_bytes())
    fee = sum(row["fee"] for row in office.table("2026-09.1", "payments") if row["customer"] == bin_of("A"))
    assert fee > 0 and f"-{fee}".replace(".", ",") in text and "Минус" in text
    assert "2026-00003" in text and "№ 2026-00001" in text and "договора нет" in text
    send_all(closed, post)
    name = "act-2026-09-cancels-1.docx"
    assert closed.state(name) == "sent" and closed.file("sent").read_bytes() == sent
    assert closed.manifest("sent")[name]["made_of"]["cancels"] == ACT
    with pytest.raises(CancelError, match="no sent act"):
        cancel_act(closed.office, closed.file("sent", name), "ещё раз", NOW)
    render(closed, "act")
    assert closed.look().problems == [] and closed.state(SECOND) == "pending"
    assert "2026-00003" in office.office.journal.closes.document_numbers(bin_of("A"), "act")


def test_any_other_document_is_revised_when_it_differs_from_what_was_sent(desk: Desk, post: Post) -> None:
    desk.render(names=[TURNOVER])
    send_all(desk, post)
    desk.render(names=[TURNOVER], text="corrected template")
    assert desk.look().problems == []
    assert desk.version("turnover-2026-09 ред. 2.xlsx").state is DocumentState.PENDING
    assert desk.state(TURNOVER) == "sent"


def test_what_is_on_its_way_is_revised_too(desk: Desk, post: Post) -> None:
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    deliver_all(desk.office, NOW)
    desk.town.reopen(MONTH)
    desk.town.load_payments(payment("1001", "1.00", number="2"))
    desk.town.close(MONTH)
    desk.render(names=[ACT], text="second", close=2)
    assert desk.look().problems == []
    assert (desk.state(ACT), desk.state(SECOND)) == ("approved", "pending")
    post.send_due(NOW)
    assert deliver_all(desk.office, NOW) == []
    assert (desk.state(ACT), desk.state(SECOND)) == ("sent", "pending")
