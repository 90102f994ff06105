"""The outbox's part of a pass of the service: what people moved, what goes by rule, what leaves, what arrived.

`pass_outbox` is called under the home's lock; letters are queued in it and sent by the sender afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from inbox_worker.ledger.sent_documents import Documents, DocumentState, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.bill_letters import months_to_send, send_bills
from inbox_worker.outbox.deliver import deliver
from inbox_worker.outbox.problems import Problem, folded
from inbox_worker.outbox.reconcile import Reconciled
from inbox_worker.outbox.review import FOLDER, approve_by_rule, look_through
from inbox_worker.outbox.settle import settle


def pass_outbox(office: Office, now: datetime) -> list[str]:
    """Gives what people must know, a line each; a standing problem is given again each time."""
    problems = list(deliver_all(office, now))
    if office.home.config.smtp:
        blocked = {problem.version for problem in problems}
        for month in months_to_send(office):
            problems += send_bills(office, month, now, blocked=blocked).problems
    return [problem.line(office.say) for problem in folded(problems)]


def deliver_all(
    office: Office,
    now: datetime,
    who: str = FOLDER,
    wanted: Callable[[Version], bool] = lambda version: True,
    dropped_too: bool = False,
) -> Sequence[Problem]:
    """Do all that is due: review, what the rules approve, answers to earlier letters, delivery, and again what arrived
    at once."""
    seen = look_through(office, now, who)
    out = office.journal.documents
    blocked = seen.blocked | waiting_with(out, seen)
    marks = out.marks()
    approve_by_rule(office, now, blocked)
    settle(office, now)
    begun = deliver(office, now, blocked, wanted, dropped_too)
    told = settle(office, now)
    if out.marks() != marks:  # manifests tell of what left; else reading a town's bills once a pass is enough
        seen = look_through(office, now)
    return [*seen.problems, *begun, *told]


def waiting_with(out: Documents, seen: Reconciled) -> set[int]:
    """Find approved documents of a Customer's month into whose folder something is still being written."""
    if not seen.writing:
        return set()
    return {v.id for v in out.versions((DocumentState.APPROVED,)) if (v.month, v.bin) in seen.writing and not v.account}
