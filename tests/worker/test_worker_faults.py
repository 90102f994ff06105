"""Kills and our own faults: nothing is lost, doubled or laid at the sender's door."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from worker_home import NOW, Place, under

from inbox_worker.model import Arrival
from inbox_worker.pipeline import Pipeline

READINGS = "readings-cold_water-samal"
_KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
import inbox_worker.service.attempts, inbox_worker.service.drop_source, inbox_worker.pipeline
from inbox_worker.config import load_home
from inbox_worker.worker import Worker

def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)

module, _, name = sys.argv[2].partition(":")
owner = sys.modules["inbox_worker." + module]
for part in name.split(".")[:-1]:
    owner = getattr(owner, part)
setattr(owner, name.split(".")[-1], die)
with Worker(load_home(Path(sys.argv[1]))) as worker:
    worker.once(datetime.fromisoformat(sys.argv[3]))
"""
STEPS = [
    "service.drop_source:take_in",  # the attempt is written, nothing is stored
    "pipeline:Pipeline.decide",  # stored, not decided
    "pipeline:Pipeline._finish_in",  # the form and its arrival stand in one transaction, not committed
    "service.drop_source:put_taken",  # decided, not moved
    "service.attempts:Attempts.forget",  # moved, the attempt still stands
]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_file_is_decided_once(place: Place, step: str) -> None:
    data = place.workbook(READINGS)
    (place.readings / "a.xlsx").write_bytes(data)
    command = [sys.executable, "-c", _KILLED, str(place.home.path), step, NOW.isoformat()]
    assert subprocess.run(command, check=False, timeout=120).returncode == -signal.SIGKILL
    place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]
    assert under(place.readings) == ["taken/2026-08/IW-000003 a.xlsx"]
    assert place.attempts() == []
    (place.readings / "a.xlsx").write_bytes(data)  # the customer really sends it again
    place.once()
    assert [outcome for _, _, outcome in place.outcomes()] == ["accepted", "duplicate"]
    assert len(under(place.readings)) == 2


def test_our_fault_is_tried_three_times_then_shown(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook(READINGS))
    place.block_archive()
    for _ in range(2):
        place.once()
        assert file.exists()
    place.once()
    assert under(place.readings) == ["failed/a.xlsx", "failed/a.xlsx.why.txt"]
    words = (place.readings / "failed" / "a.xlsx.why.txt").read_text("utf-8")
    assert "NotADirectoryError" in words or "FileExistsError" in words
    assert "inbox/bigoperators" in words and "қайта салыңыз" in words
    said = capsys.readouterr()
    assert "tried again" in said.err and "inbox/bigoperators/a.xlsx failed" in said.out
    assert place.arrivals() == []


def test_a_failed_file_put_back_after_mending_is_decided(place: Place) -> None:
    data = place.workbook(READINGS)
    (place.readings / "a.xlsx").write_bytes(data)
    place.block_archive()
    for _ in range(3):
        place.once()
    place.mend_archive()
    (place.readings / "failed" / "a.xlsx").rename(place.readings / "a.xlsx")
    place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]


def test_a_stored_arrival_that_cannot_be_decided_waits_for_staff(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its file goes to failed/, its number stays; the file put back is decided under that number."""
    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook(READINGS))
    command = [sys.executable, "-c", _KILLED, str(place.home.path), "pipeline:Pipeline.decide", NOW.isoformat()]
    subprocess.run(command, check=False, timeout=120)
    [arrival] = place.arrivals()
    raw = place.home.archive / arrival.raw
    raw.rename(raw.with_name("kept"))
    raw.mkdir()  # stands for a disk that does not give the bytes back
    for _ in range(4):
        place.once()
    assert under(place.readings) == ["failed/a.xlsx", "failed/a.xlsx.why.txt"]
    assert "IW-000003 got no decision 3 times" in capsys.readouterr().err
    raw.rmdir()
    (place.readings / "failed" / "a.xlsx").rename(file)
    place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]
    assert place.attempts() == []


def test_a_bug_of_ours_stops_one_file_not_all(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program may end by it three times; then the file is set aside and the next one is decided."""
    bad, good = place.readings / "a.xlsx", place.readings / "b.xlsx"
    bad.write_bytes(place.workbook(READINGS))
    good.write_bytes(b"no workbook")
    os.utime(bad, (1_000_000, 1_000_000))  # the first in turn
    decide = Pipeline.decide

    def stumble(pipeline: Pipeline, arrival: Arrival) -> Arrival:
        if arrival.source == bad.name:
            raise KeyError("a bug")
        return decide(pipeline, arrival)

    monkeypatch.setattr(Pipeline, "decide", stumble)
    for _ in range(3):
        with pytest.raises(KeyError):
            place.once()
    place.once()
    assert [source for _, source, outcome in place.outcomes() if outcome] == ["b.xlsx"]
    assert (place.readings / "failed" / "a.xlsx.why.txt").exists()
    monkeypatch.undo()
    (place.readings / "failed" / "a.xlsx").rename(bad)
    place.once()
    assert ("IW-000003", "a.xlsx", "accepted") in place.outcomes()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_told_and_tried_again(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    file: Path = place.readings / "a.xlsx"
    file.write_bytes(place.workbook(READINGS))
    file.chmod(0)
    for _ in range(4):
        place.once()
    assert "cannot be read" in capsys.readouterr().err
    file.chmod(0o600)
    place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]
