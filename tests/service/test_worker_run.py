"""`run` as a real process: decides what is dropped, ends cleanly, and is alone in its home."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from worker_home import Place, under

from tests.support.service import ServiceProcess
from tests.support.warm import run_warm


@contextmanager
def service(place: Place) -> Iterator[ServiceProcess]:
    """A service that speaks to people, as on a terminal."""
    place.set("logs: auto ", "logs: plain ")
    with ServiceProcess(place.home.path) as running:
        assert running.line().startswith("watching ")
        yield running


@pytest.mark.quick("15")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_dropped_files_are_decided_and_a_signal_ends_it_with_0(place: Place, number: signal.Signals) -> None:
    letter = place.letter("recalculations-minus-5")
    with service(place) as running:
        (place.corrections / "~$a.xlsx").write_bytes(b"x")
        shutil.copy(letter, place.corrections)
        assert f"IW-000003 korrektirovki/{letter.name} accepted" in running.line()
        (place.readings / "part.tmp").write_bytes(place.workbook("readings-cold_water-samal"))
        (place.readings / "part.tmp").rename(place.readings / "Показания.xlsx")
        assert "IW-000004 bigoperators/Показания.xlsx " in running.line()
        assert running.ended_by(number) == 0
        assert running.line() == "stopped\n"
        assert running.err == []
    [moved, lock] = under(place.corrections)
    assert moved.endswith(f"/IW-000003 {letter.name}") and lock == "~$a.xlsx"
    assert len(under(place.readings)) == 1


def test_a_hangup_ends_it_so_that_a_supervisor_starts_it_again(place: Place) -> None:
    """By systemd SIGHUP is a clean end, after which `Restart=on-failure` does nothing: a habit of `kill -HUP` would end
    the service for good."""
    with service(place) as running:
        assert running.ended_by(signal.SIGHUP) == 1
    assert "SIGHUP" in "".join(running.err)


@pytest.mark.slow
def test_polling_takes_what_lay_there_before_and_what_comes(place: Place) -> None:
    place.set("polling: false", "polling: true")
    first, second = place.letter("recalculations-minus-5"), place.letter("recalculations-minus-6")
    shutil.copy(first, place.corrections)
    with service(place) as running:
        assert f"IW-000003 korrektirovki/{first.name} accepted" in running.line()
        shutil.copy(second, place.corrections)
        assert f"IW-000004 korrektirovki/{second.name} accepted" in running.line()
        assert running.ended_by(signal.SIGTERM) == 0


def test_staff_may_work_while_it_runs(place: Place) -> None:
    file = place.home.path / "a.xlsx"
    file.write_bytes(place.workbook("readings-cold_water-samal"))
    with service(place) as running:
        done = run_warm("--home", str(place.home.path), "ingest", str(file), "--mailbox", "bigoperators")
        assert done.returncode == 0
        shutil.copy(file, place.readings)
        assert "IW-000004 bigoperators/a.xlsx duplicate" in running.line()
        assert running.ended_by(signal.SIGTERM) == 0


def test_a_second_run_says_so_and_ends_with_1(place: Place) -> None:
    with service(place) as running:
        second = run_warm("run", "--home", str(place.home.path))
        assert second.returncode == 1
        assert second.stdout == ""
        assert second.stderr.count("\n") == 1 and "watches" in second.stderr
        assert running.ended_by(signal.SIGTERM) == 0


def test_our_fault_while_it_runs_does_not_end_it(place: Place) -> None:
    place.block_archive()
    with service(place) as running:
        (place.readings / "a.xlsx").write_bytes(place.workbook("readings-cold_water-samal"))
        assert "inbox/bigoperators/a.xlsx: " in running.problem()
        place.mend_archive()
        assert "IW-000003 bigoperators/a.xlsx " in running.line()
        assert running.ended_by(signal.SIGTERM) == 0
    assert len(place.arrivals()) == 1
