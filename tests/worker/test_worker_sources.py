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
from worker_home import NOW, Hands, Place

from inbox_worker.calendar import ALMATY
from inbox_worker.files import sha256
from inbox_worker.model import Arrival
from inbox_worker.service.attempts import Attempt
from inbox_worker.service.clock import Clock
from inbox_worker.service.drop_source import DropFolders
from inbox_worker.service.passes import Pass, Thing
from inbox_worker.service.voice import Voice
from inbox_worker.worker import Worker

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
        self.breaks: BaseException | None = None
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
            thing = Thing("bigoperators", sha256(raw), "INBOX/1/7", now)
            attempt, arrival = work.decided(thing, partial(self._decide, work, raw), lambda mine: False)
            self.tries.append(attempt.tries)
            if arrival:
                self.took.append(time.monotonic() - self.rang)
                self.moved.append(arrival)
                self.inbox.remove(raw)
                work.attempts.forget(attempt)
                self.done.set()
        return False

    def _decide(self, work: Pass, raw: bytes, since: datetime) -> Arrival:
        if self.breaks:
            raise self.breaks
        return work.pipeline.ingest(raw, "вода.xlsx", "bigoperators", since)

    def holds(self, attempt: Attempt) -> bool:
        return "/" in attempt.name

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

    def holds(self, attempt: Attempt) -> bool:
        return False

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
    assert place.attempts() == []


def test_a_letters_tries_are_counted_over_passes_as_a_files_are(place: Place) -> None:
    letters = Letters()
    letters.inbox.append(place.workbook(READINGS))
    letters.breaks = FileExistsError(17, "ours")
    for _ in range(4):
        with Worker(place.home, sources=[letters]) as worker:
            worker.once(NOW)
    assert letters.tries == [1, 2, 3, 3]
    [attempt] = place.attempts()
    assert (attempt.name, attempt.tries, attempt.received_at) == ("INBOX/1/7", 3, NOW)


def test_the_first_trys_moment_of_receipt_stays(place: Place) -> None:
    """4.3.2: a form does not become late by our failure."""
    letters = Letters()
    letters.inbox.append(place.workbook(READINGS))
    letters.breaks = FileExistsError(17, "ours")
    for days in range(2):
        with Worker(place.home, sources=[letters]) as worker:
            worker.once(NOW + timedelta(days=10 * days))
        letters.breaks = None
    assert [arrival.received_at for arrival in place.arrivals()] == [NOW]


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


def test_an_attempt_outlives_a_folder_that_is_away(place: Place, tmp_path: Path) -> None:
    """The network drive goes between two tries: the count and the moment of receipt stay."""
    (place.readings / "a.xlsx").write_bytes(place.workbook(READINGS))
    place.block_archive()
    place.once()
    place.readings.rename(tmp_path / "away")
    worker = Worker(place.home)  # not entered: that would make the folder
    worker._pass(NOW, [], undecided=True)
    (tmp_path / "away").rename(place.readings)
    assert [attempt.tries for attempt in place.attempts()] == [1]
