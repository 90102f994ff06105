"""Every source ends in the journal: a ring wakes the worker at once, tries and room are counted, no clock misleads."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from worker_home import NOW, Hands, Place, under

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import ALMATY, Clock
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.receiving import drop_folder
from inbox_worker.receiving.drop_folder import DropFolders
from inbox_worker.receiving.store import Incoming, keep
from inbox_worker.service.health import look_at_health
from inbox_worker.service.worker import Worker
from inbox_worker.settings.log import ServiceLog
from tests.support.pass_killed import kill_pass
from tests.support.service import PATIENCE

READINGS = "readings-cold_water-samal"


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        threading.Event().wait(0.02)


@contextmanager
def ended_when(true: Callable[[], bool]) -> Iterator[None]:
    """End the service by SIGTERM when something is so."""

    def wait() -> None:
        _until(true)
        os.kill(os.getpid(), signal.SIGTERM)

    ender = threading.Thread(target=wait)
    ender.start()
    yield
    ender.join()


def test_what_any_thread_keeps_is_decided_within_two_seconds_of_its_ring(place: Place) -> None:
    """A source keeps what came in the journal and rings; nothing else is between it and the decision."""
    place.set("scan_seconds: 0.5 ", "scan_seconds: 3600 ")
    home, took = place.fresh(), list[float]()
    with Worker(home, clock=Clock(now=lambda: NOW)) as worker:

        def come() -> None:
            _until((home.ledger / "health.json").exists)
            with own_journal(home) as journal:
                keep(journal, home.archive, Incoming(place.workbook(READINGS), "вода.xlsx", "bigoperators", NOW))
            worker.ring()
            rang = time.monotonic()
            _until(lambda: bool(place.outcomes()[-1][2]))
            took.append(time.monotonic() - rang)

        source = threading.Thread(target=come)
        source.start()
        with ended_when(lambda: bool(took)):
            worker.run()
        source.join()
    assert place.outcomes() == [("IW-000003", "вода.xlsx", "accepted")]
    assert took[0] < 2


def test_tries_are_counted_over_passes_and_the_moment_of_receipt_stays(place: Place) -> None:
    """4.3.2: a form does not become late by our failure."""
    data = place.workbook(READINGS)
    place.break_bytes(data)
    with own_journal(place.home) as journal:
        number = journal.arrivals.register(
            Arrival(0, sha256(data), "bigoperators", "вода.xlsx", NOW, "", _raw(data))
        ).number
        tries = []
        for days in range(3):
            place.once(NOW + timedelta(days=days))
            tries.append(journal.arrivals.get(number).tries)
    assert tries == [1, 2, 3]
    [arrival] = place.arrivals()
    assert (arrival.outcome, arrival.received_at) == ("failed", NOW)
    assert "DamagedFile" in arrival.why


def _raw(data: bytes) -> str:
    return f"{NOW:%Y/%m}/{sha256(data)}"


def test_sources_take_nothing_more_while_too_much_waits(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be decided now must not fill the journal: it stays where it came in."""
    monkeypatch.setattr(drop_folder, "MOST_UNDECIDED", 2)
    for number in range(4):
        data = b"no workbook %d" % number
        (place.readings / f"{number}.xlsx").write_bytes(data)
        os.utime(place.readings / f"{number}.xlsx", (number, number))
        if number < 2:
            place.break_bytes(data)
    place.once()
    assert [(arrival.source, arrival.outcome) for arrival in place.arrivals()] == [("0.xlsx", None), ("1.xlsx", None)]
    place.mend_bytes(b"no workbook 0")
    place.once()
    outcomes = [(arrival.source, arrival.outcome) for arrival in place.arrivals()]
    assert outcomes == [("0.xlsx", "rejected"), ("1.xlsx", None), ("2.xlsx", "rejected"), ("3.xlsx", "rejected")]


@pytest.mark.slow
def test_what_the_program_ended_in_waits_until_the_program_lasts(place: Place) -> None:
    """A letter that was in hand when somebody killed the service three times is innocent: the others come first, and
    the program shows for a minute that it does not end by itself."""
    (place.readings / "a.xlsx").write_bytes(place.workbook(READINGS))
    for _ in range(2):  # the second time the try was counted
        kill_pass(place.home.path, "deciding.arrivals:Pipeline.decide", NOW)
    (place.readings / "b.xlsx").write_bytes(b"no workbook")
    ahead, seen = [0.0], list[list[str]]()

    def watch() -> None:
        _until(lambda: len(place.outcomes()) == 2 and bool(place.outcomes()[1][2]))
        seen.append([outcome for _, _, outcome in place.outcomes()])
        seen.append(look_at_health(place.home, Clock())["problems"])
        ahead[0] = 61.0
        _until(lambda: bool(place.outcomes()[0][2]))

    clock = Clock(now=lambda: NOW, tick=lambda: time.monotonic() + ahead[0])
    with Worker(place.home, clock=clock) as worker:
        watcher = threading.Thread(target=watch)
        watcher.start()
        with ended_when(lambda: not watcher.is_alive()):
            worker.run()
    assert seen[0] == ["", "rejected"]
    assert seen[1] == ["waits behind the others arrival=IW-000003 mailbox=bigoperators tries=1"]
    assert [outcome for _, _, outcome in place.outcomes()] == ["accepted", "rejected"]


@pytest.mark.quick("moves0")
@pytest.mark.parametrize("moves", [(-400, -401), (400, 0), (0, -3650, 3650)])
def test_a_clock_that_is_moved_neither_stops_nor_misleads_the_service(place: Place, moves: tuple[int, ...]) -> None:
    """Files dropped while the clock jumps are all decided; none counts as received later than now."""
    calls = 0

    def jumping() -> datetime:
        nonlocal calls
        calls += 1
        return datetime.now(ALMATY) + timedelta(days=moves[calls % len(moves)])

    for number in range(3):
        (place.readings / f"{number}.xlsx").write_bytes(b"no workbook %d" % number)
    began = time.monotonic()
    with (
        Worker(place.home, clock=Clock(now=jumping)) as worker,
        ended_when(lambda: not list(place.readings.glob("*.xlsx"))),
    ):
        worker.run()
    assert time.monotonic() - began < 30
    assert len(place.arrivals()) == 3
    assert all(a.received_at <= datetime.now(ALMATY) + timedelta(days=max(moves)) for a in place.arrivals())


def test_a_file_rests_until_the_next_scan_by_time_passed(place: Place, hands: Hands) -> None:
    drop = DropFolders(place.home, ServiceLog(), hands.clock)
    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook(READINGS))
    place.block_archive()

    def looked() -> bool:
        drop.look(hands.ticks)
        return drop.ready

    with own_journal(place.home) as journal:
        assert not looked()
        hands.ticks += 0.2
        assert looked()
        drop.take(journal, NOW)
        hands.time += timedelta(days=1)
        assert not looked()
        hands.ticks += 0.5
        assert looked()


def test_tries_outlive_a_folder_that_is_away(place: Place, tmp_path: Path) -> None:
    """The network drive goes between two tries: the count and the moment of receipt stay."""
    data = place.workbook(READINGS)
    (place.readings / "a.xlsx").write_bytes(data)
    place.break_bytes(data)
    place.once()
    place.readings.rename(tmp_path / "away")
    worker = Worker(place.home)  # not entered: that would make the folder
    worker._pass(NOW, due=True)
    (tmp_path / "away").rename(place.readings)
    assert [(arrival.tries, arrival.outcome) for arrival in place.arrivals()] == [(2, None)]
    place.once()
    assert under(place.readings) == ["failed/IW-000003 a.xlsx", "failed/IW-000003 a.xlsx.why.txt"]
