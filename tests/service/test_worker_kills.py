"""The service killed again and again at random moments: every file has one outcome, lies in one place, is told once."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from worker_home import Place, under

from tests.support.service import ServiceProcess

FILES, KILLS = 40, 12


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_kills_at_random_moments_lose_and_double_nothing(place: Place, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(FILES):
        (place.readings / f"{number}.xlsx").write_bytes(b"no workbook %d" % number)
    for _ in range(KILLS):
        with ServiceProcess(place.home.path) as running:
            running.ready()
            # nobody says such a line: the time is up at a moment that nothing in the service knows of
            with pytest.raises(AssertionError, match="no such line"):
                running.line(lambda line: False, patience=chance.uniform(0.1, 1.5))
    place.once()
    arrivals = place.arrivals()
    assert sorted(Counter(a.source for a in arrivals).values()) == [1] * FILES
    assert all(arrival.outcome for arrival in arrivals)
    moved = under(place.readings)
    assert len(moved) == FILES and all(path.startswith("taken/") for path in moved)
