"""`reply: review`: an answer to a sender is a document of the outbox and goes the way of all documents (4.3.2)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from reply_office import AnsweringOffice, smtp

from inbox_worker.ledger.letters import Delivery, LetterState
from inbox_worker.ledger.sent_documents import Version
from inbox_worker.outbox.listing import documents_json
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.send import resolve, send_due
from inbox_worker.outbox.use_cases import (
    Selection,
    approve_documents,
    confirm_handover,
    reject_documents,
    send_documents,
)
from inbox_worker.outbox.waiting import OutboxResult, list_documents
from inbox_worker.workbooks.cells import CellReader
from tests.support.here import Runner
from tests.support.mail_sink import Server, Sink
from tests.support.office import Row, bin_of, moment
from tests.support.papers import workbook

NOW = moment("2026-08-20T12:00:00")
ROW: Row = {"account": "1001", "service": "maintenance", "past_month": "06.2025", "amount": "-10"}
PLACE = "2026-08/receipts"
WHO = "command:akhmetova"


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


@pytest.fixture
def reviewed(tmp_path: Path, reader: CellReader, server: Server) -> Iterator[AnsweringOffice]:
    with AnsweringOffice.at(tmp_path / "home", reader, smtp=smtp(server.port), reply="review") as opened:
        yield opened


@pytest.fixture
def asked(reviewed: AnsweringOffice) -> AnsweringOffice:
    """A form was decided and its answer is up for review."""
    reviewed.ingest("recalculations", [ROW], received="2026-08-20")
    assert passed(reviewed) == []
    return reviewed


def passed(office: AnsweringOffice, at: datetime = NOW) -> list[str]:
    """A pass of the service, the sender after it, and the pass that follows."""
    pass_outbox(office.office, at)
    said = send_due(office.office, at)
    return said + pass_outbox(office.office, at)


def only(office: AnsweringOffice) -> Delivery:
    (delivery,) = office.office.journal.letters.all()
    return delivery


def version(office: AnsweringOffice) -> Version:
    return office.office.journal.documents.versions(kinds=["receipt"])[-1]


def lying(office: AnsweringOffice) -> list[str]:
    """Folders in which an answer lies."""
    outbox = office.folder / "outbox"
    return sorted(path.parent.relative_to(outbox).as_posix() for path in outbox.rglob("*.eml"))


def letters(office: AnsweringOffice, state: str) -> list[Path]:
    return sorted((office.folder / "outbox" / state / PLACE).glob("*.eml"))


def move(office: AnsweringOffice, state: str, was: str = "pending") -> Path:
    (file,) = letters(office, was)
    target = office.folder / "outbox" / state / PLACE / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    return file.rename(target)


def edited_at(file: Path, data: bytes, at: datetime) -> None:
    file.write_bytes(data)
    os.utime(file, (at.timestamp(), at.timestamp()))


def codes(told: list[str]) -> list[str]:
    return [line.partition(": ")[0].removeprefix("outbox.") for line in told]


# --- one list, one way ------------------------------------------------------------------------------------------


def test_an_answer_is_listed_beside_documents(asked: AnsweringOffice) -> None:
    found = list_documents(asked.office, Selection(), NOW)
    (row,) = documents_json(asked.office, found.documents, NOW)
    assert (row["kind"], row["state"], row["customer"]) == ("receipt", "pending", "office@a.example")
    assert (row["month"], row["due"], row["overdue"]) == ("2026-08", None, False)
    manifest = json.loads((asked.folder / "outbox" / "pending" / PLACE / "manifest.json").read_text("utf-8"))
    assert manifest["files"][version(asked).name]["sha256"] == only(asked).sha256
    assert list_documents(asked.office, Selection(kinds=["act"]), NOW).documents == []


def test_an_answer_waits_until_it_is_approved(asked: AnsweringOffice, sink: Sink) -> None:
    assert passed(asked, minutes(1)) == [] and not sink.letters and lying(asked) == [f"pending/{PLACE}"]
    move(asked, "approved")
    assert passed(asked) == []
    assert lying(asked) == [f"sent/{PLACE}"]
    assert letters(asked, "sent")[0].read_bytes() == sink.letters[0].data
    assert only(asked).state is LetterState.SENT
    (proof,) = asked.office.journal.documents.proofs(version(asked).id)
    assert (proof.way, proof.recipient, proof.state) == ("mail", "office@a.example", LetterState.SENT)


def test_the_commands_approve_and_send_an_answer(asked: AnsweringOffice, sink: Sink) -> None:
    approved = approve_documents(asked.office, Selection(kinds=["receipt"]), WHO, NOW)
    assert [v.kind for v in approved.documents] == ["receipt"] and not sink.letters
    sent = send_documents(asked.office, Selection(paths=letters(asked, "approved")), NOW)
    assert [v.state.value for v in sent.documents] == ["sent"] and not sent.problems and not sent.failure
    assert len(sink.letters) == 1 and lying(asked) == [f"sent/{PLACE}"]
    steps = [(step.state.value, step.who) for step in asked.office.journal.documents.moves(version(asked).id)]
    assert steps == [("pending", "program"), ("approved", WHO), ("sent", "program")]


def test_a_rejected_answer_is_not_sent_until_it_is_approved_after_all(asked: AnsweringOffice, sink: Sink) -> None:
    reject_documents(asked.office, Selection(kinds=["receipt"]), WHO, NOW)
    assert only(asked).state is LetterState.DROPPED and passed(asked) == [] and not sink.letters
    approve_documents(asked.office, Selection(paths=letters(asked, "rejected")), WHO, NOW)
    assert only(asked).state is LetterState.REVIEW
    assert passed(asked) == [] and len(sink.letters) == 1


def test_a_rejection_by_hand_drops_the_letter(asked: AnsweringOffice, sink: Sink) -> None:
    move(asked, "rejected")
    assert passed(asked) == []
    assert only(asked).state is LetterState.DROPPED and not sink.letters and lying(asked) == [f"rejected/{PLACE}"]


def test_an_answer_handed_over_is_not_mailed(asked: AnsweringOffice, sink: Sink) -> None:
    approve_documents(asked.office, Selection(kinds=["receipt"]), WHO, NOW)
    handed = confirm_handover(asked.office, Selection(kinds=["receipt"]), "paper", WHO, NOW)
    assert [v.state.value for v in handed.documents] == ["sent"]
    assert passed(asked) == [] and not sink.letters and only(asked).state is LetterState.DROPPED


def test_without_a_mail_server_an_approved_answer_waits_and_is_told(tmp_path: Path, reader: CellReader) -> None:
    with AnsweringOffice.at(tmp_path / "home", reader, reply="review") as office:
        office.ingest("recalculations", [ROW], received="2026-08-20")
        passed(office)
        move(office, "approved")
        assert codes(pass_outbox(office.office, NOW)) == ["no_mail"]
        assert only(office).state is LetterState.REVIEW and lying(office) == [f"approved/{PLACE}"]


# --- edits ------------------------------------------------------------------------------------------------------


def test_an_edit_goes_when_it_is_still_and_whole(asked: AnsweringOffice, sink: Sink) -> None:
    file = move(asked, "approved")
    data = file.read_bytes().replace(b"Auto-Submitted", b"X-Note: checked\r\nAuto-Submitted")
    edited_at(file, data[: len(data) // 2], minutes(0))
    assert codes(pass_outbox(asked.office, NOW)) == ["being_written"]
    assert codes(pass_outbox(asked.office, minutes(1))) == ["not_whole"] and not sink.letters
    edited_at(file, data, minutes(1))
    assert passed(asked, minutes(2)) == []
    assert sink.letters[0].message["X-Note"] == "checked"
    assert letters(asked, "sent")[0].read_bytes() == data == (asked.folder / "archive" / only(asked).path).read_bytes()


def test_an_edit_in_pending_goes_when_it_is_approved_by_command(asked: AnsweringOffice, sink: Sink) -> None:
    (file,) = letters(asked, "pending")
    edited_at(file, file.read_bytes().replace(b"Auto-Submitted", b"X-Note: 1\r\nAuto-Submitted"), minutes(-1))
    approved = approve_documents(asked.office, Selection(kinds=["receipt"]), WHO, NOW)
    assert [v.amended for v in approved.documents] == [True]
    assert passed(asked) == [] and sink.letters[0].message["X-Note"] == "1"


@pytest.mark.parametrize("head", [b"Subject: other\r\n", b"Subject: other\r\nMessage-ID: <another@a.example>\r\n"])
def test_another_letter_under_its_name_is_not_sent(asked: AnsweringOffice, sink: Sink, head: bytes) -> None:
    edited_at(move(asked, "approved"), head + b"\r\nother\r\n", minutes(-1))
    assert codes(passed(asked)) == ["another_letter"] and not sink.letters
    assert only(asked).state is LetterState.REVIEW


def test_another_letter_is_not_approved_by_command(asked: AnsweringOffice, sink: Sink) -> None:
    (file,) = letters(asked, "pending")
    edited_at(file, b"Subject: other\r\n\r\nother\r\n", minutes(-1))
    left = approve_documents(asked.office, Selection(kinds=["receipt"]), WHO, NOW)
    assert left.failure and "outbox.another_letter" in {problem.code for problem in left.problems}
    assert passed(asked) == [] and not sink.letters and lying(asked) == [f"pending/{PLACE}"]


def test_an_edit_saved_while_it_leaves_is_told_and_never_sent(asked: AnsweringOffice, sink: Sink) -> None:
    file = move(asked, "approved")
    sink.on_data = lambda: edited_at(file, file.read_bytes() + b"more", NOW)
    assert codes(passed(asked)) == ["receipt_went"]
    assert letters(asked, "sent")[0].read_bytes() == sink.letters[0].data
    assert file.read_bytes().endswith(b"more")
    again = approve_documents(asked.office, Selection(paths=[file]), WHO, minutes(1))
    assert again.failure and len(sink.letters) == 1
    assert not reject_documents(asked.office, Selection(paths=[file]), WHO, minutes(1)).failure
    assert passed(asked, minutes(1)) == [] and lying(asked) == [f"rejected/{PLACE}", f"sent/{PLACE}"]
    assert len(sink.letters) == 1 and only(asked).state is LetterState.SENT


def test_one_refused_goes_again_when_it_was_edited(asked: AnsweringOffice, sink: Sink) -> None:
    sink.rcpt.append("550 no such user")
    file = move(asked, "approved")
    assert codes(passed(asked))[-1] == "letter_refused"
    edited_at(file, file.read_bytes().replace(b"Auto-Submitted", b"X-Note: 1\r\nAuto-Submitted"), minutes(0))
    assert passed(asked, minutes(1)) == [] and lying(asked) == [f"sent/{PLACE}"]
    assert [got.message["X-Note"] for got in sink.letters] == ["1"]
    assert letters(asked, "sent")[0].read_bytes() == sink.letters[0].data


# --- what is strange --------------------------------------------------------------------------------------------


def test_one_that_is_gone_is_told(asked: AnsweringOffice) -> None:
    (file,) = letters(asked, "pending")
    data = file.read_bytes()
    file.unlink()
    assert codes(passed(asked)) == ["receipt_gone"]
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    assert passed(asked) == []


def test_one_that_lies_twice_is_told_and_not_sent(asked: AnsweringOffice, sink: Sink) -> None:
    data = move(asked, "approved").read_bytes()
    (asked.folder / "outbox" / "pending" / PLACE / version(asked).name).write_bytes(data)
    assert codes(passed(asked)) == ["twice"] and not sink.letters


def test_what_is_no_answer_of_ours_is_told(asked: AnsweringOffice) -> None:
    (asked.folder / "outbox" / "approved" / PLACE).mkdir(parents=True)
    (asked.folder / "outbox" / "approved" / PLACE / "mine.eml").write_bytes(b"Subject: a\r\n\r\nb\r\n")
    assert codes(passed(asked)) == ["not_ours"]


def test_one_that_was_sent_cannot_be_taken_back(asked: AnsweringOffice, sink: Sink) -> None:
    move(asked, "approved")
    passed(asked)
    move(asked, "pending", "sent")
    assert codes(passed(asked)) == ["was_sent"] and len(sink.letters) == 1


# --- what needs no review any more ------------------------------------------------------------------------------


def test_a_later_answer_takes_its_place(reviewed: AnsweringOffice) -> None:
    row: Row = {"service": "maintenance", "base": "м²", "tariff": "35", "from_month": "09.2026"}
    held = reviewed.ingest("tariffs", [row], received="2026-08-20")
    passed(reviewed)
    (first,) = letters(reviewed, "pending")
    edited_at(first, first.read_bytes() + b"\r\nmy words\r\n", minutes(-1))
    passed(reviewed)
    reviewed.release(held.id, "бумага", "2026-08-20")
    assert passed(reviewed) == []
    (second,) = letters(reviewed, "pending")
    assert first != second
    states = [v.state.value for v in reviewed.office.journal.documents.versions(kinds=["receipt"])]
    assert states == ["replaced", "pending"]
    (kept,) = (reviewed.folder / "archive" / "replaced").iterdir()
    assert kept.read_bytes().endswith(b"my words\r\n"), "an edit is not lost"


@pytest.mark.parametrize("state", ["pending", "approved"])
def test_one_whose_letter_staff_drop_leaves_the_outbox(asked: AnsweringOffice, sink: Sink, state: str) -> None:
    if state == "approved":
        move(asked, "approved")
        pass_outbox(asked.office, NOW)
        assert only(asked).state is LetterState.QUEUED
    resolve(asked.office, 1, False, NOW)
    assert passed(asked) == [] and not sink.letters and lying(asked) == []
    assert version(asked).state.value == "replaced"


def test_one_sent_without_review_leaves_pending(asked: AnsweringOffice, sink: Sink) -> None:
    resolve(asked.office, 1, False, NOW)
    resolve(asked.office, 1, True, NOW)
    assert passed(asked) == [] and len(sink.letters) == 1 and lying(asked) == []


def test_a_command_that_decides_puts_its_answer_up_at_once(
    reviewed: AnsweringOffice, runner: Runner, tmp_path: Path
) -> None:
    """No service need run, and nobody need ask for the outbox first."""
    file = tmp_path / "a.xlsx"
    head = {"БИН заказчика": bin_of("A")}
    file.write_bytes(workbook(reviewed.office.rules.forms["recalculations"], [ROW], head, "1"))
    given = ("--mailbox", "korrektirovki", "--from", "office@a.example", "--received-at", "2026-08-20T10:00:00")
    ran = runner.run("ingest", file, *given, "--home", reviewed.folder)
    assert ran.code == 0 and f"outbox/pending/{PLACE} " in ran.out
    assert lying(reviewed) == [f"pending/{PLACE}"] and only(reviewed).state is LetterState.REVIEW
    assert passed(reviewed) == [] and version(reviewed).state.value == "pending"


# --- homes of before --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["pending", "approved", "rejected"])
def test_an_answer_under_review_in_a_home_of_before_goes_on(reviewed: AnsweringOffice, sink: Sink, state: str) -> None:
    """Until 0018 answers lay in <state>/receipts, without a manifest and without a document in the journal."""
    reviewed.ingest("recalculations", [ROW], received="2026-08-20")
    before = only(reviewed)
    data = _as_before(reviewed, state)
    assert only(reviewed).state is LetterState.REVIEW
    assert passed(reviewed) == []
    expected = {"pending": ("review", f"pending/{PLACE}"), "approved": ("sent", f"sent/{PLACE}"),
                "rejected": ("dropped", f"rejected/{PLACE}")}[state]  # fmt: skip
    assert (only(reviewed).state.value, *lying(reviewed)) == expected
    assert [got.data for got in sink.letters] == ([data] if state == "approved" else [])
    assert only(reviewed).message_id == before.message_id


def _as_before(office: AnsweringOffice, state: str) -> bytes:
    """The answer as the program put it up before answers were documents."""
    from inbox_worker.outbox.letters import file_name
    from inbox_worker.outbox.receipts import write_letter

    letter = only(office)
    data = write_letter(office.office, letter, NOW)
    file = office.folder / "outbox" / state / "receipts" / file_name(letter.message_id)
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    return data


def test_the_list_is_empty_when_nothing_waits(reviewed: AnsweringOffice) -> None:
    assert list_documents(reviewed.office, Selection(), NOW) == OutboxResult([], [])
