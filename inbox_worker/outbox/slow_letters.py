"""Letters of which the server has all and says nothing yet: the others go on, and are heard in between.

The sender keeps the home's lock on sending meanwhile, so each is `sending` in the journal, and a kill leaves it to
people as any letter that was cut off there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inbox_worker.core.waits import tell_wait
from inbox_worker.ledger.letters import Delivery
from inbox_worker.outbox.slow_answers import SlowAnswer

MOST_SLOW = 3  # connections that wait; with so many no other letter is begun
_SLICE = 0.5  # seconds between two looks whether the service is to end


@dataclass(frozen=True)
class SlowLetter:
    """A letter that left whole, at its so manieth try."""

    delivery: Delivery
    tries: int
    answer: SlowAnswer


def hear_slow(slow: list[SlowLetter], seconds: float, stop: Callable[[], bool]) -> Iterator[SlowLetter]:
    """Yield the letters whose answer is there, or was waited for long enough, and take them out of the list. Wait at
    most so many seconds, and no longer when the service is to end: each had its `timeout` before."""
    until, first = time.monotonic() + seconds, slow[0].answer
    with tell_wait(lambda: first.what, first.left):
        while slow and not stop() and (left := until - time.monotonic()) > 0:
            for one in list(slow):
                if one.answer.is_there(min(left, _SLICE / len(slow))) or one.answer.is_over():
                    slow.remove(one)
                    yield one
    if stop():
        yield from slow
        slow.clear()
