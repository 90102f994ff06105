"""Drop folders: what is taken, when it is complete, and what wakes the service. Real files, no sleeping."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from inbox_worker.receiving.drop_watch import Settled, Wakeup, scan


def put(folder: Path, name: str, data: bytes = b"x", changed: int = 1_000) -> Path:
    path = folder / name
    path.write_bytes(data)
    os.utime(path, (changed, changed))
    return path


def test_scan_passes_over_what_is_not_a_finished_file(tmp_path: Path) -> None:
    taken = put(tmp_path, "Показания.xlsx")
    for name in ("~$Показания.xlsx", ".~lock.a.ods#", "a.xlsx.tmp", "B.TMP", ".hidden", "c.part"):
        put(tmp_path, name)
    (tmp_path / "sub").mkdir()
    put(tmp_path / "sub", "in_sub.xlsx")
    (tmp_path / "link.xlsx").symlink_to(taken)
    assert scan(tmp_path) == [taken]


def test_scan_gives_the_longest_unchanged_first_then_by_name(tmp_path: Path) -> None:
    late, b, a = put(tmp_path, "0", changed=3_000), put(tmp_path, "b"), put(tmp_path, "a")
    assert scan(tmp_path) == [a, b, late]


def test_scan_of_an_absent_folder_is_empty(tmp_path: Path) -> None:
    assert scan(tmp_path / "absent") == []


def test_a_file_is_settled_after_the_quiet_period(tmp_path: Path) -> None:
    file, settled = put(tmp_path, "a.xlsx"), Settled(2)
    assert settled.find_settled([file], 0) == []
    assert settled.find_settled([file], 1.9) == []
    assert settled.find_settled([file], 2) == [file]
    assert settled.find_settled([file], 9) == [file]


@pytest.mark.parametrize(("data", "changed"), [(b"xy", 1_000), (b"y", 1_001)])
def test_a_file_still_being_written_starts_its_period_again(tmp_path: Path, data: bytes, changed: int) -> None:
    file, settled = put(tmp_path, "a.xlsx"), Settled(2)
    settled.find_settled([file], 0)
    put(tmp_path, "a.xlsx", data, changed)
    assert settled.find_settled([file], 2) == []
    assert settled.find_settled([file], 3.9) == []
    assert settled.find_settled([file], 4) == [file]


def test_a_file_that_went_and_came_back_is_new(tmp_path: Path) -> None:
    file, settled = put(tmp_path, "a.xlsx"), Settled(2)
    settled.find_settled([file], 0)
    file.unlink()
    assert settled.find_settled([file], 2) == []
    assert settled.waiting == 0
    put(tmp_path, "a.xlsx")
    assert settled.find_settled([file], 3) == []
    assert settled.waiting == 1


def test_without_a_quiet_period_a_file_is_settled_at_once(tmp_path: Path) -> None:
    file = put(tmp_path, "a.xlsx")
    assert Settled(0).find_settled([file], 7) == [file]


@pytest.mark.parametrize("polling", [None, 0.05])
def test_bell_rings_for_a_created_file(tmp_path: Path, polling: float | None) -> None:
    with Wakeup([tmp_path], polling) as wakeup:
        put(tmp_path, "a.xlsx")
        assert wakeup.wait(timeout=10)


def test_bell_rings_for_a_file_moved_in(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    file = put(tmp_path, "a.xlsx")
    with Wakeup([tmp_path / "in"]) as wakeup:
        file.rename(tmp_path / "in" / "a.xlsx")
        assert wakeup.wait(timeout=10)


def test_bell_does_not_ring_for_our_own_reading(tmp_path: Path) -> None:
    file = put(tmp_path, "a.xlsx")
    with Wakeup([tmp_path]) as wakeup:
        for _ in range(3):
            file.read_bytes()
        assert not wakeup.wait(timeout=0.3)


def test_bell_can_be_rung_by_hand_and_rings_once() -> None:
    wakeup = Wakeup([])
    wakeup.ring()
    assert wakeup.wait(timeout=0)
    assert not wakeup.wait(timeout=0)


@pytest.mark.parametrize("polling", [None, 0.05])
@pytest.mark.parametrize("how", ["removed", "renamed", "replaced"])
def test_a_folder_that_went_and_came_back_is_watched_again(tmp_path: Path, polling: float | None, how: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with Wakeup([folder], polling) as wakeup:
        assert wakeup.mend() == []
        if how == "removed":
            folder.rmdir()
        else:
            folder.rename(tmp_path / "away")
        if how != "replaced":
            assert wakeup.mend() == [folder]
        folder.mkdir()
        assert wakeup.mend() == []
        while wakeup.wait(timeout=0.2):
            pass  # what its going and coming rang
        put(folder, "a.xlsx")
        assert wakeup.wait(timeout=10)


def test_a_folder_that_is_away_at_the_start_is_watched_when_it_comes(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    with Wakeup([tmp_path, folder]) as wakeup:
        assert wakeup.mend() == [folder]
        folder.mkdir()
        assert wakeup.mend() == []
        while wakeup.wait(timeout=0.2):
            pass
        put(folder, "a.xlsx")
        assert wakeup.wait(timeout=10)


def test_any_thread_may_ring(tmp_path: Path) -> None:
    with Wakeup([tmp_path]) as wakeup:
        thread = threading.Thread(target=wakeup.ring)
        thread.start()
        assert wakeup.wait(timeout=10)
        thread.join()
