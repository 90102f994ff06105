"""The life of an act: made, delivered, then accepted, refused, or accepted by silence; or cancelled (4.3.7).

What answers say is kept by the decision about the letter (ledger/act_answers.py). Silence needs no
record: it is the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from inbox_worker.contract.act_numbers import NumberedAct, find_acts_in_order
from inbox_worker.contract.duty import SILENCE, due_after
from inbox_worker.contract.events import ForceMajeure, days_longer, find_force_majeure
from inbox_worker.contract.sources import DutySources
from inbox_worker.core.model import Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.act_answers import SIGNED, ActAnswer
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.month.office import Office

ACT = "customer.act"  # the term of the answer in rules/duties.yaml
_TO_BE_DELIVERED = (DocumentState.PENDING, DocumentState.APPROVED)


class ActState(StrEnum):
    """A step of an act's life."""

    MADE = "made"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SILENT = SILENCE
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ActLife:
    """An act on a day. `delivered_on` None = not yet; `accepted_on`: services count as accepted on that day.

    `answer`: the form that answered, '' without one; `task` stands for a refusal. `handed`: it was given over on paper.
    `ended_by`: the number of the act that cancels it; `instead_of`: of the cancelled one that it was made anew for.
    `revision`: the last one that was delivered, 0 for none: it is what was accepted or refused. `waiting`: a later one
    that is to be delivered, 0 for none.
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
    handed: bool = False
    ended_by: str = ""
    ended_on: date | None = None
    instead_of: str = ""
    longer: int = 0  # calendar days that force majeure added to the term of the answer (9.3)
    of: NumberedAct | None = None
    revision: int = 0
    waiting: int = 0

    def is_of(self, version: Version) -> bool:
        """Return whether a version of a document is this act."""
        return self.of is not None and self.of.covers(version)

    def seen_from(self, version: Version) -> ActLife:
        """Return its life as one of its versions has it: nobody answered one that came after what was delivered."""
        if not self.revision or version.revision <= self.revision or self.state is ActState.CANCELLED:
            return self
        made = ActLife(self.number, self.month, self.customer, self.dated, ActState.MADE)
        return replace(made, instead_of=self.instead_of, of=self.of)

    def as_json(self) -> dict[str, str]:
        """Return it for programs."""
        return {
            "act": self.number, "month": str(self.month), "customer": self.customer, "state": self.state.value,
            **{
                name: day.isoformat() if day else ""
                for name, day in (("dated", self.dated), ("delivered", self.delivered_on), ("due", self.due),
                                  ("accepted", self.accepted_on))
            },
            "answer": self.answer, "task": self.task, "reason": self.reason, "cancelled_by": self.ended_by,
            "instead_of": self.instead_of, "waiting": str(self.waiting or ""),
        }  # fmt: skip


@dataclass(frozen=True)
class _Delivery:
    on: date
    handed: bool
    of: Version | None = None

    def came_before(self, answer: ActAnswer) -> bool:
        """Tell whether an answer can be to what was delivered: it came on that day or later, and was made by then."""
        made_at = self.of.made_at if self.of else ""
        made = not made_at or datetime.fromisoformat(made_at) <= answer.came_at
        return made and to_almaty(answer.came_at).date() >= self.on


@dataclass(frozen=True)
class _Lives:
    """Holds what is known of acts at the end of a day."""

    office: Office
    on: date

    @cached_property
    def answers(self) -> Mapping[tuple[str, str], list[ActAnswer]]:
        found: dict[tuple[str, str], list[ActAnswer]] = {}
        for answer in self.office.journal.act_answers.all():
            if to_almaty(answer.came_at).date() <= self.on:
                found.setdefault((answer.customer, answer.act), []).append(answer)
        return found

    @cached_property
    def versions(self) -> list[Version]:
        return self.office.journal.documents.versions(kinds=["act"])

    @cached_property
    def force_majeure(self) -> Mapping[str, list[ForceMajeure]]:
        """Return what Customers told of it by the day: the term of an answer is longer by it (9.3)."""
        found: dict[str, list[ForceMajeure]] = {}
        for event in find_force_majeure(DutySources(self.office, self.on)):
            found.setdefault(event.customer, []).append(event)
        return found

    @cached_property
    def deliveries(self) -> Mapping[int, _Delivery]:
        """The first delivery of each version that reached its Customer by the day, by the version's number."""
        found: dict[int, _Delivery] = {}
        for proof in self.office.journal.documents.proofs(states=[LetterState.SENT], kinds=["act"]):
            if proof.sent_at:
                day = to_almaty(datetime.fromisoformat(proof.sent_at)).date()
                known = found.get(proof.document)
                if day <= self.on and (known is None or day < known.on):
                    found[proof.document] = _Delivery(day, proof.way == "hand")
        return found

    def find_delivery(self, act: NumberedAct) -> _Delivery | None:
        """Return the delivery of the last version of an act that reached its Customer; later ones are numbered
        higher."""
        own = [one for one in self.versions if act.covers(one) and one.id in self.deliveries]
        return replace(self.deliveries[own[-1].id], of=own[-1]) if own else None

    def find_waiting(self, act: NumberedAct, delivered: int) -> int:
        """Return the revision of an act that is to be delivered in place of the one that was; 0 for none."""
        made = (one for one in self.versions if act.covers(one) and one.state in _TO_BE_DELIVERED)
        later = [
            one.revision
            for one in made
            if one.revision > delivered > 0 and to_almaty(datetime.fromisoformat(one.made_at)).date() <= self.on
        ]
        return max(later, default=0)


def find_acts(office: Office, on: date) -> list[ActLife]:
    """Return every act as it stood at the end of a day, in order of number."""
    lives = _Lives(office, on)
    return [_live(lives, act) for act in find_acts_in_order(office.journal, lives.versions)]


def _live(lives: _Lives, act: NumberedAct) -> ActLife:
    """Follow one act: an answer to what was delivered again since does not count any more."""
    delivery, known, on = lives.find_delivery(act), act.numbered, lives.on
    delivered = delivery.on if delivery else None
    answers = lives.answers.get((known.customer, known.number), ())
    counting = [one for one in answers if delivery is None or delivery.came_before(one)]
    term = lives.office.rules.duties[ACT].term
    due, longer = (due_after(term, delivered, lives.office.rules) if delivered else None), 0
    if delivered and due:
        longer = days_longer(lives.force_majeure.get(known.customer, ()), delivered, due, on)
        due += timedelta(longer)
    life = ActLife(known.number, known.month, known.customer, known.dated, ActState.MADE, delivered, due, longer=longer)
    life = replace(life, handed=bool(delivery and delivery.handed), instead_of=act.instead_of, of=act)
    revision = delivery.of.revision if delivery and delivery.of else 0
    life = replace(life, revision=revision, waiting=lives.find_waiting(act, revision))
    if act.ended and act.ended.dated <= on:
        ended = replace(life, state=ActState.CANCELLED, ended_by=act.ended.number, ended_on=act.ended.dated)
        return replace(_follow_answer(ended, counting[-1]), state=ActState.CANCELLED) if counting else ended
    if counting:
        return _follow_answer(life, counting[-1])
    if due is not None and due < on:
        return replace(life, state=ActState.SILENT, accepted_on=known.dated)
    return replace(life, state=ActState.DELIVERED) if delivered else life


def _follow_answer(life: ActLife, answer: ActAnswer) -> ActLife:
    signed = answer.answer == SIGNED
    return replace(
        life,
        state=ActState.ACCEPTED if signed else ActState.REFUSED,
        accepted_on=answer.answered_on if signed and not life.ended_by else None,
        answer=answer.submission,
        answered_on=to_almaty(answer.came_at).date(),
        task=answer.task,
        reason=answer.reason,
    )
