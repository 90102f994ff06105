"""People review by moving files and folders: what is legal is recorded, what is not is told and left alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from inbox_worker.cli.homes import check_home
from inbox_worker.core.files import sha256_file
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.review import chosen, move
from inbox_worker.settings.texts import Spoken, shipped_texts
from tests.outbox.desk import ACT, MONTH, NOW, TURNOVER, Desk, docx, write_at
from tests.support.office import moment

LATER = moment("2026-10-06")


def test_a_rendered_document_is_known_and_waits(desk: Desk) -> None:
    desk.render()
    assert desk.look().problems == []
    version = desk.version()
    assert (version.state, version.kind, version.close_number, version.revision) == (DocumentState.PENDING, "act", 1, 1)
    assert version.sha256 == version.sha256_now == sha256_file(desk.file("pending"))
    assert [(m.was, m.state, m.who) for m in desk.moves()] == [("", DocumentState.PENDING, "program")]


def test_a_moved_file_is_recorded_with_who_when_and_hash(desk: Desk) -> None:
    desk.render()
    desk.look()
    path = desk.move(ACT, "pending", "approved")
    assert desk.look(LATER).problems == []
    last = desk.moves()[-1]
    assert (last.was, last.state, last.who) == ("pending", DocumentState.APPROVED, "folder")
    assert (last.at, last.sha256) == ("2026-10-06T00:00:00+05:00", sha256_file(path))
    assert desk.state(TURNOVER) == "pending"
    assert set(desk.manifest("approved")) == {ACT}
    assert set(desk.manifest("pending")) == {TURNOVER}


def test_a_move_before_the_first_look_is_understood_by_the_manifest_left_behind(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    assert desk.look().problems == []
    assert desk.state() == "approved"
    assert not desk.folder("pending").exists(), "an emptied folder goes"
    assert not (desk.root / "pending" / MONTH).exists()


@pytest.mark.parametrize("known", [True, False], ids=["looked at before", "not looked at before"])
def test_a_whole_customer_moved_at_once(known: bool, desk: Desk) -> None:
    desk.render("A")
    desk.render("B")
    if known:
        desk.look()
    desk.folder("approved").parent.mkdir(parents=True)
    desk.folder("pending").rename(desk.folder("approved"))
    assert desk.look().problems == []
    assert [desk.state(ACT), desk.state(TURNOVER), desk.state(ACT, "B")] == ["approved", "approved", "pending"]


def test_a_whole_month_moved_at_once_and_back(desk: Desk) -> None:
    desk.render("A")
    desk.render("B")
    desk.look()
    for was, to in (("pending", "rejected"), ("rejected", "approved"), ("approved", "pending")):
        (desk.root / to).mkdir(exist_ok=True)
        (desk.root / was / MONTH).rename(desk.root / to / MONTH)
        assert desk.look().problems == []
        assert {v.state.value for v in desk.out.versions()} == {to}
    assert [m.state for m in desk.moves()] == ["pending", "rejected", "approved", "pending"]


def test_a_hand_edited_document_is_recorded_as_amended_and_stays_so(desk: Desk) -> None:
    desk.render()
    desk.look()
    write_at(desk.file("pending"), docx("my words"))
    desk.look(LATER)
    assert desk.version().amended
    assert desk.moves()[-1].note == "amended by hand"
    amended = desk.manifest("pending")[ACT]["amended"]
    assert amended == {"sha256": sha256_file(desk.file("pending")), "noticed_at": "2026-10-06T00:00:00+05:00"}
    desk.move(ACT, "pending", "approved")
    desk.look()
    assert desk.manifest("approved")[ACT]["amended"]["sha256"] == amended["sha256"]
    assert desk.version().amended and desk.state() == "approved"
    desk.render()
    assert desk.look().problems == [], "the document it was made of does not come back"
    assert desk.lying() == sorted(p for p in desk.lying() if "pending" not in p or TURNOVER in p)


def test_edited_and_moved_in_one_go(desk: Desk) -> None:
    desk.render()
    desk.look()
    write_at(desk.move(ACT, "pending", "approved"), docx("my words"))
    assert desk.look().problems == []
    assert (desk.state(), desk.version().amended, desk.moves()[-1].note) == ("approved", True, "amended by hand")


def test_looking_again_changes_nothing(desk: Desk) -> None:
    desk.render()
    desk.move(ACT, "pending", "approved")
    desk.look()
    before = {path: path.stat().st_mtime_ns for path in desk.root.rglob("*")}
    assert desk.look(LATER).steps == []
    assert {path: path.stat().st_mtime_ns for path in desk.root.rglob("*")} == before


def test_a_new_rendering_takes_the_place_of_a_pending_one(desk: Desk) -> None:
    desk.render(text="first")
    desk.look()
    desk.render(text="second", close=2)
    assert desk.look().problems == []
    states = [(v.close_number, v.state.value) for v in desk.out.versions() if v.name == ACT]
    assert states == [(1, "replaced"), (2, "pending")]


def test_what_was_rejected_as_it_is_does_not_come_back_but_a_new_rendering_does(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "rejected")
    desk.look()
    desk.render(names=[ACT])
    assert desk.look().problems == [] and desk.lying() == [f"rejected/{MONTH}/{desk.folder('x').name}/{ACT}"]
    desk.render(names=[ACT], text="second")
    assert desk.look().problems == [] and desk.state() == "pending"


def test_a_newer_rendering_stops_an_approved_one_until_people_decide(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    desk.look()
    desk.render(names=[ACT], text="second", close=2)
    assert desk.codes() == ["outbox.newer_waits"]
    assert desk.look().blocked == {desk.version(state="approved").id}
    (newer,) = chosen(desk.office, (DocumentState.PENDING,))
    assert move(desk.office, [newer], DocumentState.APPROVED, "command:aliya", NOW).problems == []
    assert desk.file("approved").read_bytes().endswith(b"second")
    assert [v.state.value for v in desk.out.versions()] == ["replaced", "approved"]
    assert desk.out.moves(newer.id)[-1].who == "command:aliya"
    (kept,) = (desk.office.home.archive / "replaced").iterdir()
    assert kept.read_bytes().endswith(b"first"), "nothing people approved is thrown away"


def stranger(desk: Desk) -> None:
    desk.file("approved", "invoice.xlsx").parent.mkdir(parents=True)
    desk.file("approved", "invoice.xlsx").write_bytes(b"whose?")


def nowhere(desk: Desk) -> None:
    (desk.root / "approved").mkdir()
    (desk.root / "approved" / "act.docx").write_bytes(b"whose?")


def copied(desk: Desk) -> None:
    desk.folder("approved").mkdir(parents=True)
    shutil.copy(desk.file("pending"), desk.file("approved"))


def to_sent(desk: Desk) -> None:
    desk.move(ACT, "pending", "sent")


def deleted(desk: Desk) -> None:
    desk.file("pending").unlink()


def other_customer(desk: Desk) -> None:
    desk.folder("approved", "B").mkdir(parents=True)
    desk.file("pending").rename(desk.file("approved", "akt.docx", "B"))


def renamed(desk: Desk) -> None:
    desk.folder("approved").mkdir(parents=True)
    desk.file("pending").rename(desk.file("approved", "Акт.docx"))


def wrong_month(desk: Desk) -> None:
    (desk.folder("approved", month="2026-08")).mkdir(parents=True)
    desk.file("pending").rename(desk.folder("approved", month="2026-08") / ACT)


def customers_folder_lost(desk: Desk) -> None:
    (desk.root / "approved" / MONTH).mkdir(parents=True)
    desk.file("pending").rename(desk.root / "approved" / MONTH / ACT)


def month_left_out(desk: Desk) -> None:
    (desk.root / "approved").mkdir()
    desk.folder("pending").rename(desk.root / "approved" / desk.folder("pending").name)


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("deed", [other_customer, renamed, wrong_month, customers_folder_lost, month_left_out])
def test_our_document_in_a_wrong_place_is_never_called_a_strangers(
    deed: Callable[[Desk], None], seen: bool, desk: Desk
) -> None:
    """Also when it was moved before the program's first look: told where it belongs, not to be thrown away."""
    desk.render(names=[ACT])
    desk.render("B", names=[ACT])
    if seen or deed is month_left_out:  # that takes the only manifest along
        desk.look()
    deed(desk)
    problems = desk.look().problems
    assert desk.look().problems == problems, "it is told until it is mended"
    assert {problem.code for problem in problems} == {"outbox.astray"}
    assert [problem.more for problem in problems] == [f"pending/{MONTH}/{desk.folder('pending').name}/{ACT}"]


def test_another_customers_document_beside_our_own_is_named_as_such(desk: Desk) -> None:
    """4.1.17: acts of all Customers have one name. Of two copies either may stay; here one is somebody else's."""
    desk.render(names=[ACT])
    desk.render("B", names=[ACT])
    desk.look()
    desk.folder("approved", "B").mkdir(parents=True)
    shutil.copy(desk.file("pending"), desk.file("approved", ACT, "B"))
    (problem,) = desk.look().problems
    files = (desk.file("approved", ACT, "B"), desk.file("pending"))
    wrong, right = (path.relative_to(desk.root).as_posix() for path in files)
    assert (problem.code, problem.path, problem.more) == ("outbox.another_document", wrong, right)
    assert desk.state(who="B") == "pending", "it waits until that is mended"
    desk.file("approved", ACT, "B").unlink()
    assert desk.codes() == []


def test_check_tells_what_lies_where_it_may_not_and_changes_nothing(desk: Desk) -> None:
    desk.render(names=[ACT, TURNOVER])
    desk.look()
    assert check_home(desk.office.home.path, now=NOW) == []
    copied(desk)
    desk.file("approved", "invoice.xlsx").write_bytes(b"whose?")
    lying = desk.lying()
    told = check_home(desk.office.home.path, now=NOW)
    assert sorted(line.split(":")[0] for line in told) == ["outbox.not_ours", "outbox.twice"]
    assert desk.lying() == lying and desk.state() == "pending" and len(desk.moves()) == 1


def test_a_link_is_told_for_it_is_no_document(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.folder("approved").parent.mkdir(parents=True)
    desk.folder("approved").symlink_to(desk.folder("pending"))
    assert desk.codes() == ["outbox.not_ours"] and desk.state() == "pending"


@pytest.mark.parametrize(
    ("deed", "codes"),
    [
        (stranger, ["outbox.not_ours"]),
        (nowhere, ["outbox.not_ours"]),
        (copied, ["outbox.twice"]),
        (to_sent, ["outbox.sent_by_hand"]),
        (deleted, ["outbox.gone"]),
        (other_customer, ["outbox.astray"]),
    ],
)
def test_what_is_not_legal_is_told_and_left_alone(deed: Callable[[Desk], None], codes: list[str], desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.look()
    deed(desk)
    lying = desk.lying()
    assert desk.codes() == codes
    assert (desk.state(), desk.lying(), len(desk.moves())) == ("pending", lying, 1)
    assert desk.codes() == codes, "it is told until it is mended"


def test_a_broken_manifest_is_told_and_written_anew_when_the_journal_knows_every_file(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.look()
    manifest = desk.folder("pending") / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_text("{")
    assert desk.codes() == ["outbox.unreadable"]
    assert manifest.read_bytes() == whole and desk.codes() == []
    desk.file("pending", "unknown.docx").write_bytes(b"?")
    manifest.write_text("{")
    assert desk.codes() == desk.codes() == ["outbox.not_ours", "outbox.unreadable"]
    assert manifest.read_text() == "{", "it may have known the other file"


def test_a_document_whose_command_was_cut_short_is_told_as_such_and_the_next_one_ends_it(desk: Desk) -> None:
    """Killed between the file and its manifest; what is named otherwise is a stranger's."""
    desk.render(names=[ACT])
    (desk.folder("pending") / "manifest.json").unlink()
    desk.file("pending", "invoice.docx").write_bytes(b"whose?")
    assert desk.codes() == ["outbox.half_made", "outbox.not_ours"]
    [told] = [line for line in check_home(desk.office.home.path, now=NOW) if line.startswith("outbox.half_made")]
    assert "inbox-worker documents 2026-0" in told
    desk.render(names=[ACT])
    assert desk.codes() == ["outbox.not_ours"]


def test_an_edit_kept_beside_a_new_version_is_told_kindly(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.file("pending").write_bytes(b"my words")
    desk.render(names=[ACT], text="second")
    assert desk.codes() == ["outbox.edit_kept"]


def test_an_outdated_version_put_back_is_told(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.look()
    old = desk.file("pending").read_bytes()
    desk.render(names=[ACT], text="second")
    desk.look()
    desk.folder("approved").mkdir(parents=True)
    desk.file("approved").write_bytes(old)
    assert "outbox.outdated" in desk.codes()
    assert desk.state() == "pending"


def test_folders_of_others_and_scraps_of_programs_are_passed_over(desk: Desk) -> None:
    desk.render(names=[ACT])
    for name in (
        "sent/receipts/letter.eml",
        f"pending/{MONTH}/.DS_Store",
        "approved/Thumbs.db",
        "sent/~$act.docx",
        "approved/a.docx.TMP",
    ):
        (desk.root / name).parent.mkdir(parents=True, exist_ok=True)
        (desk.root / name).write_bytes(b"x")
    assert desk.codes() == []


def test_a_renamed_customer_keeps_his_documents(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.look()
    desk.folder("pending").rename(desk.folder("pending").with_name(f"{desk.folder('pending').name} жаңа"))
    assert desk.look().problems == []
    assert desk.version().folder.endswith("жаңа")


def test_every_problem_has_words_in_both_languages() -> None:
    texts = shipped_texts().spoken
    codes = {code for code in texts.of if code.startswith("outbox.")} - {"outbox.others"}
    assert len(codes) > 30 and all(isinstance(texts.of[code], Spoken) for code in codes)
    for code in codes:
        told = Problem(code, "П", more="М").as_json(texts)
        assert "П" in told["ru"] and "П" in told["kk"] and told["ru"] != told["kk"]
        assert "{" not in (told["ru"] + told["kk"]).replace("{folder: ...}", "")
