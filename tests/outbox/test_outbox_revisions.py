"""4.1.11: acts are numbered without gaps or repeats; what was sent stays, and a later close makes a revision of it."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from inbox_worker.contract.act_life import find_acts
from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.page import describe_contract
from inbox_worker.core.hashes import DamagedFile
from inbox_worker.core.model import Period
from inbox_worker.explain.explain import explain_anything
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox.cancel import CancelError, cancel_act
from inbox_worker.outbox.export import make_export
from inbox_worker.outbox.listing import documents_json
from inbox_worker.outbox.manifest_proof import find_wrong_manifests
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.review import chosen, move
from inbox_worker.outbox.round import deliver_all
from inbox_worker.outbox.staff_page import write_report
from tests.outbox.desk import ACT, MONTH, NOW, TURNOVER, Desk, load_registers
from tests.outbox.post import Counter, Post, files_of
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, payment

SECOND = "act-2026-09 ред. 2.docx"


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


@pytest.mark.slow
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
        assert [str(one) for one in find_wrong_manifests(closed.office, None, "")] == []
    names = [v.name for v in closed.out.versions((DocumentState.SENT,)) if v.bin == bin_of("A")]
    assert names == [ACT, SECOND, "act-2026-09 ред. 3.docx"]


@pytest.mark.slow
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
    assert "2026-00003" in office.office.journal.closes.document_dates(bin_of("A"), "act")


def lives(desk: Desk, on: date = date(2026, 10, 6)) -> list[tuple[str, str, str, str]]:
    """Number, state, what cancels it and what it was made instead of, of each act of Customer A."""
    acts = [act for act in find_acts(desk.office, on) if act.customer == bin_of("A")]
    return [(act.number, act.state.value, act.ended_by, act.instead_of) for act in acts]


def cancelled(desk: Desk, post: Post) -> Path:
    """Customer A's act of September, sent, then cancelled; the file that cancels it."""
    render(desk, "act", only=bin_of("A"))
    send_all(desk, post)
    return cancel_act(desk.office, desk.file("sent"), "сумма не та", NOW)


def test_4_3_7_a_cancelled_act_is_cancelled_everywhere(closed: Desk, post: Post) -> None:
    cancelled(closed, post)
    assert lives(closed) == [("2026-00001", "cancelled", "2026-00002", "")]
    [duty] = [one for one in find_duties(closed.office, date(2026, 10, 6)) if one.duty == "customer.act"]
    assert (duty.source, duty.state(date(2026, 10, 6)), duty.met_by) == ("2026-00001", "met", "2026-00002")
    [act] = describe_contract(closed.office, bin_of("A"), date(2026, 10, 31))["acts"]
    assert (act["state"], act["cancelled_by"], act["accepted"]) == ("cancelled", "2026-00002", "")
    [row] = documents_json(closed.office, [closed.version(state="sent")], NOW)
    assert row["act"]["state"] == "cancelled"
    assert "2026-00001 → 2026-00002" in write_report(closed.office, Period.parse(MONTH), NOW.date()).read_text("utf-8")
    told = "\n".join(explain_anything(closed.office, str(closed.file("sent")), "", NOW.date()))
    assert "2026-00001" in told and "отменён" in told and "2026-00002" in told
    assert lives(closed, date(2026, 10, 4)) == [("2026-00001", "made", "", "")], "before it was sent and cancelled"


@pytest.mark.quick("True")
@pytest.mark.parametrize("anew", [False, True])
def test_4_3_7_the_act_made_instead_has_a_new_number_and_names_the_old(
    office: TownOffice, closed: Desk, post: Post, anew: bool
) -> None:
    """Of the same close, where its words were wrong, or of another one."""
    cancelled(closed, post)
    if anew:
        close_again(office)
    render(closed, "act", only=bin_of("A"))
    render(closed, "act", only=bin_of("A"))
    text = words(closed.file("pending", SECOND).read_bytes())
    assert "2026-00003" in text and "взамен отменённого № 2026-00001" in text and "ред. 2" not in text
    send_all(closed, post)
    assert [one[:2] for one in lives(closed)] == [("2026-00001", "cancelled"), ("2026-00003", "delivered")]
    assert lives(closed)[1][3] == "2026-00001"
    assert lives(closed, date(2026, 10, 30))[1][1] == "accepted by silence"
    render(closed, "act", only=bin_of("A"))
    assert not [path for path in closed.lying() if path.startswith("pending/")], "it is there already"
    again = cancel_act(closed.office, closed.file("sent", SECOND), "и это не то", NOW)
    assert "№ 2026-00003" in words(again.read_bytes()) and lives(closed)[1][2] == "2026-00004"


def test_4_3_7_the_refusal_of_an_act_is_settled_by_its_cancelling(office: TownOffice, closed: Desk, post: Post) -> None:
    render(closed, "act", only=bin_of("A"))
    send_all(closed, post)
    row = {"act": "2026-00001", "answer": "отказ", "answered_on": "05.10.2026", "reason": "сумма не та"}
    office.hand_in("act_response", [row], received="2026-10-05T15:00")
    [task] = office.office.journal.tasks.open()
    assert (task.kind, lives(closed)[0][1]) == ("act_response", "refused")
    cancel_act(closed.office, closed.file("sent"), "по отказу", NOW)
    assert office.office.journal.tasks.open() == []
    settled = office.office.journal.tasks.find(task.id)
    assert settled is not None and settled.note == "→ № 2026-00002"


def test_a_cancelling_act_that_people_reject_cancels_nothing(closed: Desk, post: Post) -> None:
    path = cancelled(closed, post)
    closed.look()
    closed.move(path.name, "pending", "rejected")
    closed.look()
    assert lives(closed) == [("2026-00001", "delivered", "", "")]


def test_any_other_document_is_revised_when_it_differs_from_what_was_sent(desk: Desk, post: Post) -> None:
    desk.render(names=[TURNOVER])
    send_all(desk, post)
    desk.render(names=[TURNOVER], text="corrected template")
    assert desk.look().problems == []
    assert desk.version("turnover-2026-09 ред. 2.xlsx").state is DocumentState.PENDING
    assert desk.state(TURNOVER) == "sent"


@pytest.mark.slow
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


def exported(desk: Desk) -> tuple[dict[str, bytes], str]:
    """The files of A's export by name, and its page."""
    with zipfile.ZipFile(io.BytesIO(make_export(desk.office, bin_of("A"), date(2026, 11, 1)).zip.data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    return files, files["index.html"].decode()


@pytest.mark.slow
def test_an_export_holds_the_act_that_was_delivered_not_the_one_made_instead(closed: Desk, post: Post) -> None:
    """4.1.14: what the Customer was given, byte for byte; what nobody approved is named as not delivered."""
    render(closed)
    send_all(closed, post)
    given = closed.file("sent").read_bytes()
    cancel_act(closed.office, closed.file("sent"), "ошибка в тарифе", NOW)
    replaced = [path.name for path in render(closed, "act", only=bin_of("A"))]
    closed.look()
    files, page = exported(closed)
    acts = {name: data for name, data in files.items() if name.startswith("2026-09/act-")}
    assert acts == {f"2026-09/{ACT}": given}
    assert replaced and all(name in page for name in replaced), "named as not delivered"
    assert "файл, который передан заказчику" in page
    assert "файл составлен по закрытию" in page, "debtors were never delivered"
    turnover = closed.file("sent", TURNOVER).read_bytes()
    assert files[f"2026-09/{TURNOVER}"] == turnover
    send_all(closed, post)
    files, page = exported(closed)
    acts = {name for name in files if name.startswith("2026-09/act-")}
    assert {f"2026-09/{ACT}", *(f"2026-09/{name}" for name in replaced)} < acts, "and the one that cancels"


def test_an_export_takes_no_document_that_was_changed_after_it_was_delivered(closed: Desk, post: Post) -> None:
    render(closed)
    send_all(closed, post)
    closed.file("sent").write_bytes(b"another")
    with pytest.raises(DamagedFile, match="differs from what the journal names"):
        exported(closed)
