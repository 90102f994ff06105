"""Kills and our own faults: nothing is lost, doubled or laid at the sender's door."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from worker_home import NOW, Place, under

from inbox_worker.core.model import Arrival
from inbox_worker.deciding.arrivals import Pipeline
from tests.support.pass_killed import kill_pass
from tests.support.warm import run_warm

READINGS = "readings-cold_water-samal"
STEPS = [
    "receiving.drop_folder:keep",  # seen, nothing is stored
    "ledger.arrivals:Arrivals.register",  # the bytes are in the archive, the arrival has no number
    "deciding.arrivals:Pipeline.decide",  # stored, not decided
    "deciding.arrivals:Pipeline._finish_in",  # the form and its arrival stand in one transaction, not committed
    "receiving.drop_folder:put_taken",  # decided, not moved
    "ledger.arrivals:Arrivals.note_place",  # moved, its new place is not noted
]


@pytest.mark.quick("ledger.arrivals:Arrivals.register")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_file_is_decided_once(place: Place, step: str) -> None:
    data = place.workbook(READINGS)
    (place.readings / "a.xlsx").write_bytes(data)
    assert kill_pass(place.home.path, step, NOW) == -signal.SIGKILL
    place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]
    assert under(place.readings) == ["taken/2026-08/IW-000003 a.xlsx"]
    (place.readings / "a.xlsx").write_bytes(data)  # the customer really sends it again
    place.once()
    assert [outcome for _, _, outcome in place.outcomes()] == ["accepted", "duplicate"]
    assert len(under(place.readings)) == 2


def test_a_file_that_cannot_be_stored_stays_and_is_told(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is known of it yet: however often that is tried, it is no try of the file's."""
    (place.readings / "a.xlsx").write_bytes(place.workbook(READINGS))
    place.block_archive()
    for _ in range(4):
        place.once()
    assert "inbox/bigoperators/a.xlsx: " in capsys.readouterr().err
    assert under(place.readings) == ["a.xlsx"] and place.arrivals() == []
    place.mend_archive()
    place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]


def test_our_fault_is_tried_three_times_then_set_aside(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are decided meanwhile, and `health`, log and note name the number and the command."""
    data = place.workbook(READINGS)
    (place.readings / "a.xlsx").write_bytes(data)
    place.break_bytes(data)
    for tries in (1, 2):
        place.once()
        assert [(arrival.tries, arrival.outcome) for arrival in place.arrivals()[:1]] == [(tries, None)]
        assert under(place.readings) == ["a.xlsx"]
        (place.corrections / f"{tries}.xlsx").write_bytes(b"no workbook %d" % tries)
    place.once()
    assert [outcome for _, _, outcome in place.outcomes()] == ["failed", "rejected", "rejected"]
    assert under(place.readings) == ["failed/IW-000003 a.xlsx", "failed/IW-000003 a.xlsx.why.txt"]
    assert place.arrivals()[0].place == "inbox/bigoperators/failed/IW-000003 a.xlsx"
    words = (place.readings / "failed" / "IW-000003 a.xlsx.why.txt").read_text("utf-8")
    assert "DamagedFile" in words and words.count("inbox-worker retry IW-000003") == 2 and "Себебі" in words
    said = capsys.readouterr().err
    assert "tried again" in said and "IW-000003 bigoperators/a.xlsx failed after 3 tries" in said
    place.once()
    assert "1 not decided by a fault of ours: IW-000003" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a.xlsx", "IW-000003 a.xlsx"])
def test_a_failed_file_put_back_after_mending_is_decided_under_its_number(place: Place, name: str) -> None:
    data = place.workbook(READINGS)
    (place.readings / "a.xlsx").write_bytes(data)
    place.break_bytes(data)
    for _ in range(3):
        place.once()
    place.mend_bytes(data)
    (place.readings / "failed" / "IW-000003 a.xlsx").rename(place.readings / name)
    place.once()
    [arrival] = place.arrivals()
    assert (arrival.outcome, arrival.tries, arrival.why) == ("accepted", 0, "")
    assert f"taken/2026-08/IW-000003 {name}" in under(place.readings)


def test_retry_decides_it_and_moves_its_file_on(place: Place) -> None:
    data = place.workbook(READINGS)
    (place.readings / "a.xlsx").write_bytes(data)
    place.break_bytes(data)
    for _ in range(3):
        place.once()
    ran = run_warm("--home", str(place.home.path), "retry", "IW-000003")
    assert ran.returncode == 1 and ran.stderr.count("\n") == 1 and "inbox-worker retry IW-000003" in ran.stderr
    place.mend_bytes(data)
    ran = run_warm("--home", str(place.home.path), "retry", "--all")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]
    [moved] = under(place.readings)
    assert moved.startswith("taken/") and moved.endswith("/IW-000003 a.xlsx")
    assert place.arrivals()[0].place == f"inbox/bigoperators/{moved}"


def test_a_bug_of_ours_stops_one_file_not_all(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises, the next file is decided in the same pass."""
    bad, good = place.readings / "a.xlsx", place.readings / "b.xlsx"
    bad.write_bytes(place.workbook(READINGS))
    good.write_bytes(b"no workbook")
    os.utime(bad, (1_000_000, 1_000_000))  # the first in turn
    decide = Pipeline.decide

    def stumble(pipeline: Pipeline, arrival: Arrival) -> Arrival:
        if arrival.source == bad.name:
            raise MemoryError("a bug")
        return decide(pipeline, arrival)

    monkeypatch.setattr(Pipeline, "decide", stumble)
    place.once()
    assert [(source, outcome) for _, source, outcome in place.outcomes()] == [("a.xlsx", ""), ("b.xlsx", "rejected")]
    for _ in range(2):
        place.once()
    assert place.outcomes()[0] == ("IW-000003", "a.xlsx", "failed")


def test_a_bug_that_ends_the_program_does_so_a_few_times_only(place: Place) -> None:
    """As a crash inside a library does: no line of ours is reached. From the second start on every try is counted
    before it begins."""
    (place.readings / "a.xlsx").write_bytes(place.workbook(READINGS))
    for tries in range(4):
        assert kill_pass(place.home.path, "deciding.arrivals:Pipeline.decide", NOW) == -signal.SIGKILL
        assert [(arrival.tries, arrival.outcome) for arrival in place.arrivals()] == [(tries, None)]
    (place.readings / "b.xlsx").write_bytes(b"no workbook")
    place.once()
    assert [outcome for _, _, outcome in place.outcomes()] == ["failed", "rejected"]
    assert "ended while it decided" in place.arrivals()[0].why


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
