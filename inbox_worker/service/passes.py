"""One pass: what a kill left undecided, then what each source has, every thing exactly once.

Law of order: the bytes are stored and the arrival is numbered, its outcome is committed in the journal, the file (or
letter) is moved, its new place is noted. A kill between any two leads to the same end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.report import arrival_json
from inbox_worker.deciding.tries import TRIES, contained, reason_of
from inbox_worker.service.health import MOST_NAMED, Pulse
from inbox_worker.settings.log import Fact, Voice, fault_facts

_CUT_SHORT = "the program ended while it decided this; see its last words"


class Source(Protocol):
    """Where arrivals come from: the drop folders, a mailbox.

    A source may have threads of its own to listen, and rings the worker's bell from them. All its deciding goes
    through the `Pass` it is given, on the worker's own thread, under the home's lock.
    """

    def listening(self, ring: Callable[[], None]) -> AbstractContextManager[object]:
        """While in it, the source listens, and calls `ring` from whichever thread when something came."""

    @property
    def pause(self) -> float:
        """Seconds until it wants to be asked again when no bell rings."""

    def ready(self, tick: float) -> bool:
        """Whether it has something to take now; quick. `tick` are seconds of a clock that only grows."""

    def take(self, work: Pass, now: datetime) -> bool:
        """Takes a bounded part of what it has, one by one until `work.stopped`; True when more lies there."""

    def connected(self) -> Mapping[str, bool]:
        """By mailbox, whether its server is reached; empty when there is none to reach."""


class Pass:
    """Decides things and arrivals in one home. Use inside `context.writing`."""

    def __init__(
        self,
        pipeline: Pipeline,
        voice: Voice,
        pulse: Pulse,
        now: datetime,
        stop: threading.Event,
        survived: set[int],
    ) -> None:
        """`survived`: numbers of undecided arrivals that this program tried before; it adds to them."""
        self.pipeline = pipeline
        self.voice = voice
        self.journal = pipeline.office.journal
        self._pulse = pulse
        self.failed: list[str] = []  # numbers of arrivals that were set aside
        self._now = now
        self._stop = stop
        self._survived = survived
        self._tried: set[int] = set()  # arrivals that got no decision in this pass: one try a pass

    @property
    def stopped(self) -> bool:
        """Whether to end after the thing in hand."""
        return self._stop.is_set()

    def run(self, ready: Sequence[Source], undecided: bool) -> bool:
        """Undecided arrivals first, if asked, then what lies in the sources that are ready; True when more does."""
        for arrival in self.pipeline.in_turn(self.journal.arrivals.undecided() if undecided else []):
            if self.stopped:
                break
            self._resume(arrival)
        if undecided:
            self._tell_failed()
        more = [source.take(self, self._now) for source in ready if not self.stopped]
        return any(more)

    def stored(self, shown: str, store: Callable[[], Arrival]) -> Arrival | None:
        """Stores a thing that a source found; None when that fails: it stays where it is, and is tried again."""
        faults: list[Exception] = []
        with contained(faults):
            return store()
        self._tell_fault(shown, "not stored", faults[0])
        return None

    def take_up(self, arrival: Arrival) -> Arrival:
        """Makes one try, at most one a pass, to decide what is stored. After `TRIES` in vain it is set aside as failed.

        An error that no arrival can be blamed for, a full disk above all, is no try: all wait until that is mended.
        """
        if arrival.outcome or arrival.number in self._tried:
            return arrival
        began = time.perf_counter()
        faults: list[Exception] = []
        with contained(faults):
            arrival, error = self._try(arrival)
            faults += [error] if error and not arrival.outcome else []
        if faults:
            self._tried.add(arrival.number)
            self._survived.add(arrival.number)
            self._tell_fault(f"{arrival.id} {arrival.mailbox}/{arrival.source}", "not decided", faults[0], arrival)
        if arrival.outcome:
            self._tell(arrival, time.perf_counter() - began)
        self._pulse.beat()
        return arrival

    def _try(self, arrival: Arrival) -> tuple[Arrival, Exception | None]:
        if arrival.tries >= TRIES:  # the program ended in the last one
            return self.pipeline.set_aside(arrival), None
        tried = self.pipeline.try_to_decide(arrival)
        return tried.arrival, tried.error

    def _resume(self, arrival: Arrival) -> None:
        """Takes up what had no decision when its last pass or the program ended.

        Once a program the try is counted before it begins, for a bug that ends the whole program must not do so for
        ever. It is taken back when it ended for a reason that counts as none, or was told to end.
        """
        if arrival.tries >= TRIES or arrival.number in self._survived:
            self.take_up(arrival)
            return
        self.journal.arrivals.count_tries(arrival.number, arrival.tries + 1, arrival.why or _CUT_SHORT)
        try:
            after = self.take_up(arrival)
        except (KeyboardInterrupt, SystemExit):
            self._take_back(arrival)
            raise
        if after == arrival:
            self._take_back(arrival)

    def _take_back(self, arrival: Arrival) -> None:
        self.journal.arrivals.count_tries(arrival.number, arrival.tries, arrival.why)

    def _tell_failed(self) -> None:
        """A standing problem while failed arrivals wait for staff."""
        failed = self.journal.arrivals.failed()
        if failed:
            some = ", ".join(arrival.id for arrival in failed[:MOST_NAMED])
            text = f"{len(failed)} not decided by a fault of ours: {some}; mend that, then `inbox-worker retry --all`"
            self.voice.problem(text, "arrivals failed", count=len(failed), first=failed[0].id)

    def _tell_fault(self, shown: str, event: str, error: Exception, arrival: Arrival | None = None) -> None:
        facts: dict[str, Fact] = {**fault_facts(error)}
        if arrival:
            facts = {"arrival": arrival.id, "mailbox": arrival.mailbox, "tries": arrival.tries, **facts}
        self.voice.problem(f"{shown}: {reason_of(error)}; it is tried again", event, **facts)

    def _tell(self, arrival: Arrival, seconds: float) -> None:
        """A decision in one line: time, number, file, outcome, first reason; and to those who count."""
        report = arrival_json(self.journal, arrival, self.pipeline.office.home.archive)
        findings = report["findings"] + [f for s in report["submissions"] for f in s["findings"]]
        self._pulse.decided(arrival, [finding["code"] for finding in findings], seconds, self._now)
        if arrival.outcome is Outcome.FAILED:
            self.failed.append(arrival.id)
            text = f"{arrival.id} {arrival.mailbox}/{arrival.source} failed after {arrival.tries} tries: {arrival.why}"
            facts: dict[str, Fact] = {"arrival": arrival.id, "mailbox": arrival.mailbox, "tries": arrival.tries}
            self.voice.problem(f"{text}; mend that, then: inbox-worker retry {arrival.id}", "set aside", **facts)
            return
        first = _first_told(findings, bool(report["submissions"]))
        why = ""
        if first:
            clause = f" [{first['clause']}]" if first["clause"] else ""
            why = f": {' '.join(first[key] for key in ('code', 'cell') if first[key])}: {first['message']}{clause}"
        place = f"{arrival.id} {arrival.mailbox}/{arrival.source}"
        self.voice.say(
            f"{self._now:%Y-%m-%d %H:%M:%S} {place} {report['outcome']}{why}",
            "decided",
            arrival=arrival.id,
            mailbox=arrival.mailbox,
            outcome=report["outcome"],
            **{key: first[key] for key in ("code", "cell", "clause") if first.get(key)},
            seconds=round(seconds, 3),
        )


def _first_told(findings: Sequence[Mapping[str, Any]], has_forms: bool) -> Mapping[str, Any]:
    """The finding that says most about an outcome: an error, else a warning, else (without a form) any."""
    for severity in ("error", "warning"):
        for finding in findings:
            if finding["severity"] == severity:
                return finding
    return findings[0] if findings and not has_forms else {}
