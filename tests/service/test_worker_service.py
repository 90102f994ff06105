"""The service against its surroundings: folders that go and come, lock files, a disk without room."""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from worker_home import Place, under

from inbox_worker.settings.home import load_home
from tests.support.service import ServiceProcess

READINGS = "readings-cold_water-samal"


def decided(line: str) -> bool:
    return bool(json.loads(line)["event"] == "decided")


def about(event: str, line: str) -> bool:
    return bool(json.loads(line)["event"] == event)


@pytest.mark.quick("True")
@pytest.mark.parametrize("polling", [False, True])
def test_a_folder_that_goes_and_comes_back_is_served_again(place: Place, polling: bool, tmp_path: Path) -> None:
    if polling:
        place.set("polling: false", "polling: true")
    with ServiceProcess(place.home.path) as running:
        running.ready()
        place.readings.rename(tmp_path / "away")
        running.problem(lambda line: about("drop folder is away", line))
        place.readings.mkdir()
        (place.readings / "a.xlsx").write_bytes(place.workbook(READINGS))
        assert json.loads(running.line(decided))["arrival"] == "IW-000003"
        assert running.health()["state"] == "running"
        assert running.ended_by(signal.SIGTERM) == 0


@pytest.mark.quick("False")
@pytest.mark.parametrize("polling", [False, True])
def test_lock_and_partial_files_are_left_whatever_rings(place: Place, polling: bool) -> None:
    if polling:
        place.set("polling: false", "polling: true")
    left = ["~$a.xlsx", ".~lock.a.xlsx#", "a.xlsx.tmp", "b.part", "c.crdownload", ".d.xlsx"]
    with ServiceProcess(place.home.path) as running:
        running.ready()
        for name in left:
            (place.readings / name).write_bytes(b"x")
        (place.readings / "a.xlsx").write_bytes(place.workbook(READINGS))
        running.line(decided)
        assert running.ended_by(signal.SIGTERM) == 0
    assert len(place.arrivals()) == 1
    assert [path for path in under(place.readings) if "/" not in path] == sorted(left)


def test_killed_and_started_again_it_goes_on(place: Place) -> None:
    """The lock of a killed service does not keep the next one out, and its health file grows old by itself."""
    with ServiceProcess(place.home.path) as running:
        running.ready()
        running.kill()
        assert running.health()["state"] == "running"
    (place.readings / "a.xlsx").write_bytes(place.workbook(READINGS))
    with ServiceProcess(place.home.path) as running:
        running.line(decided)
        assert running.ended_by(signal.SIGTERM) == 0
    assert len(place.arrivals()) == 1


@pytest.fixture
def small_disk(place: Place, tmp_path: Path) -> Iterator[Place]:
    """The home on a disk of its own of 24 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a tmpfs cannot be mounted here (root can)")
    try:
        shutil.copytree(place.home.path, disk / "home")
        yield Place(load_home(disk / "home"), place.story)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(file: Path) -> None:
    """Takes the last byte of the disk."""
    with file.open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    ballast.write(b"\0" * size)


@pytest.mark.slow
def test_a_full_disk_is_waited_out_and_no_file_is_set_aside(small_disk: Place) -> None:
    """It would be three tries in a second and a half; the file still lies there, and is decided when there is room."""
    place = small_disk
    waiting = place.readings / "a.tmp"
    waiting.write_bytes(place.workbook(READINGS))
    ballast = place.home.path / "ballast"
    with ServiceProcess(place.home.path) as running:
        running.ready()
        fill(ballast)
        waiting.rename(place.readings / "a.xlsx")
        problem = json.loads(running.problem(lambda line: "health" not in line))
        assert problem["event"] in ("not stored", "not decided", "pass failed")
        with pytest.raises(AssertionError, match="no such line"):
            running.line(patience=4)
        assert (place.readings / "a.xlsx").exists()
        ballast.unlink()
        running.line(decided)
        assert running.ended_by(signal.SIGTERM) == 0
    [arrival] = place.arrivals()
    assert arrival.outcome is not None and arrival.outcome.posted
    assert [path.split("/")[0] for path in under(place.readings)] == ["taken"]


def test_room_that_is_missing_for_a_file_only_is_waited_for_too(place: Place) -> None:
    """The same without a disk of its own: no file of the service may grow, until it may again."""
    (place.readings / "a.tmp").write_bytes(place.workbook(READINGS))
    with ServiceProcess(place.home.path) as running:
        running.ready()
        before = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (100, before[1]))
        (place.readings / "a.tmp").rename(place.readings / "a.xlsx")
        running.problem(lambda line: "health" not in line)
        with pytest.raises(AssertionError, match="no such line"):
            running.line(patience=4)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, before)
        running.line(decided)
        assert running.ended_by(signal.SIGTERM) == 0
    [arrival] = place.arrivals()
    assert arrival.outcome is not None and arrival.outcome.posted
