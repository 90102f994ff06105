"""Staff mended what was ours: failed arrivals are decided after all, under their numbers and times of receipt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.journal import Journal

_NUMBER = re.compile(r"IW-(\d{6,9})", re.IGNORECASE)


class RetryError(UseError):
    """An arrival cannot be tried again as asked; the text tells what to do."""


def to_retry(journal: Journal, identifiers: Sequence[str]) -> list[Arrival]:
    """Find the failed (or still undecided) arrivals that staff named, each once. Raises RetryError for any other."""
    return list(
        {arrival.number: arrival for arrival in (_find_undecided(journal, one) for one in identifiers)}.values()
    )


def every_failed(journal: Journal) -> list[Arrival]:
    """List all that waits: failed arrivals, and those without a decision."""
    return sorted(
        [*journal.arrivals.find_failed(), *journal.arrivals.find_undecided()], key=lambda arrival: arrival.number
    )


def retry(pipeline: Pipeline, arrival: Arrival, now: datetime) -> Arrival:
    """Decides a failed arrival with all its tries before it. Killed in between, it is undecided and taken up."""

    def also(connection: Connection) -> None:
        record_act(connection, "retry", arrival.id, now)

    again = pipeline.office.journal.arrivals.take_up_again(arrival.number, also)
    return pipeline.decide_or_set_aside(again) if again else arrival


def _find_undecided(journal: Journal, identifier: str) -> Arrival:
    found = _NUMBER.fullmatch(identifier.strip())
    if not found:
        raise RetryError(f"{identifier!r} is no number of an arrival; it looks like IW-000012")
    arrival = journal.arrivals.get(int(found[1]))
    if arrival.outcome not in (Outcome.FAILED, None):
        raise RetryError(f"{arrival.id} is decided: it is {arrival.outcome}; only what failed can be tried again")
    return arrival
