"""10.12: a file that still changes or does not open is never mailed; what is in `sent` is what was mailed."""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
from pikepdf import Pdf

from inbox_worker.core.files import sha256
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox import review
from inbox_worker.outbox.review import approve_edits, chosen, unfit_to_move
from inbox_worker.outbox.round import deliver_all
from inbox_worker.outbox.settle import record_handed_over, settle
from inbox_worker.outbox.standing import OpenableFiles, Stillness, is_whole_letter, lines_of
from tests.outbox.desk import ACT, NOW, TURNOVER, Desk, docx, write_at
from tests.outbox.post import Counter, Post, files_of
from tests.outbox.test_outbox_delivery import by

SOON, LATER = NOW + timedelta(seconds=1), NOW + timedelta(seconds=5)
EDIT = docx("an edit, saved while the server answers")


def xlsx() -> bytes:
    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in range(200):
        book.active.append([row, "сумма", row * 31])  # type: ignore[union-attr]
    book.save(made)
    return made.getvalue()


def pdf() -> bytes:
    made = io.BytesIO()
    with Pdf.new() as document:
        for _ in range(20):
            document.add_blank_page()
        document.save(made)
    return made.getvalue()


def eml() -> bytes:
    letter = EmailMessage()
    letter["Subject"] = "a"
    letter.set_content("text")
    letter.add_attachment(b"0" * 500, maintype="application", subtype="pdf", filename="a.pdf")
    return letter.as_bytes()


KINDS = {
    ".xlsx": xlsx(),
    ".docx": docx("x" * 400),
    ".pdf": pdf(),
    ".zip": docx("z"),
    ".xml": b"<a><b/></a>",
    ".csv": "\ufeffсчёт;сумма\r\n".encode() + b"".join(b"%d;5,00\r\n" % number for number in range(200)),
    ".eml": eml(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_a_file_does_not_open(kind: str, tmp_path: Path) -> None:
    whole, data = OpenableFiles(), KINDS[kind]
    assert whole.is_whole(write_at(tmp_path / f"whole{kind}", data))
    for share in (0.0, 0.101, 0.3, 0.5, 0.9, 0.98):
        part = write_at(tmp_path / f"{share}{kind.upper()}", data[: int(len(data) * share)])
        assert not whole.is_whole(part), share
    assert not whole.is_whole(write_at(tmp_path / f"other{kind}", b"%PDF-1.7 of something else"))
    zeros = data[: len(data) // 2] + b"\0" * (len(data) - len(data) // 2)  # sized first, filled later
    assert not whole.is_whole(write_at(tmp_path / f"zeros{kind}", zeros))


def test_a_text_cut_at_the_end_of_a_line_has_too_few_lines(tmp_path: Path) -> None:
    """Half of a file of payments is as good a text as the whole."""
    data, whole = KINDS[".csv"], OpenableFiles()
    cut = data[: len(data) // 2]
    cut = cut[: cut.rindex(b"\r\n") + 2]
    lines = lines_of("a.csv", data)
    assert lines == 201 and whole.is_whole(write_at(tmp_path / "cut.csv", cut)) and lines_of("a.csv", cut) < lines
    more = data.replace(b"5,00", b"6,00", 1) + b"1002;1,00\r\n"
    assert whole.is_whole(write_at(tmp_path / "more.csv", more)), "an amendment by hand"
    assert lines_of("a.csv", more) > lines
    assert whole.is_whole(write_at(tmp_path / "windows.csv", "сумма\r\n".encode("cp1251")))


def test_half_a_csv_is_not_mailed(desk: Desk, post: Post, counter: Counter) -> None:
    desk.render(names=["payments-2026-09.csv"], text="\n1001;5,00\n1002;7,00\n")
    desk.look()
    path = desk.move("payments-2026-09.csv", "pending", "approved")
    whole = path.read_bytes()
    for part in (whole[:-5], whole[: whole.rindex(b"1002")], whole[:-9] + b"\0" * 9, whole.rstrip(b"\n")):
        write_at(path, part)
        assert codes(desk, post) == ["outbox.not_whole"] and counter.letters == []
    write_at(path, whole.replace(b"7,00", b"8,00"))
    assert codes(desk, post) == [] and len(counter.letters) == 2


def test_a_page_of_zeros_within_a_pdf_or_half_a_part_of_a_document_is_seen(tmp_path: Path) -> None:
    made = io.BytesIO()
    with Pdf.new() as document:
        page = document.add_blank_page()
        page.Contents = document.make_stream(b"0 0 m " * 3000)
        document.save(made, compress_streams=True)
    data, whole = made.getvalue(), OpenableFiles()
    assert whole.is_whole(write_at(tmp_path / "a.pdf", data))
    at = data.index(b"stream") + 12
    assert not whole.is_whole(write_at(tmp_path / "b.pdf", data[:at] + b"\0" * 20 + data[at + 20 :]))
    half = io.BytesIO()
    with zipfile.ZipFile(half, "w") as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("word/document.xml", "<w>half")
    assert not whole.is_whole(write_at(tmp_path / "a.docx", half.getvalue()))


def test_a_letter_without_its_end_is_no_letter() -> None:
    assert is_whole_letter(eml()) and not is_whole_letter(eml()[:-20]) and not is_whole_letter(b"")


def test_still_is_unchanged_for_the_quiet_period(tmp_path: Path) -> None:
    path, still = write_at(tmp_path / "a.csv", b"1", NOW), Stillness()
    assert not still.is_still(path, 2, SOON) and still.is_still(path, 2, NOW + timedelta(seconds=2))
    write_at(path, b"12", LATER + timedelta(days=1))  # another machine's clock
    assert not still.is_still(path, 2, LATER) and not still.is_still(path, 2, LATER + timedelta(seconds=1))
    assert still.is_still(path, 2, LATER + timedelta(seconds=2))
    write_at(path, b"123", LATER + timedelta(days=1))
    assert not still.is_still(path, 2, LATER + timedelta(seconds=3))


def codes(desk: Desk, post: Post, now: object = NOW) -> list[str]:
    """A pass, the sending, and what the pass tells."""
    told = [problem.code for problem in deliver_all(desk.office, now)]  # type: ignore[arg-type]
    post.send_due(now)  # type: ignore[arg-type]
    return sorted(set(told))


def test_a_file_still_being_copied_is_not_mailed_and_nothing_of_its_folder_is(
    desk: Desk, post: Post, counter: Counter
) -> None:
    """Staff copy a folder over the network: the act is there, half of the turnover is not."""
    desk.render()
    desk.look()
    workbook = KINDS[".xlsx"]
    desk.move(ACT, "pending", "approved")
    desk.file("pending", TURNOVER).unlink()
    write_at(desk.file("approved", TURNOVER), workbook[: len(workbook) // 3], NOW)
    assert codes(desk, post, SOON) == ["outbox.being_written"] and counter.letters == []
    write_at(desk.file("approved", TURNOVER), workbook[: len(workbook) // 2], NOW)  # it stands still: the cable is out
    assert "outbox.not_whole" in codes(desk, post, LATER)
    assert [set(files_of(letter)) for _, letter in counter.letters] == [{ACT}] * 2
    write_at(desk.file("approved", TURNOVER), workbook, LATER)
    assert codes(desk, post, LATER) == ["outbox.being_written"]
    assert codes(desk, post, LATER + timedelta(seconds=2)) == []
    assert [files_of(letter) for _, letter in counter.letters[2:]] == [{TURNOVER: workbook}] * 2


def test_a_copy_on_its_way_is_no_second_place(desk: Desk, post: Post) -> None:
    """Explorer copies between two drives: the original is there until the copy is whole."""
    desk.render(names=[ACT])
    desk.look()
    data = desk.file("pending").read_bytes()
    write_at(desk.file("approved"), data[:5], NOW)
    assert codes(desk, post, SOON) == ["outbox.being_written"]
    write_at(desk.file("approved"), data, SOON)
    desk.file("pending").unlink()
    assert codes(desk, post, SOON) == [], "these are the bytes that we rendered: nothing to wait for"


def test_a_command_leaves_what_does_not_open(desk: Desk) -> None:
    desk.render()
    write_at(desk.file("pending"), docx("my words")[:-30])
    desk.look()
    told = unfit_to_move(desk.office, chosen(desk.office, (DocumentState.PENDING,)), LATER)
    assert [(problem.code, problem.version) for problem in told] == [("outbox.not_whole", desk.version().id)]
    write_at(desk.file("pending"), docx("my words"), NOW)
    desk.look()
    (told,) = unfit_to_move(desk.office, chosen(desk.office, (DocumentState.PENDING,)), SOON)
    assert told.code == "outbox.being_written"
    assert unfit_to_move(desk.office, chosen(desk.office, (DocumentState.PENDING,)), LATER) == []


# --- what is in `sent` is what was mailed --------------------------------------------------------------------------


def on_its_way(desk: Desk, post: Post) -> bytes:
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    deliver_all(desk.office, NOW)
    return desk.file("approved").read_bytes()


def prove_kept(desk: Desk, counter: Counter, mailed_bytes: bytes) -> None:
    assert {files_of(letter)[ACT] for _, letter in counter.letters} == {mailed_bytes}
    assert desk.file("sent").read_bytes() == mailed_bytes and desk.file("approved").read_bytes() == EDIT
    sent, edit = desk.version(state="sent"), desk.version(state="approved")
    assert (sent.sha256_now, {p.sha256 for p in desk.out.proofs(sent.id)}) == (
        sha256(mailed_bytes),
        {sha256(mailed_bytes)},
    )
    assert (edit.sha256, edit.entry["edit_of"], desk.out.proofs(edit.id)) == (sha256(EDIT), sent.id, [])
    assert [move.note for move in desk.out.moves(edit.id)] == ["amended by hand"]


def test_saved_over_while_the_server_answers(desk: Desk, post: Post, counter: Counter) -> None:
    data = on_its_way(desk, post)
    write_at(desk.file("approved"), EDIT)
    assert desk.codes() == ["outbox.on_its_way"]
    post.send_due(NOW)
    for _ in range(3):
        assert codes(desk, post) == ["outbox.edited_meanwhile"]
    prove_kept(desk, counter, data)
    assert len(counter.letters) == 2, "an edit is not mailed by itself"


def test_saved_over_while_it_is_being_moved(
    desk: Desk, post: Post, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = on_its_way(desk, post)
    post.send_due(NOW)
    real = review.move_file

    def move_file(office: object, source: Path, target: Path, state: DocumentState) -> None:
        write_at(source, EDIT)
        real(office, source, target, state)  # type: ignore[arg-type]

    monkeypatch.setattr("inbox_worker.outbox.settle.move_file", move_file)
    assert codes(desk, post) == ["outbox.edited_meanwhile"]
    prove_kept(desk, counter, data)


def test_saved_after_it_was_put_away(desk: Desk, post: Post, counter: Counter) -> None:
    """Word still has it open, and saves to the place that it knows."""
    data = on_its_way(desk, post)
    post.send_due(NOW)
    assert codes(desk, post) == []
    write_at(desk.file("approved"), EDIT)
    assert codes(desk, post) == ["outbox.edited_meanwhile"]
    prove_kept(desk, counter, data)


@pytest.mark.parametrize("way", ["folder", "hand"])
def test_other_ways_put_away_what_left_too(way: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    office, data = by(desk.office, {"default": ("folder",)}), desk.file("approved").read_bytes()
    real = review.look_through
    monkeypatch.setattr("inbox_worker.outbox.settle._put_away", lambda *_: [])
    if way == "folder":
        deliver_all(office, NOW)
    else:
        desk.look()
        record_handed_over(office, chosen(office, (DocumentState.APPROVED,)), "бумага", "command:aliya", NOW)
    monkeypatch.undo()
    write_at(desk.file("approved"), EDIT)
    settle(office, NOW)
    assert [problem.code for problem in real(office, NOW).problems] == ["outbox.edited_meanwhile"]
    assert (desk.file("sent").read_bytes(), desk.file("approved").read_bytes()) == (data, EDIT)
    assert not any((office.home.archive / "leaving").glob("*")), "kept no longer than needed"


def test_an_edit_goes_as_the_next_revision_when_people_say_so(desk: Desk, post: Post, counter: Counter) -> None:
    data = on_its_way(desk, post)
    write_at(desk.file("approved"), EDIT)
    post.send_due(NOW)
    codes(desk, post)
    approve_edits(desk.office, [desk.version(state="approved")], "command:aliya", NOW)
    assert codes(desk, post) == [] == codes(desk, post)
    second = "act-2026-09 ред. 2.docx"
    assert [files_of(letter) for _, letter in counter.letters[2:]] == [{second: EDIT}] * 2
    assert (desk.file("sent").read_bytes(), desk.file("sent", second).read_bytes()) == (data, EDIT)
    assert desk.look().problems == [] and desk.version(second).revision == 2
    desk.render(names=[ACT])
    assert desk.look().problems == [], "the same close is not put up again"


def test_an_edit_can_be_rejected(desk: Desk, post: Post, counter: Counter) -> None:
    on_its_way(desk, post)
    write_at(desk.file("approved"), EDIT)
    post.send_due(NOW)
    codes(desk, post)
    desk.file("rejected").parent.mkdir(parents=True)
    shutil.move(desk.file("approved"), desk.file("rejected"))
    assert codes(desk, post) == [] and len(counter.letters) == 2
    assert [v.state.value for v in desk.out.versions()] == ["sent", "rejected"]


# --- copies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("act-2026-09 (1).docx", "act-2026-09 — копия.docx", "act-2026-09 (conflicted copy 2026-10-05).docx"),
        *("act-2026-09.sync-conflict-20261005-120000-ABCDEFG.docx", "Копия act-2026-09.docx"),
    ],
)
def test_an_equal_copy_is_told_as_such_and_harms_nothing(name: str, desk: Desk, post: Post, counter: Counter) -> None:
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    shutil.copy2(desk.file("approved"), desk.file("approved", name))
    assert codes(desk, post) == ["outbox.copy"]
    assert len(counter.letters) == 2, "the document itself is not kept by its copy"
    assert codes(desk, post) == ["outbox.copy"] == codes(desk, post), "of what was sent, too"
    assert desk.state() == "sent" and desk.file("approved", name).exists()
