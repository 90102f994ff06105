"""The rounds of the service: each decides what waits in the journal, every arrival by one try."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox_worker.core.errors import collect_faults, reason_of
from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.report import arrival_json
from inbox_worker.deciding.tries import TRIES
from inbox_worker.ledger.journal import Journal
from inbox_worker.month.shared_anchors import share_anchors, write_anchor
from inbox_worker.outbox.anchor_letters import queue_anchor
from inbox_worker.service.health import MOST_NAMED, HealthReport
from inbox_worker.service.uncounted import note_when_down, take_back_uncounted
from inbox_worker.settings.log import Fact, ServiceLog, fault_facts

MOST_A_ROUND = 50  # arrivals; the home's lock is let go between rounds, so that staff's commands come through
_CUT_SHORT = "the program ended while it decided this; see its last words"


class Rounds:
    """Decide the arrivals of one home. `run` is used inside `lock_for_writing`, so of several workers one decides."""

    def __init__(self, service_log: ServiceLog, health_report: HealthReport, stop: threading.Event) -> None:
        self.failed: list[str] = []  # numbers of arrivals that were set aside by a fault of ours
        self.decided = 0
        self._service_log, self._health_report, self._stop = service_log, health_report, stop
        self._tried: set[int] = set()  # arrivals that got no decision since the last scan: one try a scan
        self._shared = False
        self._left: set[int] | None = None  # undecided when the program started, not tried by it yet

    def begin(self, journal: Journal, ledger: Path) -> None:
        """Know, before anything is taken, what an earlier program left undecided."""
        take_back_uncounted(ledger, journal)
        if self._left is None:
            self._left = {arrival.number for arrival in journal.arrivals.find_undecided()}

    def run(self, pipeline: Pipeline, now: datetime, due: bool, steady: bool) -> bool:
        """Decide what waits; with `due`, also what was tried before. Return True when more waits than a round takes.

        What the program ended in comes after all others, and only in a program that is `steady`: else who kills it
        again and again, or an outage, would have an innocent arrival set aside.
        """
        journal = pipeline.office.journal
        waiting = journal.arrivals.find_undecided()
        if due:
            self._tried.clear()
            self._tell_failed(journal)
            if not self._shared:  # what another machine wrote, or this one before there was a storage
                share_anchors(pipeline.office.home, journal)
                self._shared = True
            write_anchor(pipeline.office.home, journal, now)
            queue_anchor(pipeline.office, now)
        suspects = [arrival for arrival in waiting if self._is_suspect(arrival)]
        self._tell_suspects(suspects)
        waiting = [arrival for arrival in waiting if arrival not in suspects] + (suspects if steady else [])
        waiting = [arrival for arrival in waiting if arrival.number not in self._tried]
        for arrival in waiting[:MOST_A_ROUND]:
            if self._stop.is_set():
                break
            self._decide(pipeline, arrival, now)
        return len(waiting) > MOST_A_ROUND

    def _is_suspect(self, arrival: Arrival) -> bool:
        """Tell whether an earlier program ended in a counted try of the arrival, and this one has not tried it yet."""
        return arrival.number in (self._left or ()) and arrival.tries > 0 and arrival.why == _CUT_SHORT

    def _tell_suspects(self, suspects: Sequence[Arrival]) -> None:
        for arrival in suspects:
            place = f"{arrival.id} {arrival.mailbox}/{arrival.source}"
            text = f"{place}: the program ended while it decided this; it is tried again after the others"
            facts: dict[str, Fact] = {"arrival": arrival.id, "mailbox": arrival.mailbox, "tries": arrival.tries}
            self._service_log.problem(text, "waits behind the others", **facts)

    def _decide(self, pipeline: Pipeline, arrival: Arrival, now: datetime) -> None:
        """Make one try. After `TRIES` in vain the arrival is set aside as failed.

        An error that no arrival can be blamed for, a full disk above all, is no try: all wait until that is mended.
        """
        began = time.perf_counter()
        after, fault = self._counted_try(pipeline, arrival)
        if after.outcome:
            self.decided += 1
            self._tell(pipeline, after, time.perf_counter() - began, now)
        elif fault:
            self._tried.add(arrival.number)
            facts: dict[str, Fact] = {"arrival": after.id, "mailbox": after.mailbox, "tries": after.tries}
            text = f"{after.id} {after.mailbox}/{after.source}: {reason_of(fault)}; it is tried again"
            self._service_log.problem(text, "not decided", **facts, **fault_facts(fault))
        self._health_report.beat()

    def _counted_try(self, pipeline: Pipeline, arrival: Arrival) -> tuple[Arrival, Exception | None]:
        """Try to decide; give the arrival as it is then, and the fault that kept it from a decision.

        What was left undecided when the program started is counted before it is tried, for a bug that ends the whole
        program must not do so for ever. It is taken back when the try ended for a reason that counts as none, or was
        told to end.
        """
        left, ledger = self._left or set(), pipeline.office.home.ledger
        journal = pipeline.office.journal
        if arrival.number not in left or arrival.tries >= TRIES:
            return _try(pipeline, arrival)
        left.discard(arrival.number)
        journal.arrivals.count_tries(arrival.number, arrival.tries + 1, arrival.why or _CUT_SHORT)
        after = arrival
        try:
            after, fault = _try(pipeline, arrival)
            return after, fault
        finally:
            if after == arrival:
                with note_when_down(ledger, arrival):
                    journal.arrivals.count_tries(arrival.number, arrival.tries, arrival.why)

    def _tell_failed(self, journal: Journal) -> None:
        """Tell a standing problem while failed arrivals wait for staff."""
        failed = journal.arrivals.find_failed()
        if failed:
            some = ", ".join(arrival.id for arrival in failed[:MOST_NAMED])
            text = f"{len(failed)} not decided by a fault of ours: {some}; mend that, then `inbox-worker retry --all`"
            self._service_log.problem(text, "arrivals failed", count=len(failed), first=failed[0].id)

    def _tell(self, pipeline: Pipeline, arrival: Arrival, seconds: float, now: datetime) -> None:
        """Tell a decision in one line: time, number, file, outcome, first reason; and to those who count."""
        report = arrival_json(pipeline.office.journal, arrival, pipeline.office.home.archive)
        findings = report["findings"] + [f for s in report["submissions"] for f in s["findings"]]
        self._health_report.count_decision(arrival, [finding["code"] for finding in findings], seconds, now)
        if arrival.outcome is Outcome.FAILED:
            self.failed.append(arrival.id)
            text = f"{arrival.id} {arrival.mailbox}/{arrival.source} failed after {arrival.tries} tries: {arrival.why}"
            facts: dict[str, Fact] = {"arrival": arrival.id, "mailbox": arrival.mailbox, "tries": arrival.tries}
            self._service_log.problem(f"{text}; mend that, then: inbox-worker retry {arrival.id}", "set aside", **facts)
            return
        first = _select_finding(findings, bool(report["submissions"]))
        why = ""
        if first:
            clause = f" [{first['clause']}]" if first["clause"] else ""
            why = f": {' '.join(first[key] for key in ('code', 'cell') if first[key])}: {first['message']}{clause}"
        place = f"{arrival.id} {arrival.mailbox}/{arrival.source}"
        self._service_log.tell_decision(
            f"{now:%Y-%m-%d %H:%M:%S} {place} {report['outcome']}{why}",
            arrival=arrival.id,
            mailbox=arrival.mailbox,
            outcome=report["outcome"],
            **{key: first[key] for key in ("code", "cell", "clause") if first.get(key)},
            seconds=round(seconds, 3),
        )


def _try(pipeline: Pipeline, arrival: Arrival) -> tuple[Arrival, Exception | None]:
    faults: list[Exception] = []
    with collect_faults(faults):
        return pipeline.try_to_decide(arrival)
    return arrival, faults[0]


def _select_finding(findings: Sequence[Mapping[str, Any]], has_forms: bool) -> Mapping[str, Any]:
    """Return the finding that says most about an outcome: an error, else a warning, else (without a form) any."""
    for severity in ("error", "warning"):
        for finding in findings:
            if finding["severity"] == severity:
                return finding
    return findings[0] if findings and not has_forms else {}
