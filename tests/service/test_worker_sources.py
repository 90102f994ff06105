"""Every source feeds one pass: a bell wakes it at once, counting and order are the same, no clock misleads it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from worker_home import NOW, Hands, Place, under

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import ALMATY, Clock
from inbox_worker.service.drop_source import DropFolders
from inbox_worker.service.passes import Pass
from inbox_worker.service.worker import Worker
from inbox_worker.settings.log import Voice

READINGS = "readings-cold_water-samal"


class Letters:
    """A mailbox as a source sees it: letters come by a thread of their own, which rings."""

    pause = 3600.0

    def __init__(self) -> None:
        self.idle = threading.Event()
        self.done = threading.Event()
        self.inbox: list[bytes] = []
        self.moved: list[Arrival] = []
        self.tries: list[int] = []
        self.rang = 0.0
        self.took: list[float] = []
        self.ring: Callable[[], None] = lambda: None

    @contextmanager
    def listening(self, ring: Callable[[], None]) -> Iterator[None]:
        self.ring = ring
        yield

    def arrive(self, raw: bytes) -> None:
        """From another thread, when the worker waits."""
        assert self.idle.wait(60)
        self.rang = time.monotonic()
        self.inbox.append(raw)
        self.ring()

    def ready(self, tick: float) -> bool:
        self.idle.set()
        return bool(self.inbox)

    def take(self, work: Pass, now: datetime) -> bool:
        for raw in list(self.inbox):
            arrival = work.journal.arrival_from("INBOX/7", sha256(raw))
            arrival = arrival or work.stored("INBOX/7", partial(self._store, work, raw, now))
            assert arrival is not None
            arrival = work.take_up(arrival)
            self.tries.append(arrival.tries)
            if arrival.outcome:
                self.took.append(time.monotonic() - self.rang)
                self.moved.append(arrival)
                self.inbox.remove(raw)
                self.done.set()
        return False

    def _store(self, work: Pass, raw: bytes, now: datetime) -> Arrival:
        return work.pipeline.store(raw, "вода.xlsx", "bigoperators", now, "", "INBOX/7")

    def connected(self) -> Mapping[str, bool]:
        return {"bigoperators": True}


class Ender:
    """Ends the service by SIGTERM when something is so."""

    pause = 0.1

    def __init__(self, reached: Callable[[], bool]) -> None:
        self._reached = reached

    def listening(self, ring: Callable[[], None]) -> threading.Lock:
        return threading.Lock()

    def ready(self, tick: float) -> bool:
        if self._reached():
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    def take(self, work: Pass, now: datetime) -> bool:
        raise AssertionError("it is never ready")

    def connected(self) -> Mapping[str, bool]:
        return {}


def test_a_bell_of_any_thread_leads_to_a_decision_within_two_seconds(place: Place) -> None:
    place.set("scan_seconds: 0.5 ", "scan_seconds: 3600 ")
    letters = Letters()
    end = Ender(lambda: bool(letters.moved))
    end.pause = 3600.0  # only a bell wakes

    def post() -> None:
        letters.arrive(place.workbook(READINGS))
        letters.done.wait(60)
        letters.ring()  # the ender looks

    postman = threading.Thread(target=post)
    postman.start()
    with Worker(place.fresh(), clock=Clock(now=lambda: NOW), sources=[letters, end]) as worker:
        worker.run()
    postman.join()
    assert place.outcomes() == [("IW-000003", "вода.xlsx", "accepted")]
    assert letters.took[0] < 2


def test_a_letters_tries_are_counted_over_passes_as_a_files_are(place: Place) -> None:
    """4.3.2: it does not become late by our failure: the first moment of receipt stays."""
    data = place.workbook(READINGS)
    place.break_bytes(data)
    letters = Letters()
    letters.inbox.append(data)
    for days in range(3):
        with Worker(place.home, sources=[letters]) as worker:
            worker.once(NOW + timedelta(days=days))
    assert letters.tries == [1, 2, 3]
    [arrival] = place.arrivals()
    assert (arrival.outcome, arrival.place, arrival.received_at) == ("failed", "INBOX/7", NOW)
    assert "DamagedFile" in arrival.why


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
    end = Ender(lambda: not list(place.readings.glob("*.xlsx")))
    began = time.monotonic()
    with Worker(place.home, clock=Clock(now=jumping), sources=[end]) as worker:
        worker.run()
    assert time.monotonic() - began < 30
    assert len(place.arrivals()) == 3
    assert all(a.received_at <= datetime.now(ALMATY) + timedelta(days=max(moves)) for a in place.arrivals())


def test_a_file_rests_until_the_next_scan_by_time_passed(place: Place, hands: Hands) -> None:
    drop = DropFolders(place.home, Voice(), hands.clock)
    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook(READINGS))
    place.block_archive()
    with Worker(place.home, clock=hands.clock) as worker:
        worker._drop = drop
        worker._sources = [drop]
        assert not drop.ready(hands.ticks)
        hands.ticks += 0.2
        assert drop.ready(hands.ticks)
        worker._pass(NOW, [drop], undecided=True)
        hands.time += timedelta(days=1)
        assert not drop.ready(hands.ticks)
        hands.ticks += 0.5
        assert drop.ready(hands.ticks)


def test_tries_outlive_a_folder_that_is_away(place: Place, tmp_path: Path) -> None:
    """The network drive goes between two tries: the count and the moment of receipt stay."""
    data = place.workbook(READINGS)
    (place.readings / "a.xlsx").write_bytes(data)
    place.break_bytes(data)
    place.once()
    place.readings.rename(tmp_path / "away")
    worker = Worker(place.home)  # not entered: that would make the folder
    worker._pass(NOW, [], undecided=True)
    (tmp_path / "away").rename(place.readings)
    assert [(arrival.tries, arrival.outcome) for arrival in place.arrivals()] == [(2, None)]
    place.once()
    assert under(place.readings) == ["failed/IW-000003 a.xlsx", "failed/IW-000003 a.xlsx.why.txt"]
