"""The life of an act: made, delivered, then accepted, refused, or accepted by silence (4.3.7).

What answers say is kept by the decision about the letter (ledger/act_answers.py). Silence needs no
record: it is the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inbox_worker.contract.duty import due_after
from inbox_worker.core.model import Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.act_answers import SIGNED, ActAnswer
from inbox_worker.ledger.closes import NumberedDocument
from inbox_worker.ledger.letters import LetterState
from inbox_worker.month.office import Office

ACT = "customer.act"  # the term of the answer in rules/duties.yaml


class ActState(StrEnum):
    """A step of an act's life."""

    MADE = "made"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SILENT = "accepted by silence"


@dataclass(frozen=True)
class ActLife:
    """An act on a day. `delivered_on` None = not yet; `accepted_on`: services count as accepted on that day.

    `answer`: the form that answered, '' without one; `task` stands for a refusal.
    """

    number: str
    month: Period
    customer: str
    dated: date
    state: ActState
    delivered_on: date | None = None
    due: date | None = None
    accepted_on: date | None = None
    answer: str = ""
    answered_on: date | None = None
    task: str = ""
    reason: str = ""
    handed: bool = False  # over on paper

    def as_json(self) -> dict[str, str]:
        """Return it for programs."""
        return {
            "act": self.number, "month": str(self.month), "customer": self.customer, "state": self.state.value,
            **{
                name: day.isoformat() if day else ""
                for name, day in (("dated", self.dated), ("delivered", self.delivered_on), ("due", self.due),
                                  ("accepted", self.accepted_on))
            },
            "answer": self.answer, "task": self.task, "reason": self.reason,
        }  # fmt: skip


def find_acts(office: Office, on: date) -> list[ActLife]:
    """Return every act as it stood at the end of a day, in order of number."""
    delivered = _find_deliveries(office, on)
    answers: dict[tuple[str, str], list[ActAnswer]] = {}
    for answer in office.journal.act_answers.all():
        if to_almaty(answer.came_at).date() <= on:
            answers.setdefault((answer.customer, answer.act), []).append(answer)
    return [
        _live(
            office, act, delivered.get((act.customer, str(act.month))), answers.get((act.customer, act.number), []), on
        )
        for act in office.journal.closes.find_numbered("act")
    ]


def _live(office: Office, act: NumberedDocument, delivered: date | None, answers: list[ActAnswer], on: date) -> ActLife:
    """Follow one act: an answer to what was delivered again since does not count any more."""
    counting = [one for one in answers if delivered is None or to_almaty(one.came_at).date() >= delivered]
    rule = office.rules.duties[ACT]
    due = due_after(rule.term, delivered, office.rules) if delivered else None
    life = ActLife(act.number, act.month, act.customer, act.dated, ActState.MADE, delivered, due)
    if counting:
        return _follow_answer(life, counting[-1])
    if due is not None and due < on:
        return ActLife(**{**vars(life), "state": ActState.SILENT, "accepted_on": act.dated})
    return ActLife(**{**vars(life), "state": ActState.DELIVERED}) if delivered else life


def _follow_answer(life: ActLife, answer: ActAnswer) -> ActLife:
    signed = answer.answer == SIGNED
    known = {
        "state": ActState.ACCEPTED if signed else ActState.REFUSED,
        "accepted_on": answer.answered_on if signed else None,
        "answer": answer.submission,
        "answered_on": to_almaty(answer.came_at).date(),
        "task": answer.task,
        "reason": answer.reason,
    }
    return ActLife(**{**vars(life), **known})


def _find_deliveries(office: Office, on: date) -> dict[tuple[str, str], date]:
    """Return the day on which the last version of each act first reached its Customer, by БИН and month."""
    documents, found = office.journal.documents, dict[tuple[str, str], date]()
    acts = {version.id: version for version in documents.versions(kinds=["act"])}
    first: dict[int, date] = {}
    for proof in documents.proofs(states=[LetterState.SENT], kinds=["act"]):
        if proof.document in acts and proof.sent_at:
            day = to_almaty(datetime.fromisoformat(proof.sent_at)).date()
            first[proof.document] = min(day, first.get(proof.document, day))
    for number in sorted(first):  # a later version has a higher number
        if first[number] <= on:
            found[acts[number].bin, acts[number].month] = first[number]
    return found
