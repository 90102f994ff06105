"""The outbox's part of a pass of the service: what people moved, what goes by rule, what leaves, what arrived.

`pass_outbox` is called under the home's lock; letters are queued in it and sent by the sender afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from inbox_worker.bill_letters import months_to_send, send_bills
from inbox_worker.context import Office
from inbox_worker.delivering import Sender, deliver
from inbox_worker.ledger.outgoing import Outgoing, Version
from inbox_worker.outbox_judge import Problem
from inbox_worker.review import FOLDER, approve_by_rule, look_through
from inbox_worker.settling import settle


def pass_outbox(office: Office, sender: Sender | None, now: datetime) -> list[str]:
    """Gives what people must know, a line each; a standing problem is given again each time."""
    problems = deliver_all(office, sender, now)
    said = [str(problem) for problem in problems]
    if sender:
        blocked = {problem.version for problem in problems}
        for month in months_to_send(office):
            report = send_bills(office, sender, month, now, blocked=blocked)
            said += [str(problem) for problem in report.problems]
    return said


def deliver_all(
    office: Office,
    sender: Sender | None,
    now: datetime,
    who: str = FOLDER,
    wanted: Callable[[Version], bool] = lambda version: True,
) -> Sequence[Problem]:
    """Review, what the rules approve, answers to earlier letters, delivery, and again what arrived at once."""
    seen = look_through(office, now, who)
    out, blocked = Outgoing(office.journal), seen.blocked
    marks = out.marks()
    approve_by_rule(office, now, blocked)
    settle(office, sender, now)
    begun = deliver(office, sender, now, blocked, wanted)
    told = settle(office, sender, now)
    if out.marks() != marks:  # manifests tell of what left; else reading a town's bills once a pass is enough
        seen = look_through(office, now)
    return [*seen.problems, *begun, *told]
