"""Staff move files while the program works: nothing is raised, nothing goes twice, and what is told is true."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox import review
from inbox_worker.outbox.folders import Hashes
from inbox_worker.outbox.problems import Problem, merge_alike
from inbox_worker.outbox.review import chosen, move
from inbox_worker.outbox.round import deliver_all
from tests.outbox.desk import ACT, MONTH, NOW, TURNOVER, Desk
from tests.outbox.test_outbox_delivery import by
from tests.support.said import KK, RU


class Busy(Hashes):
    """Reads files as the program does; when it has read one of that name, staff do something."""

    def __init__(self, name: str, deed: Callable[[], object]) -> None:
        super().__init__()
        self._name, self._deed = name, deed
        self.done = False

    def of(self, path: Path) -> str:
        found = super().of(path)
        if path.name == self._name and not self.done:
            self.done = True
            self._deed()
        return found


@pytest.mark.parametrize(("was", "to"), [("pending", "approved"), ("approved", "pending"), ("approved", "rejected")])
@pytest.mark.parametrize("whole", [False, True], ids=["a file", "the folder"])
def test_a_file_moved_while_we_look_is_where_it_lies(
    was: str, to: str, whole: bool, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the two folders it is seen in both, or in none: neither is told, for neither is true."""
    desk.render(names=[ACT])
    desk.render("B", names=[ACT])
    if was != "pending":
        desk.move(ACT, "pending", was)
    desk.look()
    act, other = desk.file(was), desk.file("pending", who="B").read_bytes()

    def deed() -> None:
        if whole:
            desk.folder(to).parent.mkdir(parents=True, exist_ok=True)
            act.parent.rename(desk.folder(to))
        else:
            desk.move(ACT, was, to)

    busy = Busy(ACT, deed)
    monkeypatch.setattr(review, "_HASHES", busy)
    assert desk.look().problems == [] and busy.done
    assert desk.look().problems == []
    assert (desk.state(), desk.state(who="B")) == (to, "pending")
    assert [path for path in desk.lying() if desk.folder("x").name in path] == [
        f"{to}/{MONTH}/{desk.folder('x').name}/{ACT}"
    ]
    assert desk.file("pending", who="B").read_bytes() == other
    assert [m.state for m in desk.moves()][-1] == to


def throw(was: Path, to: Path) -> None:
    """The month's folder as one, or what is left of it file by file when the program just wrote a manifest there."""
    try:
        (was / MONTH).rename(to / MONTH)
    except OSError:
        for path in (path for name in (ACT, TURNOVER) for path in list(was.glob(f"{MONTH}/*/{name}"))):
            target = to / path.relative_to(was)
            with suppress(OSError):  # an emptied folder was just cleared away
                target.parent.mkdir(parents=True, exist_ok=True)
                path.rename(target)


@pytest.mark.parametrize("passes", [20, pytest.param(60, marks=pytest.mark.slow)])
def test_hands_that_move_folders_all_the_time_do_no_harm(desk: Desk, passes: int) -> None:
    """A month thrown to and fro between the folders while passes run; what is approved in the end leaves once."""
    office = by(desk.office, {"default": ("folder",)})
    for who in ("A", "B"):
        desk.render(who)
    desk.look()
    stop = threading.Event()
    turns = [0]

    def hands() -> None:
        (desk.root / "rejected").mkdir()
        while not stop.is_set():
            for was, to in (("pending", "rejected"), ("rejected", "pending")):
                throw(desk.root / was, desk.root / to)
                turns[0] += 1

    thread = threading.Thread(target=hands)
    thread.start()
    try:
        told = {problem.code for _ in range(passes) for problem in deliver_all(office, NOW)}
    finally:
        stop.set()
        thread.join()
    assert turns[0] > passes and told <= {"outbox.gone", "outbox.twice"}, "only what may seem so in passing"
    assert not (office.home.path / "exchange").exists(), "nothing was approved"
    assert len([path for path in desk.lying() if path.endswith((ACT, TURNOVER))]) == 4
    assert desk.look().problems == []
    state = desk.lying()[0].split("/")[0]
    assert {version.state.value for version in desk.out.versions()} == {state}
    (desk.root / "approved").mkdir(exist_ok=True)
    (desk.root / state / MONTH).rename(desk.root / "approved" / MONTH)
    for _ in range(2):
        assert deliver_all(office, NOW) == []
    assert len(list((office.home.path / "exchange").rglob("*.*x"))) == len(desk.out.proofs()) == 4
    assert {version.state.value for version in desk.out.versions()} == {"sent"}


def test_a_file_gone_between_the_look_and_the_command_is_left(desk: Desk) -> None:
    desk.render()
    desk.look()
    wanted = chosen(desk.office, (DocumentState.PENDING,))
    moved = desk.move(ACT, "pending", "approved")
    desk.file("pending", TURNOVER).unlink()
    verdict = move(desk.office, wanted, DocumentState.APPROVED, "command:aliya", NOW)
    assert [problem.code for problem in verdict.problems] == ["outbox.gone"]
    assert desk.state() == "approved" and moved.exists()
    assert not (desk.office.home.archive / "replaced").exists(), "the approved file is not put away for itself"


@pytest.mark.parametrize("alone", [True, False])
def test_a_file_gone_before_the_first_look_is_told(alone: bool, desk: Desk) -> None:
    """It was rendered, so a manifest names it: silence would look as if it were never made."""
    desk.render(names=[ACT] if alone else [ACT, TURNOVER])
    desk.file("pending").unlink()
    for _ in range(2):
        (problem,) = desk.look().problems
        assert (problem.code, problem.version) == ("outbox.gone", 0)
        assert problem.path == f"pending/{MONTH}/{desk.folder('pending').name}/{ACT}"
    desk.render(names=[ACT])
    assert desk.look().problems == [] and desk.state() == "pending"


def test_moved_before_the_first_look_and_made_again_is_one_document(desk: Desk) -> None:
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    desk.render(names=[ACT])
    assert desk.look().problems == []
    assert [(version.name, version.state.value) for version in desk.out.versions()] == [(ACT, "approved")]
    assert desk.lying() == [f"approved/{MONTH}/{desk.folder('x').name}/{ACT}"]


# --- a group in one line ------------------------------------------------------------------------------------------


def month_left_out(desk: Desk) -> None:
    (desk.root / "approved").mkdir()
    desk.folder("pending").rename(desk.root / "approved" / desk.folder("pending").name)


def month_put_into_sent(desk: Desk) -> None:
    (desk.root / "sent").mkdir()
    (desk.root / "pending" / MONTH).rename(desk.root / "sent" / MONTH)


def month_renamed(desk: Desk) -> None:
    (desk.root / "pending" / MONTH).rename(desk.root / "pending" / "2026-08")


def month_copied(desk: Desk) -> None:
    shutil.copytree(desk.root / "pending" / MONTH, desk.root / "approved" / MONTH)


def month_thrown_away(desk: Desk) -> None:
    shutil.rmtree(desk.root / "pending" / MONTH)


@pytest.mark.parametrize(
    ("deed", "code", "files"),
    [
        (month_left_out, "astray", 2),
        (month_put_into_sent, "sent_by_hand", 4),
        (month_renamed, "astray", 4),
        (month_copied, "twice", 4),
        (month_thrown_away, "gone", 4),
    ],
)
def test_a_group_in_a_wrong_place_is_one_line(deed: Callable[[Desk], None], code: str, files: int, desk: Desk) -> None:
    desk.render()
    desk.render("B")
    desk.look()
    deed(desk)
    problems = desk.look().problems
    assert [problem.code for problem in problems] == [f"outbox.{code}"] * files
    (line,) = merge_alike(problems)
    assert (line.others, line.path) == (files - 1, problems[0].path)
    for text in (line.text(RU), line.text(KK)):
        assert f"«{line.path}»" in text and f"{files - 1}" in text and f"«{line.folder}»" in text
        assert text.count("«") == text.count("»")
    if code == "astray":
        common = f"pending/{MONTH}" + (f"/{desk.folder('pending').name}" if files == 2 else "")
        assert f"{line.more}" == common, "where the whole group belongs"
    assert desk.look().blocked == {version.id for version in desk.out.versions()} - (
        {version.id for version in desk.out.versions() if "B" in version.folder[13:]} if files == 2 else set()
    )


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("wrong", ["another month", "another Customer"])
def test_a_folder_renamed_with_its_manifest_is_astray_and_is_mended_by_its_name(
    wrong: str, seen: bool, desk: Desk
) -> None:
    """4.1.8: documents never become another month's or another Customer's because somebody mistyped a folder."""
    desk.render()
    if seen:
        desk.look()
    right = desk.folder("pending")
    there = desk.folder("pending", month="2026-08") if wrong == "another month" else desk.folder("pending", "B")
    there.parent.mkdir(exist_ok=True)
    right.rename(there)
    for _ in range(2):
        problems = desk.look().problems
        assert {(problem.code, problem.more.rpartition("/")[0]) for problem in problems} == {
            ("outbox.astray", right.relative_to(desk.root).as_posix())
        }
        assert len(problems) == 2
    right.mkdir(parents=True, exist_ok=True)
    for name in (ACT, TURNOVER):
        (there / name).rename(right / name)
    assert desk.look().problems == [] == desk.look().problems
    assert [(v.month, v.bin, v.state.value) for v in desk.out.versions()] == [(MONTH, right.name[:12], "pending")] * 2
    assert set(desk.manifest("pending")) == {ACT, TURNOVER} and not there.exists()


def test_what_is_told_otherwise_stays_apart(desk: Desk) -> None:
    """Two letters, two months, two codes: each is a line of its own; the same problem twice is one."""
    one = Problem("outbox.gone", "pending/2026-09/x/a.docx", 1)
    apart = [
        one,
        Problem("outbox.gone", "approved/2026-09/x/a.docx", 2),
        Problem("outbox.gone", "pending/2026-10/x/a.docx", 3),
        Problem("outbox.was_sent", "pending/2026-09/x/a.docx", 4),
        Problem("outbox.letter_refused", "approved/2026-09/x/a.docx", 5, "a@x.example: 550 no"),
        Problem("outbox.letter_refused", "approved/2026-09/x/b.docx", 6, "b@x.example: 550 no"),
        Problem("outbox.unreadable", "/home/x/outbox/pending/2026-09/x/manifest.json cannot be read"),
        Problem("outbox.unreadable", "/home/x/outbox/pending/2026-09/y/manifest.json cannot be read"),
    ]
    assert merge_alike([*apart, one]) == apart
