"""Letters of a mailbox that are not fetched for now, and those whose fetching broke the connection."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from inbox_worker.receiving.imap import Listed, first_batch

_LONGEST = 900.0  # seconds until the next try of a letter that breaks the connection
_MOST_DOUBLED = 10  # times; a letter may break it for years


class PutOff:
    """Remember by UID which letters wait until when, as long as the numbers hold.

    A server may hang up at one letter each time (damaged there, too large for the line). So what was fetched when the
    connection broke comes after all others from then on, and alone; what breaks it alone waits ever longer.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds`: how long a letter is put off."""
        self._seconds = seconds
        self._until: dict[int, float] = {}  # monotonic seconds
        self._breaks: dict[int, int] = {}  # how often the connection broke at a letter
        self._fetched: list[int] = []
        self._numbers = 0

    def __bool__(self) -> bool:
        return bool(self._until)

    def __contains__(self, uid: int) -> bool:
        return uid in self._until

    def begin(self, uidvalidity: int) -> list[int]:
        """Begin with a new connection: every letter may be tried again, but those that break it. Return these."""
        if uidvalidity != self._numbers:
            self._breaks, self._fetched, self._numbers = {}, [], uidvalidity
        alone = len(self._fetched) == 1
        for uid in self._fetched:
            self._breaks[uid] = self._breaks.get(uid, 0) + 1
        breaking = self._fetched if alone and self._breaks[self._fetched[0]] > 1 else []
        now = time.monotonic()
        self._until = {uid: until for uid, until in self._until.items() if uid in self._breaks and until > now}
        for uid in breaking:
            self._until[uid] = now + min(_LONGEST, self._seconds * 2 ** min(self._breaks[uid], _MOST_DOUBLED))
        self._fetched = []
        return breaking

    def add(self, uids: Iterable[int]) -> None:
        """Put letters off."""
        self._until |= dict.fromkeys(uids, time.monotonic() + self._seconds)

    def due(self, uids: Iterable[int]) -> list[int]:
        """Return those of some letters that may be tried now, those that broke the connection last."""
        now = time.monotonic()
        self._until = {uid: until for uid, until in self._until.items() if until > now}
        return sorted((uid for uid in uids if uid not in self._until), key=lambda uid: (self._breaks.get(uid, 0), uid))

    def begin_batch(self, new: Sequence[Listed], raw_limit: int) -> list[Listed]:
        """Return the letters to be fetched next, which are to blame until `end_batch` if the connection breaks."""
        sound = [one for one in new if one.uid not in self._breaks]
        batch = first_batch(sound, raw_limit) or [min(new, key=lambda one: (self._breaks[one.uid], one.uid))]
        self._fetched = [one.uid for one in batch]
        return batch

    def end_batch(self) -> None:
        """Clear a batch of blame: all of it came, or the server said that it does not give it."""
        for uid in self._fetched:
            self._breaks.pop(uid, None)
        self._fetched = []
