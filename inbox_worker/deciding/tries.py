"""Faults of ours while an arrival is decided: each try is counted, and after the last the arrival is set aside as
`failed`, so that no arrival stops another one.

An error that any other arrival would meet now, too (a full disk, the journal or the scanner out of reach), counts as
no try: it is raised, and everything waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from inbox_worker.core.errors import collect_faults, is_environment_down, reason_of
from inbox_worker.core.model import Arrival, Finding, Outcome
from inbox_worker.deciding.replies import queue_reply
from inbox_worker.deciding.wording import word
from inbox_worker.ledger.arrivals import FAILED_CODE
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import Opened, customers_for

TRIES = 3


class Faults:
    """Errors of steps that do not depend on each other: every step is done, then the first error is raised."""

    def __init__(self) -> None:
        self._found: list[Exception] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    @contextmanager
    def keep_error(self) -> Iterator[None]:
        """Keeps an error of the block. Raises it when nothing else would work, either."""
        found: list[Exception] = []
        with collect_faults(found):
            yield
        self._found += found
        if found and is_environment_down(found[0]):
            raise found[0]

    def raise_first(self) -> None:
        """Raises the first error; does nothing when there is none."""
        if self._found:
            raise self._found[0]


def try_to_decide(
    office: Office, arrival: Arrival, decide: Callable[[Arrival], Arrival], open_: Callable[[Arrival], Opened]
) -> tuple[Arrival, Exception | None]:
    """Make one try; return the arrival after it, and why it ended without a decision, None when there is one.

    The last try in vain sets the arrival aside, and so does one more, for the program ended in the last one. Raise what
    says that nothing works now.
    """
    if arrival.tries >= TRIES:
        return _set_aside(office, arrival, open_), None
    faults: list[Exception] = []
    with collect_faults(faults):
        return decide(arrival), None
    [error] = faults
    if is_environment_down(error):
        raise error
    tried = replace(arrival, tries=arrival.tries + 1, why=reason_of(error))
    if tried.tries >= TRIES:
        return _set_aside(office, tried, open_), error
    office.journal.arrivals.count_tries(tried.number, tried.tries, tried.why)
    return tried, error


def _set_aside(office: Office, arrival: Arrival, open_: Callable[[Arrival], Opened]) -> Arrival:
    """Give an arrival without a decision the outcome `failed`; its sender hears that it is here and that a person
    will look at it, if he can be known. What was decided of it (other forms) stays.

    Whom the sender speaks for is kept, so that a later try does not depend on the register of that day.
    """
    unreadable: list[Exception] = []
    opened = None
    with collect_faults(unreadable):
        opened = open_(arrival)
    if opened and opened.verdict is None:
        own = customers_for(arrival, opened.sender, office.journal.customers.at(arrival.received_at))
        arrival = replace(arrival, customers=tuple(customer.bin for customer in own))
    if opened:
        arrival = replace(arrival, sender=opened.sender, message_id=opened.message_id)
    with_answer: list[Exception] = []
    with collect_faults(with_answer):
        _record(office, arrival, opened)
    if with_answer:
        if is_environment_down(with_answer[0]):
            raise with_answer[0]
        _record(office, arrival, None)  # the fault may be the answer's own
    return replace(arrival, outcome=Outcome.FAILED)


def _record(office: Office, arrival: Arrival, opened: Opened | None) -> None:
    """The set-aside and, for a letter that was `opened` and believed, its answer, in one transaction."""
    finding = word(Finding(FAILED_CODE, value=arrival.why, facts={"number": arrival.id}), office.rules)
    with office.journal.transaction() as connection:
        office.journal.arrivals.set_aside(connection, arrival, [finding])
        if opened and opened.verdict in (None, Outcome.REJECTED):
            queue_reply(connection, office, arrival, opened, Outcome.FAILED, ())
